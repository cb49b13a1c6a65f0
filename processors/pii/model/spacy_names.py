"""Any installed spaCy pipeline with named entities, as the model of names and places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import spacy
from spacy.language import Language

from processors.pii.findings import Finding

_TYPES: Final = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "NORP": "NRP",
    "FAC": "LOCATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "ORG": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
_SCORE: Final = 0.85
_NOT_NEEDED: Final = ("tagger", "parser", "attribute_ruler", "lemmatizer", "morphologizer", "senter", "textcat")
_WINDOW_CHARS: Final = 20_000
_OVERLAP_CHARS: Final = 500
_BATCH: Final = 64


class SpacyNames:
    """Every finding has the same score: spaCy gives none."""

    def __init__(self, pipeline: Language) -> None:
        self._pipeline = pipeline
        self.entity_types = frozenset(_TYPES.values())

    @classmethod
    def load(cls, package: str) -> SpacyNames:
        """Raises ValueError if no spaCy pipeline with an `ner` component is installed under that name."""
        try:
            pipeline = spacy.load(package, exclude=_NOT_NEEDED)
        except OSError:
            raise ValueError(f"pii.model: no spaCy pipeline is installed as {package!r}") from None
        if "ner" not in pipeline.pipe_names:
            raise ValueError(f"pii.model: {package!r} has no named entities")
        return cls(_without_idle_tok2vec(pipeline))

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        windows = [
            (i, start, text[start : start + _WINDOW_CHARS])
            for i, text in enumerate(texts)
            for start in range(0, max(len(text) - _OVERLAP_CHARS, 1), _WINDOW_CHARS - _OVERLAP_CHARS)
        ]
        found: list[set[Finding]] = [set() for _ in texts]
        with self._pipeline.memory_zone():
            docs = self._pipeline.pipe((part for _, _, part in windows), batch_size=_BATCH)
            for (i, start, _), doc in zip(windows, docs, strict=True):
                found[i].update(
                    Finding(_TYPES[ent.label_], start + ent.start_char, start + ent.end_char, _SCORE)
                    for ent in doc.ents
                    if ent.label_ in _TYPES
                )
        return [sorted(findings, key=lambda f: (f.start, f.end, f.entity_type)) for findings in found]


def _without_idle_tok2vec(pipeline: Language) -> Language:
    """The English small model's `ner` has a tok2vec of its own; then nothing listens to the shared one."""
    if "tok2vec" in pipeline.pipe_names:
        ner: Any = pipeline.get_pipe("ner")
        listens = any(node.name == "tok2vec-listener" for node in ner.model.walk())
        if not listens:
            pipeline.remove_pipe("tok2vec")
    return pipeline
