"""Hardware addresses (EUI-48): six pairs of hexadecimal digits, or three groups of four."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding

_MAC: Final = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})"
    r"|[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2})(?![\w-]|[:.]\w)"
)


class MacAddressRecognizer:
    entity_type: Final = "MAC_ADDRESS"

    def find(self, text: str) -> Iterator[Finding]:
        if text.count(":") < 5 and text.count("-") < 5 and text.count(".") < 2:
            return
        for match in _MAC.finditer(text):
            if len({*match[0].lower()} - {":", "-", "."}) > 1:  # neither zero nor broadcast: those name nobody
                yield Finding(self.entity_type, *match.span(), 1.0)
