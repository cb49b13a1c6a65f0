from __future__ import annotations

from pathlib import Path

import pytest

from training.corpora import Corpus, example, read

_LINES = "-DOCSTART- O\n\nDr O\nAda I-PER\nByron I-PER\n's O\ndog O\n. O\n\n@ B-PER\nbob B-PER\nor O\n@bob7 O\n@x1 O\nin O\nRome B-location\n\nThe O\nLender I-PER\n"


def is_name_like(user_name: str) -> bool:
    return user_name == "bob7"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in ("news.conll", "sec.conll"):
        (tmp_path / name).write_text(_LINES)
    return tmp_path


def test_labels_of_every_corpus_become_ours(directory: Path) -> None:
    """Whatever they are called there; a user name counts without its sign, the roles in contracts are nobody's names."""
    first, second, third = read(directory, Corpus("sec.conll", "", "", (0, 1)), is_name_like)
    assert [label for _, label in first] == ["O", "B-PERSON", "I-PERSON", "O", "O", "O"]
    assert [label for _, label in second] == ["O", "B-PERSON", "O", "B-PERSON", "O", "O", "B-LOCATION"]
    assert third[1] == ("Lender", "O")
    assert read(directory, Corpus("news.conll", "", "", (0, 1)), is_name_like)[2][1] == ("Lender", "B-PERSON")


def test_a_share_is_of_the_lines(directory: Path) -> None:
    """So that one half can be kept for measuring."""
    low = read(directory, Corpus("news.conll", "", "", (0.0, 0.5)), is_name_like)
    high = read(directory, Corpus("news.conll", "", "", (0.5, 1.0)), is_name_like)
    assert [word for s in (*low, *high) for word, _ in s].count("Ada") == 1


def test_another_file_is_refused(directory: Path) -> None:
    """A recipe means one file, not one name."""
    with pytest.raises(ValueError, match="another file"):
        read(directory, Corpus("news.conll", "0" * 64, "", (0, 1)), is_name_like)


def test_sentences_are_put_together(directory: Path) -> None:
    """As people write, or with a blank after each word as the corpora have them."""
    sentence = read(directory, Corpus("news.conll", "", "", (0, 1)), is_name_like)[0]
    written, spaced = example(sentence, spaced=False), example(sentence, spaced=True)
    assert written.text == "Dr Ada Byron's dog."
    assert spaced.text == "Dr Ada Byron 's dog ."
    assert [one.text[start:end] for one in (written, spaced) for start, end, _ in one.spans] == ["Ada Byron"] * 2
