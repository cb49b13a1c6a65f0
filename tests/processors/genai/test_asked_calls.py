from __future__ import annotations

import json
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.asked_calls import AskedCallReader
from tests.processors.sampling.build import attributes

READER = AskedCallReader()


def call(name: str, arguments: Any) -> dict[str, Any]:
    return {"type": "tool_call", "id": "call_1", "name": name, "arguments": arguments}


def otel(*parts: dict[str, Any]) -> Span:
    messages = json.dumps([{"role": "assistant", "parts": list(parts), "finish_reason": "tool_call"}])
    return Span(attributes=attributes({"gen_ai.output.messages": messages}))


def openinference(name: str, arguments: str, side: str = "output") -> Span:
    function = f"llm.{side}_messages.0.message.tool_calls.0.tool_call.function"
    return Span(
        attributes=attributes(
            {
                f"llm.{side}_messages.0.message.role": "assistant",
                f"{function}.name": name,
                f"{function}.arguments": arguments,
            }
        )
    )


def test_the_same_call_in_two_dialects() -> None:
    """One hash for the same tool and JSON, however it is written; others for others."""
    one, _ = READER.read(otel(call("search", {"q": "x", "n": 1})))
    two, _ = READER.read(openinference("search", '{"n": 1, "q": "x"}'))
    other, _ = READER.read(otel(call("search", {"q": "y"})))
    assert len(one) == 1
    assert one == two != other


def test_several_calls_of_one_answer() -> None:
    """In their order."""
    calls, _ = READER.read(otel(call("search", {"q": "x"}), call("search", {"q": "y"}), call("search", {"q": "x"})))
    assert len(calls) == 3
    assert calls[0] == calls[2] != calls[1]


def test_handing_over_is_told_apart() -> None:
    """The agent that goes on, where the name of the tool says so; it is no call of a tool."""
    assert READER.read(otel(call("transfer_to_critic", {}))) == ((), ("critic",))
    assert READER.read(otel(call("transfer_to_agent", {"agent_name": "critic"}))) == ((), ())


def test_answers_without_calls() -> None:
    """Text, nothing at all, and calls in the history that was sent."""
    nothing: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())
    assert READER.read(otel({"type": "text", "content": "Use the [tool_call] function."})) == nothing
    assert READER.read(Span()) == nothing
    assert READER.read(openinference("search", "{}", "input")) == nothing


def test_calls_without_arguments_are_not_compared() -> None:
    """Where content is not recorded, a name alone is left."""
    assert READER.read(otel(call("search", {}))) == ((), ())
    assert READER.read(openinference("search", "")) == ((), ())
