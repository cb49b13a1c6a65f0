from __future__ import annotations

import pytest

from training.word_lists import DIRECTORY, read_words


@pytest.mark.parametrize("name", ["plain", "streets", "exceptions"])
def test_lists_are_whole(name: str) -> None:
    """No empty word, no kind twice, a heading that says what is in it."""
    lines = (DIRECTORY / f"{name}.txt").read_text("utf-8").splitlines()
    words = read_words(name)
    assert lines[0].startswith("# ")
    assert len(words) == len(lines) - 1
    assert all(word and word == word.strip() for values in words.values() for word in values)
