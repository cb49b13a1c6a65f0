"""Texts as tokens: words, numbers, signs, line breaks, and the marks that earlier scrubbing left."""

from __future__ import annotations

import re
from typing import Final

_MARK: Final = r"<[A-Z][A-Z_]+(?::[\w.-]+:[0-9a-f…]+)?>|<removed>|\[[A-Z][A-Z_]{3,}\]|\*{2,}"
_TOKEN: Final = re.compile(
    rf"[^\S\n]*(?:{_MARK}|[^\W\d_]+(?:['\u2019](?!s\b)[^\W\d_]+)*|['\u2019]s\b|\d+|\n+|_+|\.+|-+|=+|#+|[^\w\s])"
)
MARK: Final = re.compile(_MARK)
"""What stands for something that was taken out, by whomever."""
LEFT_BY_US: Final = re.compile(r"<[A-Z][A-Z_]+(?::[\w.-]+:[0-9a-f…]+)?>|<removed>|\*{3,}")
BLANKS: Final = (
    " \t\r\f\v\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    "\u202f\u205f\u3000"
)
"""All white space but the line feed: what `str.lstrip` takes off a token to leave the word."""


def tokens(text: str) -> list[str]:
    """The tokens in order, each with the blanks before it, so that their lengths give their positions.

    Together they are the text, less blanks at its end. Time is linear in the text.
    """
    return _TOKEN.findall(text)
