from __future__ import annotations

import pytest

from processors.genai.conversation.carriers import Carriers, Part
from processors.genai.matcher import MATCHER


@pytest.mark.parametrize(
    ("scope", "key", "part", "path"),
    [
        ("", "gen_ai.input.messages", Part.SENT, ()),
        ("", "gen_ai.output.messages", Part.COMPLETION, ()),
        ("", "gen_ai.system_instructions", Part.SYSTEM, ()),
        ("", "gen_ai.prompt.0.role", Part.SENT, ("0", "role")),
        ("", "gen_ai.completion.0.tool_calls.1.name", Part.COMPLETION, ("0", "tool_calls", "1", "name")),
        ("", "llm.output_messages.0.message.role", Part.COMPLETION, ("0", "message", "role")),
        ("", "llm.tools.0.tool.json_schema", Part.TOOLS, ("0", "tool", "json_schema")),
        ("ai", "ai.response.text", Part.COMPLETION, ("0", "content")),
        ("", "llm.prompt_template.template", Part.TEMPLATE, ()),
        ("", "gen_ai.prompt.variable.x", Part.VARIABLES, ()),
        ("", "gen_ai.prompt.name", None, ()),
        ("", "gen_ai.usage.input_tokens", None, ()),
        ("", "retrieval.documents.0.document.content", None, ()),
        ("ai", "ai.response.reasoning", None, ()),
        ("", "app.other", None, ()),
    ],
)
def test_parts(scope: str, key: str, part: Part | None, path: tuple[str, ...]) -> None:
    """By the role that the tables give a key; the fields of a family by its content."""
    carrier = Carriers(MATCHER.for_scope(scope))[key]
    assert (None if carrier is None else carrier.part) is part
    if carrier is not None:
        assert carrier.path == path


def test_a_bare_key_needs_its_scope() -> None:
    """`input` is Pipecat's, and nobody's elsewhere."""
    assert Carriers(MATCHER.for_scope("pipecat"))["input"] is not None
    assert Carriers(MATCHER.for_scope("app"))["input"] is None
