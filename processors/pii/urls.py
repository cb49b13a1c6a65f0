"""URLs, taken apart so that what is percent-encoded can be read: `?email=jane%40example.com`.

Invariant: joining the pieces gives the very text that came; only a piece that is put anew is encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PAIR: Final = re.compile(r"[^?&;#]+|[?&;#]")
_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PATH_SIGNS: Final = frozenset(b"/:@!$'()*,[]=<>")
_VALUE_SIGNS: Final = frozenset(b"/:@!$'()*,<>=")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a URL as people would write it. `name`: of the parameter; None for all before the first one."""

    place: int
    text: str
    name: str | None


class Url:
    """A URL or, with `query`, what stands behind the question mark of one."""

    def __init__(self, text: str, *, query: bool = False) -> None:
        self._pieces = _PAIR.findall(text)
        self.parts: list[Part] = []
        in_query = query
        for place, piece in enumerate(self._pieces):
            if piece in "?#&;":
                in_query = in_query or piece in "?#"
            elif in_query:
                name, _, value = piece.partition("=")
                self.parts.append(Part(place, decoded(value or name, form=True), decoded(name, form=True)))
            else:
                self.parts.append(Part(place, decoded(piece), None))

    def put(self, part: Part, new: str) -> str:
        """The URL with another text for the part."""
        if part.name is None:
            self._pieces[part.place] = encoded(new, _PATH_SIGNS)
        else:
            name, equals, _ = self._pieces[part.place].partition("=")
            value = encoded(new, _VALUE_SIGNS)
            self._pieces[part.place] = f"{name}={value}" if equals else value
        return "".join(self._pieces)


def decoded(text: str, *, form: bool = False) -> str:
    """Without percent-encoding (RFC 3986); `form`: a plus sign is a space. What is no UTF-8 becomes U+FFFD."""
    if form:
        text = text.replace("+", " ")
    return _ENCODED.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)


def encoded(text: str, signs: frozenset[int]) -> str:
    """Percent-encoded but for letters, digits, `-._~` and these signs."""
    return "".join(
        chr(byte) if byte in signs or (byte < 128 and (chr(byte).isalnum() or byte in b"-._~")) else f"%{byte:02X}"
        for byte in text.encode("utf-8", "replace")
    )
