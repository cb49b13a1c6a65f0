"""Regular expressions that users write: RE2's, as in the Collector, which take time linear in the text.

They run on whatever clients send, in the same thread as everything else. A backtracking engine could be made to hang
there by a pattern such as `(a+)+$` and a value to match.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import re2

from processors.genai.memo import KeyMemo

DEFAULT_CACHE_SIZE: Final = 128
"""The Collector's."""

_CACHED_CHARACTERS: Final = 1024
_MAX_MEMORY_BYTES: Final = 8 << 20
"""RE2's default: of one pattern, compiled and while it runs."""


def check_pattern(pattern: str) -> None:
    """Raises ValueError, with the reason, for what is not a regular expression of RE2's."""
    _compiled(pattern)


def searcher(patterns: Sequence[str], cache_size: int = DEFAULT_CACHE_SIZE) -> Callable[[str], bool]:
    """Whether one of the patterns is found anywhere in a text. Answers are remembered for texts that are not long.

    Raises ValueError as `check_pattern` does.
    """
    compiled = [_compiled(pattern) for pattern in patterns]
    if len(compiled) > 1:
        with suppress(ValueError):  # too large together: then one by one
            compiled = [_compiled("|".join(f"(?:{pattern})" for pattern in patterns))]

    def search(text: str) -> bool:
        data = text.encode()  # of bytes, because positions in a str would have to be counted out
        return any(pattern.search(data) is not None for pattern in compiled)

    return KeyMemo(search, cache_size, _CACHED_CHARACTERS).__getitem__


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False  # it would write to the process's stderr
    options.never_capture = True
    options.max_mem = _MAX_MEMORY_BYTES
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "not understood"
        msg = f"not a regular expression (RE2 syntax): {reason.decode() if isinstance(reason, bytes) else reason}"
        raise ValueError(msg) from None
