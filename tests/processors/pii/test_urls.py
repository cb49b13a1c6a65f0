from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.pii.urls import Url, decoded

TEXTS = st.text(alphabet=st.sampled_from("ab@ é%&=?#;+/:.4"), max_size=40)


@pytest.mark.parametrize(
    ("text", "query", "parts"),
    [
        ("https://a.example/b?q=jane%40b.example&n=J%C3%B6rg+M", False,
         [("https://a.example/b", None), ("jane@b.example", "q"), ("Jörg M", "n")]),
        ("q=x%20y", True, [("x y", "q")]),
        ("/u/jane%40b.example", False, [("/u/jane@b.example", None)]),
        ("https://a.example/#token=abc", False, [("https://a.example/", None), ("abc", "token")]),
        ("?flag", False, [("flag", "flag")]),
        ("", False, []),
    ],
)  # fmt: skip
def test_parts_are_read_as_people_would_write_them(text: str, query: bool, parts: list[object]) -> None:  # noqa: FBT001  # a table's column
    """Percent-encoding and plus signs are undone; values have the names of their parameters."""
    assert [(part.text, part.name) for part in Url(text, query=query).parts] == parts


def test_one_part_is_replaced_and_all_others_stay_as_they_came() -> None:
    """Spelling of the encoding included."""
    url = Url("https://a.example/b?x=%7e&q=jane%40b.example&y=1+2#f")
    part = next(part for part in url.parts if part.name == "q")
    assert url.put(part, "<EMAIL ADDRESS>") == "https://a.example/b?x=%7e&q=<EMAIL%20ADDRESS>&y=1+2#f"


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.booleans(), st.data())
def test_what_is_put_in_is_what_is_read_again(text: str, query: bool, data: st.DataObject) -> None:  # noqa: FBT001  # as above
    """And nothing else changes."""
    url = Url(text, query=query)
    if url.parts:
        part = data.draw(st.sampled_from(url.parts))
        again = Url(url.put(part, "Ada & Co"), query=query)
        texts = [each.text for each in url.parts]
        texts[url.parts.index(part)] = "Ada & Co"
        assert [each.text for each in again.parts] == texts


def test_bytes_that_are_no_text_are_marked() -> None:
    """They cannot be read, and the part is not put anew unless something is found in it."""
    assert decoded("a%ff%41") == "a\ufffdA"
