"""Labelled sets as texts with spans.

`*.json`: a list of `{"full_text", "spans": [{"entity_type", "start_position", "end_position"}]}`, as presidio-research
writes it. `*.conll`: a token and its label in IOB2 or IOB1, the label last on the line, sentences apart by empty lines;
the tokens are joined by spaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_COMMON_NAMES: Final = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
NOT_PERSONAL: Final = frozenset(
    "ORGANIZATION DATE_TIME NRP TITLE AGE DOMAIN_NAME URL MISC CORPORATION CREATIVE-WORK GROUP PRODUCT".split()  # noqa: SIM905  # a list to read
)
"""Labels that are no target, and types whose findings do not count as cover; nor is it damage to touch such spans."""


@dataclass(frozen=True, slots=True)
class Label:
    entity_type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    samples: tuple[Sample, ...]

    @property
    def texts(self) -> list[str]:
        return [sample.text for sample in self.samples]


def read_all(directory: Path) -> list[Dataset]:
    """Every set in `directory/pii`, or in the directory itself, and the second half of `text/wikigold.conll`."""
    pii = directory / "pii" if (directory / "pii").is_dir() else directory
    sets = [Dataset(path.stem, _json(path)) for path in sorted(pii.glob("*.json"))]
    sets += [
        Dataset(path.stem, _conll(path.read_text(encoding="utf-8").split("\n"))) for path in sorted(pii.glob("*.conll"))
    ]
    wikigold = directory / "text" / "wikigold.conll"
    if wikigold.is_file():
        lines = wikigold.read_text(encoding="utf-8").split("\n")
        sets.append(Dataset("wikigold, second half", _conll(lines[len(lines) // 2 :])))
    return sets


def _json(path: Path) -> tuple[Sample, ...]:
    return tuple(
        Sample(
            row["full_text"],
            tuple(Label(span["entity_type"], span["start_position"], span["end_position"]) for span in row["spans"]),
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    )


def _conll(lines: Iterable[str]) -> tuple[Sample, ...]:
    return tuple(_sample(sentence) for sentence in _sentences(lines))


def _sentences(lines: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    sentence: list[tuple[str, str]] = []
    for line in (*lines, ""):
        fields = line.split()
        if len(fields) >= 2 and fields[0] != "-DOCSTART-":
            sentence.append((fields[0], fields[-1]))
        elif sentence:
            yield sentence
            sentence = []


def _sample(sentence: list[tuple[str, str]]) -> Sample:
    labels: list[Label] = []
    position, before = 0, "O"
    for token, tag in sentence:
        prefix, _, name = tag.partition("-")
        if name:
            kind = _COMMON_NAMES.get(name.upper(), name.upper())
            end = position + len(token)
            if prefix == "I" and before == name:
                labels[-1] = Label(kind, labels[-1].start, end)
            else:
                labels.append(Label(kind, position, end))
        before = name
        position += len(token) + 1
    return Sample(" ".join(token for token, _ in sentence), tuple(labels))
