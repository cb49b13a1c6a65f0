"""Findings, and how overlapping ones become the regions of a text that are rewritten.

Invariant: every letter or digit covered by a finding whose action is not `keep` lies in exactly one region. A `keep`
finding protects nothing that another finding covers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Finding(NamedTuple):
    """Personal data in a text: `text[start:end]`. Never the text itself."""

    entity_type: str
    start: int
    end: int
    score: float


class Region(NamedTuple):
    """A part of a text to rewrite as one: `value` is the finding that names it."""

    start: int
    end: int
    value: Finding
    alone: bool
    """No other finding reaches out of `value`: `mask` may then keep its last characters."""


def regions(findings: Iterable[Finding], acts_on: Callable[[str], bool]) -> list[Region]:
    """Disjoint regions in order of position, for the findings of types that are acted on.

    A finding inside another one with at least its score is a misreading of a part and vanishes in it. What overlaps
    beyond that is joined, under the name of the finding with the best score, then the longest.
    """
    acted = sorted({f for f in findings if f.end > f.start and acts_on(f.entity_type)}, key=lambda f: (f.start, -f.end))
    groups: list[list[Finding]] = []
    reach = -1
    for finding in acted:
        if finding.start < reach:
            groups[-1].append(finding)
        else:
            groups.append([finding])
        reach = max(reach, finding.end)
    return [_joined(group) for group in groups]


def _joined(group: Sequence[Finding]) -> Region:
    best = max(group, key=lambda f: (f.score, f.end - f.start, f.entity_type))
    start, end = min(f.start for f in group), max(f.end for f in group)
    return Region(start, end, best, alone=(start, end) == (best.start, best.end))


def without(findings: Iterable[Finding], spans: Sequence[tuple[int, int]]) -> list[Finding]:
    """The findings with the given parts of the text (in order, disjoint) cut out of them."""
    if not spans:
        return list(findings)
    kept: list[Finding] = []
    for finding in findings:
        start = finding.start
        for low, high in spans:
            if high <= start or low >= finding.end:
                continue
            if low > start:
                kept.append(finding._replace(start=start, end=low))
            start = high
        if start < finding.end:
            kept.append(finding._replace(start=start))
    return kept
