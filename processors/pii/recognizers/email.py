"""E-mail addresses, at internal hosts too: whether a domain is public says nothing about the person.

Works from each @ outwards, so that the time is linear whatever stands before it. No list of public suffixes is
consulted, hence no connection is opened to fetch one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_AT_DOMAIN: Final = re.compile(
    rf"(?:@|%40|\uff20)(?:{_LABEL}(?:\.{_LABEL}){{0,8}}\.(?:[^\W\d_]{{2,24}}|xn--[a-z0-9-]{{2,59}})"
    rf"|localhost\b|\[?(?:\d{{1,3}}\.){{3}}\d{{1,3}}\]?)",
    re.IGNORECASE,
)
_LOCAL_PART: Final = re.compile(r"[\w.+%'!#$*~^`-]")
_QUOTED_LOCAL_PART: Final = re.compile(r'"[^"\\\n]{1,64}"$')
_MAX_LOCAL_PART: Final = 256
_USERINFO: Final = re.compile(r"://[^\s/?#'\"<>]*")
_MAX_USERINFO: Final = 300


class EmailRecognizer:
    entity_type: Final = "EMAIL_ADDRESS"

    def find(self, text: str) -> Iterator[Finding]:
        done = 0
        for match in _AT_DOMAIN.finditer(text):
            start = at = match.start()
            floor = max(done, at - _MAX_LOCAL_PART)
            while start > floor and _LOCAL_PART.match(text, start - 1):
                start -= 1
            while start < at and not (text[start].isalnum() or text[start] == "_"):
                start += 1
            if start == at:
                quoted = _QUOTED_LOCAL_PART.search(text, max(done, at - 66), at)
                if quoted is None:
                    continue
                start = quoted.start()
            done = match.end()
            if text[start:at] != "git" and not _is_userinfo(text, at):
                yield Finding(self.entity_type, start, done, 1.0)


def _is_userinfo(text: str, at: int) -> bool:
    """`scheme://user:password@host` is for the recognizer of connection strings; the host is no person's."""
    scheme = text.rfind("://", max(0, at - _MAX_USERINFO), at)
    return scheme >= 0 and _USERINFO.fullmatch(text, scheme, at) is not None
