from __future__ import annotations

import json
from typing import Any

import pytest

from processors.genai.conversation.decode import CUT, decoded, decoded_text, is_cut, structure
from tests.processors.genai.spans import any_value

MESSAGES = [{"role": "user", "content": 'He said "hi", twice', "n": None, "ok": True}]


@pytest.mark.parametrize(
    "value",
    [
        json.dumps(MESSAGES),
        json.dumps(MESSAGES, indent=2),
        json.dumps(json.dumps(MESSAGES)),
        json.dumps(json.dumps(json.dumps(MESSAGES))),
        str(MESSAGES),
        f"  {MESSAGES}  ",
        [json.dumps(MESSAGES[0])],
    ],
)
def test_structure_is_found_under_its_wrappings(value: Any) -> None:
    """JSON within JSON, a Python repr, an array of JSON strings."""
    assert decoded(any_value(value)) == MESSAGES


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "",
        '"quoted" at first',
        "[note] see below",
        '{"a": 1} explain this',
        "[ChatMessage(role='user')]",
        "[1, 2",
        "{'a': 1} explain this",
        "[" * 100_000,
        "[" + "9" * 5000 + "]",
    ],
)
def test_text_is_text(text: str) -> None:
    """Even if it begins like structure."""
    assert decoded(any_value(text)) == text


@pytest.mark.parametrize("at", range(6, len(json.dumps(MESSAGES))))
def test_what_was_cut_off_is_told(at: int) -> None:
    """Wherever the cut is."""
    assert decoded_text(json.dumps(MESSAGES)[:at]) is CUT


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Tell me...[TRUNCATED: original length 20000]", True),
        ("Tell me... (truncated string)", True),
        ("Tell me …<truncated 55 chars>", True),
        ("Tell me...", False),
        ("The text was truncated.", False),
        ("(truncated)", False),
    ],
)
def test_marks_of_a_cut(text: str, cut: bool) -> None:  # noqa: FBT001  # the expected answer
    """As SDKs leave them."""
    assert is_cut(text) is cut
    assert (decoded_text(text) is CUT) is cut


def test_a_quoted_string_is_that_string() -> None:
    """MLflow encodes every value; the items of a list are not encoded twice."""
    assert decoded_text('"Dry."') == "Dry."
    assert decoded(any_value(['"Dry."'])) == ['"Dry."']


def test_a_repr_is_read_up_to_a_size() -> None:
    """Python's parser is costly, and the text hostile."""
    small, large = [{"a": "x"}], [{"a": "x" * 70_000}]
    assert decoded_text(str(small)) == small
    assert decoded_text(str(large)) == str(large)
    assert decoded_text("{'a': open('x')}") == "{'a': open('x')}"


def test_structure_is_whole_or_none() -> None:
    """A repr only where it is asked for."""
    assert structure(' {"a": 1} ') == {"a": 1}
    assert structure("{'a': 1}") is None
    assert structure("{'a': 1}", python=True) == {"a": 1}
    assert structure('{"a": 1') is None
    assert structure("a") is None
