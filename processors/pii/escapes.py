r"""Reading through escapes: of JSON that is cut off, quoted or logged twice, of Python's reprs, of HTML and of URLs.

`j\u0040example.com`, `j&#64;example.com` and `j%40example.com` are e-mail addresses and `\nJohn` begins with a line
break; a detector sees none of it unless the text is decoded, and what it then finds has to be taken out of the text as
it stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from processors.pii.findings import Finding

_UTF8_TAIL: Final = r"%[89ABab][0-9A-Fa-f]"
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00[01][0-9a-fA-F]{5}|u\{[0-9a-fA-F]{1,5}\}"
    r"|x[2-7][0-9a-fA-F]|[\"\\/bfnrt'])"
    r"|&(?:#(?:[0-9]{2,6}|[xX][0-9a-fA-F]{2,5})|amp|lt|gt|quot|apos|nbsp|commat|period|plus|sol|colon|num|lowbar|hyphen);"
    rf"|%(?:[2-7][0-9A-Fa-f]|[Cc][2-9A-Fa-f]{_UTF8_TAIL}|[Dd][0-9A-Fa-f]{_UTF8_TAIL}|[Ee][0-9A-Fa-f](?:{_UTF8_TAIL}){{2}}|[Ff][0-4](?:{_UTF8_TAIL}){{3}})"
)
_SIMPLE: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "'": "'"}
_NAMED: Final = {
    "amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " ", "commat": "@", "period": ".", "plus": "+", "sol": "/",
    "colon": ":", "num": "#", "lowbar": "_", "hyphen": "-",
}  # fmt: skip
_MARKS: Final = ("\\", "&", "%")
_MAX_LAYERS: Final = 4
_MAX_CODE_POINT: Final = 0x10FFFF


def _unescaped(escape: str) -> str:
    """One character."""
    body = escape[1:].removesuffix(";")
    match escape[0]:
        case "%":
            return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")[:1]
        case "&" if body[0] != "#":
            return _NAMED[body]
        case "&":
            return _char(int(f"0{body[1:]}", 0) if body[1] in "xX" else int(body[1:]))
    if body in _SIMPLE:
        return _SIMPLE[body]
    if len(body) > 9:  # two halves of a surrogate pair
        return chr(0x10000 + ((int(body[1:5], 16) & 0x3FF) << 10) + (int(body[7:], 16) & 0x3FF))
    return _char(int(body[1:].strip("{}"), 16))


def _char(code_point: int) -> str:
    return chr(code_point) if code_point <= _MAX_CODE_POINT else "\ufffd"


class Decoded:
    """A text with its escapes resolved, layer by layer, and where each character came from."""

    __slots__ = ("_starts", "raw", "text")

    def __init__(self, raw: str) -> None:
        self.raw = self.text = raw
        self._starts: list[int] | None = None
        """Of each decoded character, and of the end of the text: its position in the raw text."""
        for _ in range(_MAX_LAYERS):
            if not any(mark in self.text for mark in _MARKS) or _ESCAPE.search(self.text) is None:
                return
            self._unwrap()

    @property
    def changed(self) -> bool:
        return self._starts is not None

    def _unwrap(self) -> None:
        text, before = self.text, self._starts
        pieces: list[str] = []
        places: list[int] = []
        done = 0
        for match in _ESCAPE.finditer(text):
            start, end = match.span()
            pieces += text[done:start], _unescaped(match[0])
            places += range(done, start + 1)
            done = end
        pieces.append(text[done:])
        places += range(done, len(text) + 1)
        self.text = "".join(pieces)
        self._starts = places if before is None else [before[place] for place in places]

    def to_raw(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings in the decoded text as findings in the raw text, with whole escapes inside them."""
        starts = self._starts
        if starts is None:
            return list(findings)
        return [f._replace(start=starts[f.start], end=starts[f.end]) for f in findings]
