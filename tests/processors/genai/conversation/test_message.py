from __future__ import annotations

from processors.genai.conversation.message import Message, canonical_json, canonical_text, joined


def test_canonical_text_is_reproducible_json() -> None:
    """As documented, so that anybody can compute a hash."""
    assert canonical_text([Message("user", 'é "q"')]) == '[["user","é \\"q\\""]]'


def test_numbers_are_the_same_however_they_came() -> None:
    """Structured values and JavaScript have no integers; what no float can hold stays as it is."""
    assert canonical_json({"b": [2.0, 2, 0.5], "a": True}) == canonical_json({"a": True, "b": [2, 2.0, 0.5]})
    assert canonical_json([2.0, True, 1e300]) == "[2,true,1e+300]"
    assert canonical_json({1: (None, b"x")}) == '{"1":[null,"b\'x\'"]}'


def test_a_turn_is_one_message_however_many_it_came_in() -> None:
    """Blanks at the ends do not count, nor do messages without text; tool results stay apart."""
    messages = [
        Message("user", " a "),
        Message("user", "b\n"),
        Message("assistant", "  "),
        Message("tool", "1"),
        Message("tool", "2"),
    ]
    assert joined(messages) == [Message("user", "a\nb"), Message("tool", "1"), Message("tool", "2")]
