"""A name found once in a text is a name wherever else it stands there, also where little around it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from processors.pii.findings import Finding
from processors.pii.model.tokens import BLANKS

_SURE: Final = 0.6
_TYPE: Final = "PERSON"


def with_repeats(
    text: str, tokens: Sequence[str], found: list[Finding], is_rare: Callable[[Sequence[str]], Sequence[bool]]
) -> list[Finding]:
    """The findings, and each other place where a word of a sure one stands, in order of position.

    Only words with a capital and no other, of three letters or more, that `is_rare` takes for more than a common word.
    """
    sure = [text[f.start : f.end] for f in found if f.entity_type == _TYPE and f.score >= _SURE]
    if not sure:
        return found
    here = {word for name in sure for word in name.replace("-", " ").split() if len(word) > 2 and word.istitle()}
    words = sorted(word for word in here if word.isalpha())
    names = {word for word, rare in zip(words, is_rare(words), strict=True) if rare} if words else set()
    if not names:
        return found
    more: list[Finding] = []
    end = 0
    for token in tokens:
        end += len(token)
        word = token.lstrip(BLANKS)
        if word in names:
            start = end - len(word)
            if not any(f.start <= start < f.end for f in found):
                more.append(Finding(_TYPE, start, end, _SURE))
    return sorted([*found, *more], key=lambda f: (f.start, f.end, f.entity_type)) if more else found
