"""IP addresses, version 4 and 6; not the ones that every machine has, and not a version number said to be one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.recognizer import said_before

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4: Final = re.compile(rf"(?<![\w.-])(?<!\d,)(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?\d))?(?![\w-]|\.\w)")
_V6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}+(?::[0-9A-Fa-f]{0,4}+){2,8}(?![\w:]|\.\d)")
_VERSION: Final = re.compile(
    r"(?:\bv|\bversions?|\brelease|\bbuild|\bpatch|\bfirmware|\bdriver|\bbumps?|\bupgrade[ds]?|==|>=|<=|~=|\^)\W{0,3}(?:to )?$"
    r"|(?:chrom(?:e|ium)|crios|edg[ae]?|opr|vivaldi|yabrowser)/$",  # of browsers: always four numbers
    re.IGNORECASE,
)


class IpAddressRecognizer:
    entity_type: Final = "IP_ADDRESS"

    def find(self, text: str) -> Iterator[Finding]:
        if text.count(".") >= 3:
            for match in _V4.finditer(text):
                if match[0].startswith(("0.", "127.0.0.1", "255.255.")) or said_before(
                    _VERSION, text, match.start(), 16
                ):
                    continue
                yield Finding(self.entity_type, *match.span(), 0.8)
        if text.count(":") >= 2:
            for match in _V6.finditer(text):
                if _names_a_host(match[0]):
                    yield Finding(self.entity_type, *match.span(), 0.8)


def _names_a_host(value: str) -> bool:
    if not any(map(str.isdigit, value)) or max(map(len, value.split(":"))) < 3:
        return False  # `Face::Add`, `words[::2]`
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
