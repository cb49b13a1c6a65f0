from __future__ import annotations

import pytest

from processors.genai.conversation.message import Message
from processors.genai.conversation.role_lines import told_apart


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user: Where is Rome?", [("user", "Where is Rome?")]),
        ("system: Be brief.\nuser: Where is Rome?", [("system", "Be brief."), ("user", "Where is Rome?")]),
        ("developer: Be brief.\nuser: text: Hi", [("system", "Be brief."), ("user", "Hi")]),
        ("user: One\n\ntwo\nassistant: Three", [("user", "One\n\ntwo"), ("assistant", "Three")]),
        ("Where is Rome?", [("user", "Where is Rome?")]),
        ("See this:\nuser: no", [("user", "See this:\nuser: no")]),
    ],
)
def test_lines_that_begin_with_a_role(text: str, expected: list[tuple[str, str]]) -> None:
    """Each begins a message, if the text begins with one."""
    assert [tuple(message) for message in told_apart([Message("user", text)])] == expected


def test_messages_that_are_told_apart_already() -> None:
    """Stay as they are."""
    messages = [Message("system", "Be brief."), Message("user", "user: hi")]
    assert told_apart(messages) == messages
