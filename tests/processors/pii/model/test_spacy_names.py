from __future__ import annotations

import pytest
import spacy

from processors.pii.model import spacy_names
from processors.pii.model.spacy_names import SpacyNames


@pytest.fixture
def rules() -> SpacyNames:
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]  # an entity ruler has it
        [
            {"label": "PER", "pattern": "Ada Byron"},
            {"label": "GPE", "pattern": "Rome"},
            {"label": "MONEY", "pattern": "5"},
        ]
    )
    return SpacyNames(pipeline)


def test_labels_are_translated(rules: SpacyNames) -> None:
    """Into this project's types; those it has no type for are left out."""
    text = "Ada Byron pays 5 in Rome"
    assert [(f.entity_type, text[f.start : f.end]) for f in rules.find([text])[0]] == [
        ("PERSON", "Ada Byron"),
        ("LOCATION", "Rome"),
    ]


def test_long_texts_are_read_in_overlapping_windows(rules: SpacyNames, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name on the seam is found once, at its place in the text."""
    monkeypatch.setattr(spacy_names, "_WINDOW_CHARS", 60)
    monkeypatch.setattr(spacy_names, "_OVERLAP_CHARS", 20)
    text = "word " * 11 + "Ada Byron" + " word" * 30
    (finding,) = rules.find([text])[0]
    assert text[finding.start : finding.end] == "Ada Byron"


def test_a_pipeline_without_entities_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would find nothing and say nothing."""
    monkeypatch.setattr(spacy, "load", lambda *args, **kwargs: spacy.blank("en"))
    with pytest.raises(ValueError, match="no named entities"):
        SpacyNames.load("en_blank")
