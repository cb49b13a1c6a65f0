"""What the findings on a labelled set are worth.

Counted in letters and digits, whatever the type of the finding: a name that leaves as a place has not left. An entity
is fully covered when every letter and digit of it is inside some finding. Findings of types that the built-in policy
keeps (dates, URLs, organisations, nationalities) cover nothing. Over-redaction: the share of the letters and digits
outside every labelled span that a finding covers. Precision of a type: the share of what its findings cover that lies
inside labelled spans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.detection.datasets import NOT_PERSONAL, Dataset, Sample

Found = tuple[str, int, int]
"""Entity type, start, end."""


@dataclass(slots=True)
class Score:
    entities: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    letters_found: Counter[str] = field(default_factory=Counter)
    """All four by labelled type."""
    touched: Counter[str] = field(default_factory=Counter)
    touched_rightly: Counter[str] = field(default_factory=Counter)
    over: Counter[str] = field(default_factory=Counter)
    """All three in letters and digits, by the type of the finding."""
    outside: int = 0
    over_redacted: int = 0

    def add(self, sample: Sample, found: Iterable[Found]) -> None:
        text = sample.text
        kinds: list[str | None] = [None] * len(text)
        for kind, start, end in found:
            if kind not in NOT_PERSONAL and kind != "UUID":
                kinds[start:end] = [kind] * (end - start)
        labelled = [False] * len(text)
        for label in sample.labels:
            labelled[label.start : label.end] = [True] * (label.end - label.start)
            if label.entity_type in NOT_PERSONAL:
                continue
            here = [kinds[i] is not None for i in range(label.start, label.end) if text[i].isalnum()]
            self.entities[label.entity_type] += 1
            self.covered[label.entity_type] += all(here)
            self.letters[label.entity_type] += len(here)
            self.letters_found[label.entity_type] += sum(here)
        for char, found_as, wanted in zip(text, kinds, labelled, strict=True):
            if not char.isalnum():
                continue
            self.outside += not wanted
            if found_as is not None:
                self.touched[found_as] += 1
                self.touched_rightly[found_as] += wanted
                if not wanted:
                    self.over[found_as] += 1
                    self.over_redacted += 1

    def share_covered(self, entity_type: str | None = None) -> float:
        if entity_type is not None:
            return self.covered[entity_type] / max(1, self.entities[entity_type])
        return self.covered.total() / max(1, self.entities.total())

    def share_over_redacted(self) -> float:
        return self.over_redacted / max(1, self.outside)


def score(dataset: Dataset, findings: Sequence[Sequence[Found]]) -> Score:
    result = Score()
    for sample, found in zip(dataset.samples, findings, strict=True):
        result.add(sample, found)
    return result
