from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.pii.content import Leaf, Look, card_digits, leaves, looks_like_content, rewrite

CARD = 4111111111111111


def shout(leaf: Leaf) -> str:
    return leaf.text.replace("Ada", "<PERSON>").replace(str(CARD), "<CREDIT_CARD>")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("Ada"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.just("Ada"), inner, max_size=4)
    ),
    max_leaves=20,
)


def replaced(value: Any) -> Any:
    """The meaning of `shout` on parsed JSON."""
    match value:
        case str():
            return value.replace("Ada", "<PERSON>")
        case dict():
            return {replaced(key): replaced(inner) for key, inner in value.items()}
        case list():
            return [replaced(inner) for inner in value]
        case _:
            return value


@given(
    st.lists(JSON, max_size=3) | st.dictionaries(st.text(max_size=5), JSON), st.booleans(), st.sampled_from([None, 2])
)
def test_rewriting_json_is_rewriting_its_strings(value: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001  # drawn
    """The result parses to the same structure with the same types; only strings changed."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert json.loads(rewrite(text, Look.EXACT, shout)) == replaced(value)


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_without_a_change_the_string_is_the_same(text: str) -> None:
    """A value in which nothing is found stays byte for byte, spacing and number spelling included."""
    assert rewrite(text, Look.EXACT, lambda leaf: leaf.text) is text


def test_json_in_json_is_walked_and_stays_valid() -> None:
    """Tool arguments are JSON in a string of JSON, and may hold more of it."""
    inner = json.dumps({"who": "Ada", "n": 1.10, "deep": json.dumps(["Ada", {"a": [None, True]}])})
    text = json.dumps([{"role": "user", "parts": [{"arguments": inner}]}])
    walked = json.loads(json.loads(rewrite(text, Look.FULL, shout))[0]["parts"][0]["arguments"])
    assert walked["who"] == "<PERSON>"
    assert json.loads(walked["deep"]) == ["<PERSON>", {"a": [None, True]}]


def test_untouched_numbers_keep_their_spelling() -> None:
    """`1.10` does not become `1.1`, and a big integer loses no digit, when a neighbour changes."""
    text = '{"p": 1.10, "id": 12345678901234567890123, "e": 1E5, "who": "Ada"}'
    assert rewrite(text, Look.EXACT, shout) == text.replace("Ada", "<PERSON>")


@pytest.mark.parametrize("number", ["4111111111111111", "4.111111111111111e15", "4111111111111111.0"])
def test_a_number_that_is_a_card_number_becomes_a_string(number: str) -> None:
    """However a card number is written as a number, it does not pass."""
    assert json.loads(rewrite(f'{{"n": {number}}}', Look.EXACT, shout)) == {"n": "<CREDIT_CARD>"}


@pytest.mark.parametrize(
    "number", ["1700000000000000000", "0.4111111111111111", "42", "1e400", "-4111111111111111", "12e3456789012"]
)
def test_other_numbers_are_none(number: str) -> None:
    """Times, scores and counts are no card numbers."""
    assert card_digits(number) is None


def test_a_key_given_twice_is_read_twice() -> None:
    """Parsers keep the last of two equal keys; the first must not slip through."""
    assert rewrite('{"a": "Ada", "a": "x"}', Look.EXACT, shout) == '{"a": "<PERSON>", "a": "x"}'


@pytest.mark.parametrize("depth", [200, 100_000])
def test_depth_does_not_matter(depth: int) -> None:
    """Deeply nested arrays are walked, or read as text where no parser would take them; nothing overflows."""
    text = "[" * depth + '"Ada"' + "]" * depth
    assert rewrite(text, Look.EXACT, shout) == text.replace("Ada", "<PERSON>")


def test_strings_nested_beyond_the_limit_are_text() -> None:
    """After eight layers of JSON in JSON the rest is looked at as text."""
    text = "Ada"
    for _ in range(12):
        text = json.dumps([text])
    assert "Ada" not in rewrite(text, Look.FULL, shout)


def test_cut_off_json_is_text() -> None:
    """What no parser takes is one leaf."""
    text = '[{"role": "user", "content": "I am Ada'
    assert [leaf.text for leaf in leaves(text, Look.FULL)] == [text]


def test_keys_are_looked_at_for_exact_forms_only() -> None:
    """Keys are names of fields; a model would read names into them."""
    looks = {leaf.text: leaf.look for leaf in leaves('{"first": "second thing"}', Look.FULL)}
    assert looks == {"first": Look.EXACT, "second thing": Look.FULL}


def test_the_key_can_say_what_the_value_is() -> None:
    """`last_name` announces a person, `password` a password; the announcement ends with the object."""
    text = '[{"lastName": "Ng", "auth": {"password": "x"}}, "free", {"city": "Rome"}]'
    types = {leaf.text: leaf.entity_type for leaf in leaves(text, Look.FULL)}
    assert (types["Ng"], types["x"], types["free"]) == ("PERSON", "PASSWORD", None)


def test_parts_of_the_message_format_are_no_text() -> None:
    """Roles, types, ids and tool names are not given to the model; a capitalised word under such a key is."""
    text = '[{"role": "user", "type": "Ada", "name": "get_weather"}]'
    looks = {leaf.text: leaf.look for leaf in leaves(text, Look.FULL) if leaf.text not in {"role", "type", "name"}}
    assert looks == {"user": Look.EXACT, "Ada": Look.FULL, "get_weather": Look.EXACT}


def test_blobs_are_marked_in_content_and_never_read() -> None:
    """Images in messages are neither looked at nor passed on; their neighbours are read."""
    blob = base64.b64encode(bytes(range(256)) * 2).decode()
    text = json.dumps(["see", f"data:image/png;base64,{blob}", blob, f"before {blob} Ada"])
    assert json.loads(rewrite(text, Look.FULL, shout)) == ["see", "<BLOB>", "<BLOB>", "before <BLOB> <PERSON>"]
    assert not any(blob[:40] in leaf.text for leaf in leaves(text, Look.FULL))


def test_kept_media_pass_unread() -> None:
    """A policy may let images through: they stay as they came, and no detector reads them; their neighbours are read."""
    blob = base64.b64encode(bytes(range(256)) * 2).decode()
    text = json.dumps(["see Ada", f"data:image/png;base64,{blob}", f"before {blob} Ada"])
    kept = json.loads(rewrite(text, Look.FULL, shout, keep_media=True))
    assert kept == ["see <PERSON>", f"data:image/png;base64,{blob}", f"before {blob} <PERSON>"]
    assert not any(blob[:40] in leaf.text for leaf in leaves(text, Look.FULL, keep_media=True))


def test_lone_surrogates_survive() -> None:
    """A string that is no valid Unicode is written back as it came."""
    assert rewrite('["\\ud800 Ada"]', Look.EXACT, shout) == '["\\ud800 <PERSON>"]'


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x" * 201, True), ('[{"role":"user"}]', True), ('{"a": 1}', False), ("gpt-4o", False), ("[x]", False)],
)
def test_what_looks_like_content(text: str, expected: bool) -> None:  # noqa: FBT001  # a table
    """Long strings and message-shaped ones are content under any key."""
    assert looks_like_content(text) is expected
