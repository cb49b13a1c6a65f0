"""From the scores of tags to findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from processors.pii.findings import Finding
from processors.pii.model.network import REACH, Floats
from processors.pii.model.tokens import BLANKS, LEFT_BY_US, MARK

TYPES: Final = ("PERSON", "LOCATION", "LOCATION", "ORGANIZATION")
"""Of the kinds the network knows: person, place, postal address, organisation."""
N_TAGS: Final = 1 + 2 * len(TYPES)
"""`O`, then beginning and inside of each kind."""
_ADDRESS: Final = 2
_CAUTION: Final = -1.0
"""Added to the score of `O`: a name that stays is worse than a word too many that goes."""
_AFTER_AT: Final = 5.0
"""Added to it after `@`: decorators, packages and brands stand there as often as people."""
_BESIDE_MARKS: Final = 12.0
"""Added to it near a mark of ours: what was not taken for a name beside a name must not become one once that is scrubbed."""


def findings(tokens: Sequence[str], scores: Floats) -> list[Finding]:
    """In order of position. `tokens`: of one text, with the blanks before them; `scores`: [tokens, tags], changed here.

    A finding's score is the mean over its tokens of the probability that they are anything but `O`; over 0.5.
    """
    if not len(scores):
        return []
    scores[:, 0] += _CAUTION
    scores[[i for i, token in enumerate(tokens[:-1], 1) if token[-1] == "@"], 0] += _AFTER_AT
    _keep_marks(tokens, scores)
    best = scores.argmax(axis=1)
    hits = np.flatnonzero(best)
    if not len(hits):
        return []
    likely = _likelihood(scores[hits])
    runs: list[list[int]] = []
    for place, i in enumerate(hits.tolist()):
        if runs and _continues(tokens, best, int(hits[runs[-1][-1]]), i):
            runs[-1].append(place)
        else:
            runs.append([place])
    ends = np.cumsum([len(token) for token in tokens]).tolist()
    found = (_finding(tokens, ends, best, hits[run].tolist(), likely[run]) for run in runs)
    return [finding for finding in found if finding is not None]


def _keep_marks(tokens: Sequence[str], scores: Floats) -> None:
    marks = [i for i, token in enumerate(tokens) if token[-1] in "*>]" and MARK.fullmatch(token.lstrip(BLANKS))]
    near = np.zeros(len(tokens), bool)
    for i in marks:
        if LEFT_BY_US.fullmatch(tokens[i].lstrip(BLANKS)):
            near[max(i - REACH, 0) : i + REACH + 1] = True
    scores[near, 0] += _BESIDE_MARKS
    scores[marks, 1:] = -np.inf


def _continues(tokens: Sequence[str], best: npt.NDArray[np.intp], before: int, i: int) -> bool:
    """Whether the tagged token `i` belongs to the finding of the last tagged token before it."""
    tag, tag_before = int(best[i]) - 1, int(best[before]) - 1
    kind, kind_before = tag // 2, tag_before // 2
    if _ADDRESS in (kind, kind_before) and TYPES[kind] == TYPES[kind_before]:
        return all(not token.strip().isalnum() for token in tokens[before + 1 : i]) and i - before <= 3
    return i == before + 1 and kind == kind_before and tag % 2 == 1


def _finding(
    tokens: Sequence[str], ends: Sequence[int], best: npt.NDArray[np.intp], run: Sequence[int], likely: Floats
) -> Finding | None:
    """From the first token with a letter or digit to the last; none if all there is are two digits."""
    words = [i for i in run if tokens[i][-1].isalnum()]
    if not words or (
        len(words) == 1 and tokens[words[0]].lstrip(BLANKS).isdigit() and len(tokens[words[0]].lstrip(BLANKS)) < 3
    ):
        return None
    start = ends[words[0]] - len(tokens[words[0]].lstrip(BLANKS))
    kind = (int(best[run[0]]) - 1) // 2
    return Finding(TYPES[kind], start, ends[words[-1]], round(float(likely.mean()), 2))


def _likelihood(scores: Floats) -> Floats:
    """That it is anything but `O`."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely: Floats = 1 - shifted[:, 0] / shifted.sum(axis=1)
    return likely
