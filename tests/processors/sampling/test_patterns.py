from __future__ import annotations

import time

import pytest

from processors.sampling.patterns import check_pattern, searcher


@pytest.mark.parametrize(
    ("patterns", "text", "found"),
    [
        (["a.c"], "xabcx", True),
        (["^abc$"], "xabcx", False),
        (["zzz", "(?i)ABC"], "xabcx", True),
        (["(?i)ABC", "D"], "d", False),
        (["^a|b$"], "ab", True),
        (["[[:alpha:]]{2}"], "1ab", True),
        ([r"\pL\z"], "1é", True),
        ([r"(?P<n>a)", r"(?P<n>b)"], "b", True),
        (["é."], "xéy", True),
        (["z$"], "y" * 5000 + "z", True),
        ([""], "", True),
    ],
)
def test_found_anywhere(patterns: list[str], text: str, found: bool) -> None:  # noqa: FBT001  # a table's column
    """RE2's syntax; several patterns are one question, and flags of one do not reach the next."""
    assert searcher(patterns)(text) is found


@pytest.mark.parametrize("pattern", ["(", "a**", "(?=a)", r"\1", "x{2000}", r"(?<!a)b"])
def test_refused_when_loaded(pattern: str) -> None:
    """What RE2 does not know, look-around and back-references above all, is an error before any text is seen."""
    with pytest.raises(ValueError, match="not a regular expression"):
        check_pattern(pattern)


def test_time_is_linear() -> None:
    """A pattern and a text on which a backtracking engine would take longer than the universe is old."""
    text = "a" * 1000 + "b"
    start = time.perf_counter()
    assert not searcher(["(a+)+$", "(a|aa)+$", "(.*a){30}$"])(text)
    assert time.perf_counter() - start < 1


def test_small_cache_gives_the_same_answers() -> None:
    """What was pushed out of the cache is matched again."""
    even = searcher(["[02468]$"], cache_size=2)
    assert [even(str(number)) for number in [*range(9), *range(9)]] == [
        number % 2 == 0 for number in [*range(9), *range(9)]
    ]


def test_what_is_remembered_is_bounded() -> None:
    """As many results as asked for, and none of a long text: answers are remembered with the text."""
    memo = searcher(["a"], cache_size=2).__self__  # type: ignore[attr-defined]  # the dictionary behind the method
    for text in ("a", "b", "c", "a" * 5000):
        assert memo[text] is ("a" in text)
        assert len(memo) <= 2
    assert all(len(text) < 5000 for text in memo)
