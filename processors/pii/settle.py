"""Looks again at what a rewritten text says: the words around a name change when its neighbour is replaced.

A model that passed over `Ng` in `Ann Lee and Ng` may see a person in `<PERSON> and Ng`. So a text is rewritten, read
again, and what is found then joins the first findings, until nothing more turns up. Invariant: a second pass of the
same policy over the result has nothing to do, unless the last of `MAX_LOOKS` still found something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from processors.pii.actions import Rewriter
from processors.pii.escapes import Decoded
from processors.pii.findings import Finding

MAX_LOOKS: Final = 4

Result = tuple[Finding, ...] | str
"""Findings, or the reason why there are none to be had."""
Read = Callable[[list[Decoded]], Sequence[Result]]


def settled(texts: Sequence[Decoded], first: Sequence[Result], rewriter: Rewriter, read: Read) -> list[Result]:
    """The findings of each text after as many looks as it takes; a failure of any look is the result."""
    results = list(first)
    open_places = [place for place, result in enumerate(results) if result and not isinstance(result, str)]
    for _ in range(MAX_LOOKS):
        again: list[tuple[int, str]] = []
        for place in open_places:
            raw = texts[place].raw
            new = rewriter.rewrite(raw, _findings(results[place]), Counter())
            if new != raw:
                again.append((place, new))
        if not again:
            break
        open_places = []
        for (place, new), result in zip(again, read([Decoded(new) for _, new in again]), strict=True):
            before = results[place]
            if isinstance(result, str) or isinstance(before, str):
                results[place] = result
                continue
            more = _in_raw(texts[place].raw, before, new, result, rewriter)
            if more:
                results[place] = (*before, *more)
                open_places.append(place)
    return results


def _findings(result: Result) -> tuple[Finding, ...]:
    return () if isinstance(result, str) else result


def _in_raw(
    raw: str, before: Sequence[Finding], new: str, found: Sequence[Finding], rewriter: Rewriter
) -> list[Finding]:
    """What of the findings in the rewritten text lies in parts that were not rewritten, by its place in the raw text."""
    more: list[Finding] = []
    pieces = rewriter.untouched(raw, before)
    for region in rewriter.to_rewrite(new, found):
        for raw_start, new_start, length in pieces:
            start, end = max(region.start, new_start), min(region.end, new_start + length)
            if start < end and any(map(str.isalnum, new[start:end])):
                shift = raw_start - new_start
                more.append(region.value._replace(start=start + shift, end=end + shift))
    return more
