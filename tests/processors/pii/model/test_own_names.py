"""With the file that is shipped: what it must find and must leave, in sentences written for this table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hatchling.builders.wheel import WheelBuilder

from processors.pii.model import own_names
from processors.pii.model.own_names import FILE, OwnNames, save
from processors.pii.model.tokens import tokens


@pytest.fixture(scope="module")
def model() -> OwnNames:
    return OwnNames.load()


def named(model: OwnNames, text: str) -> set[str]:
    """Everything found that is personal, each word by itself."""
    return {
        word
        for finding in model.find([text])[0]
        if finding.entity_type != "ORGANIZATION"
        for word in text[finding.start : finding.end].replace(",", " ").split()
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Could you tell Oluwaseun Adeyinka that her badge is here?", "Oluwaseun Adeyinka"),
        ("I spoke with Marguerite in accounts yesterday.", "Marguerite"),
        ("im dave pickering and my boiler is broken", "dave pickering"),
        ("SHANICE WHITFIELD CALLED TWICE", "SHANICE WHITFIELD"),
        ("Dear Bartholomew,\n\nthank you.", "Bartholomew"),
        ("Thanks,\nYusra", "Yusra"),
        ("Teague, Rowan", "Teague Rowan"),
        ("Dr. Vuković recommends rest.", "Vuković"),
        ('{"assignee": "Jacinta O\'Shaughnessy", "labels": ["bug"]}', "Jacinta O'Shaughnessy"),
        ("| Ines Duarte | Braga | 14 |", "Ines Duarte Braga"),
        ("INFO crm: merged duplicates of Ewa Wiśniewska", "Ewa Wiśniewska"),
        ("Any vegan places in Ljubljana?", "Ljubljana"),
        ("We opened offices in Porto and Nairobi.", "Porto Nairobi"),
        ("Please deliver it to 48 Larchmont Rise, Stroud GL5 2QT before noon.", "48 Larchmont Rise Stroud GL5 2QT"),
        ("Ship: 2209 Quail Hollow Ct, Unit 4C, Boise, ID 83709", "2209 Quail Hollow Ct Unit 4C Boise ID 83709"),
        ("Sie wohnt in der Pestalozzistraße 77, 10627 Berlin.", "Pestalozzistraße 77 10627 Berlin"),
        ("Send it to Calle Serrano 114, 28006 Madrid", "Calle Serrano 114 28006 Madrid"),
    ],
)
def test_finds(model: OwnNames, text: str, value: str) -> None:
    """Names and places in prose, chat, letters, JSON, tables and logs."""
    assert set(value.split()) <= named(model, text)


@pytest.mark.parametrize(
    "text",
    [
        "What does order A-1009 contain? And ORD-2231?",
        "Use Redis Streams instead of Kafka.",
        'Traceback (most recent call last):\n  File "/app/main.py", line 12, in <module>\n    run()\nValueError: bad',
        'Exception in thread "main" java.lang.IllegalStateException: Duplicate\n\tat com.acme.Ledger.post(Ledger.java:42)',
        "def area(radius):\n    return math.pi * radius ** 2",
        "SELECT id, total FROM orders WHERE total > 100 ORDER BY id;",
        "## Release Notes\n\n- Fixed Login Redirect\n- Improved Search Performance",
        "You are a helpful assistant that answers in JSON.",
        "Write a Python function that reverses a list.",
        '{"model": "gpt-4o-mini", "temperature": 0.2, "stop": null}',
        "Dear Sir or Madam,\n\nmy parcel has not arrived.",
        "The build may take a while. Will you wait?",
        "@property\ndef total(self):\n    return self._total",
        "Happy Thanksgiving to everyone on the team!",
        "<PERSON> lives at <LOCATION>. Call <PHONE_NUMBER>.",
        "Name: **** ***** | City: ******",
        "",
        "\n \n",
    ],
)
def test_leaves(model: OwnNames, text: str) -> None:
    """Products, code, stack traces, order numbers, headings, what was scrubbed before."""
    assert named(model, text) == set()


def test_neighbours_in_a_batch_change_nothing(model: OwnNames) -> None:
    """The same findings, scores included, alone, together and in another order, and from words already met."""
    texts = ["Ada Byron lives in Rome.", "", "call Bob", "x " * 5000 + "Mr. Nakamura", "Ada Byron lives in Rome."]
    together = model.find(texts)
    assert [model.find([text])[0] for text in texts] == together
    assert model.find(texts[::-1]) == together[::-1]
    assert OwnNames.load().find(texts[3:4]) == together[3:4]
    assert model.find([]) == []


def test_long_texts_are_read_in_pieces(model: OwnNames, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are cut makes no difference."""
    text = "On Monday Ada Byron of Rome wrote to Mr. Nakamura, 5 Elm Street, Boise. " * 4
    whole = model.find([text])
    monkeypatch.setattr(own_names, "_ROWS", 7)
    assert len(tokens(text)) > 70
    assert model.find([text]) == whole


def test_the_words_it_keeps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many, it forgets them all and finds what it found before."""
    monkeypatch.setattr(own_names, "_CACHED_WORDS", 50)
    small = OwnNames.load()
    text = "Ada Byron lives in Rome."
    before = small.find([text])
    for i in range(20):
        small.find([" ".join(f"w{chr(97 + i)}{chr(97 + k)}" for k in range(20))])
        assert len(small._rows) <= 50
    assert small.find([text]) == before


def test_saved_and_loaded_it_is_the_same(model: OwnNames, tmp_path: Path) -> None:
    """The file holds all of it, without code, and is the same bytes each time."""
    save(tmp_path / "a.npz", model._lexicon, model._network._weights)
    save(tmp_path / "b.npz", model._lexicon, model._network._weights)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert OwnNames.load(tmp_path / "a.npz").find(["Ada Byron"]) == model.find(["Ada Byron"])


def test_the_file_is_in_the_wheel() -> None:
    """As it lies in the source tree."""
    root = Path(__file__).parents[4]
    assert str(FILE.relative_to(root)) in {
        each.relative_path for each in WheelBuilder(str(root)).recurse_included_files()
    }


def test_the_file_is_small() -> None:
    """It travels with the package: at most 15 MB."""
    assert FILE.stat().st_size <= 15_000_000
    with np.load(FILE, allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "iuf" for name in stored.files)
