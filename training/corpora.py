"""The freely licensed real text: sentences with labels, from files in CoNLL's form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from training.examples import Builder, Example
from training.word_lists import read_words

_LABELS: Final = {
    "PER": "PERSON", "person": "PERSON", "LOC": "LOCATION", "location": "LOCATION",
    "ORG": "ORGANIZATION", "corporation": "ORGANIZATION", "group": "ORGANIZATION",
}  # fmt: skip
_ROLES: Final = frozenset(read_words("exceptions")["legal_role"])
_NO_BLANK_BEFORE: Final = re.compile(r"[.,:;!?)\]}%]|'s|n't|'\w{1,2}|\.{2,}|''|-RRB-")
_NO_BLANK_AFTER: Final = frozenset({"@", "(", "[", "{", "$", "#", "``", "£", "€"})
Sentence = tuple[tuple[str, str], ...]
"""Words, each with its label: `O`, or `B-` or `I-` and one of `examples.LABELS`."""


class Corpus(NamedTuple):
    file: str
    sha256: str
    licence: str
    share: tuple[float, float]
    """From which part of its lines to which."""


CORPORA: Final = (
    Corpus(
        "wikigold.conll", "c797a64d0cf73ed058363f77671486bcfd413e70fda1726ad4a6ba624455225f", "CC-BY 4.0", (0.0, 0.5)
    ),
    Corpus(
        "wnut17_train.conll",
        "707d8fbadf7ab186e7998fdcbea41470d25d0a453049f531d0c8d0c810a8d8cb",
        "CC-BY 4.0",
        (0.0, 1.0),
    ),
    Corpus(
        "broad_twitter.conll",
        "0dd79aedbf6a7c7c99b2e2c4225f9b6f8cdc0ff57e06637634c8af46360d35a8",
        "CC-BY 4.0",
        (0.0, 1.0),
    ),
    Corpus(
        "sec_filings.conll", "7f9123aabbeb7ec8cd46bd026ae765a90ddb291783516eee1a77ee833237fdfe", "CC-BY 3.0", (0.0, 1.0)
    ),
)


def read(directory: Path, corpus: Corpus, is_name_like: Callable[[str], bool]) -> list[Sentence]:
    """`is_name_like`: of user names after `@`, those that tell who it is.

    Raises ValueError if the file is not the one that the recipe means.
    """
    content = (directory / corpus.file).read_bytes()
    if corpus.sha256 and hashlib.sha256(content).hexdigest() != corpus.sha256:
        raise ValueError(f"{corpus.file} is another file than the recipe's")
    lines = content.decode("utf-8").split("\n")
    low, high = (int(len(lines) * share) for share in corpus.share)
    return list(_sentences(lines[low:high], is_name_like, is_legal=corpus.file.startswith("sec")))


def _sentences(lines: list[str], is_name_like: Callable[[str], bool], *, is_legal: bool) -> Iterator[Sentence]:
    words: list[tuple[str, str]] = []
    before = "O"
    for line in [*lines, ""]:
        fields = line.split()
        if not fields:
            if words:
                yield tuple(words)
            words, before = [], "O"
            continue
        if fields[0] == "-DOCSTART-":
            continue
        word, raw = fields[0], fields[-1]
        label = _LABELS.get(raw.partition("-")[2], "O")
        if is_legal and label == "PERSON" and word.lower() in _ROLES:
            label = "O"
        if word == "@":
            label = "O"
        elif word.startswith("@"):
            label = "PERSON" if is_name_like(word[1:]) else "O"
        if label != "O":
            starts = raw.startswith("B-") or before != label
            words.append((word, f"{'B' if starts else 'I'}-{label}"))
        else:
            words.append((word, "O"))
        before = label


def example(sentence: Sentence, *, spaced: bool) -> Example:
    """As running text: with a blank between all words, or as it is written."""
    builder = Builder()
    pieces: list[tuple[str, str | None]] = []
    for i, (word, label) in enumerate(sentence):
        shown = word if spaced else {"-LRB-": "(", "-RRB-": ")", "``": '"', "''": '"'}.get(word, word)
        glued = not i or (not spaced and (_NO_BLANK_BEFORE.fullmatch(word) or sentence[i - 1][0] in _NO_BLANK_AFTER))
        inside = label.startswith("I-")
        if inside and pieces:
            text, kind = pieces.pop()
            pieces.append((text + ("" if glued else " ") + shown, kind))
        else:
            if not glued:
                pieces.append((" ", None))
            pieces.append((shown, None if label == "O" else label[2:]))
    for text, kind in pieces:
        builder.add(text, kind)
    return builder.example()
