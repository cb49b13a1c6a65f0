r"""Reading through escapes in text that is not valid JSON any more: cut off, quoted, or logged twice.

`j\u0040example.com` is an e-mail address and `\nJohn` begins with a line break; a detector sees neither unless the
text is decoded, and what it then finds has to be taken out of the text as it stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from processors.pii.findings import Finding

_ESCAPE: Final = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')
_SIMPLE: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_MAX_LAYERS: Final = 4


def _unit(escape: str) -> str:
    return chr(int(escape.removeprefix("\\u"), base=16))


class Decoded:
    """A text with its JSON escapes resolved, layer by layer, and where each character came from."""

    __slots__ = ("_starts", "raw", "text")

    def __init__(self, raw: str) -> None:
        self.raw = self.text = raw
        self._starts: list[int] | None = None
        """Of each decoded character, and of the end of the text: its position in the raw text."""
        for _ in range(_MAX_LAYERS):
            if _ESCAPE.search(self.text) is None:
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
            pieces += text[done:start], _SIMPLE.get(match[0][1]) or _unit(match[0])
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
