from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.call.span_events import finish_reasons_in, first_piece_unix_nano, streamed_answer
from tests.processors.genai.spans import span_of

Event = tuple[str, Mapping[str, Any]]


def events(*found: Event) -> list[Span.Event]:
    return list(span_of({}, *found).events)


def test_finish_reasons() -> None:
    """One for each choice, or those within the messages of a details event."""
    assert finish_reasons_in(events(("gen_ai.choice", {"finish_reason": "end_turn"}), ("other", {}))) == ("stop",)
    details = {"gen_ai.output.messages": '[{"finish_reason": "tool_calls"}]'}
    assert finish_reasons_in(events(("gen_ai.client.inference.operation.details", details))) == ("tool_call",)
    assert finish_reasons_in([]) == ()


@pytest.mark.parametrize(
    ("name", "is_piece"),
    [
        ("First Token Stream Event", True),
        ("mlflow.chunk.item.0", True),
        ("llm.content.completion.chunk", True),
        ("gen_ai.choice", False),
        ("exception", False),
    ],
)
def test_pieces(name: str, *, is_piece: bool) -> None:
    """The first one tells when the answer began."""
    found = events(("exception", {}), (name, {}), (name, {}))
    for number, event in enumerate(found):
        event.time_unix_nano = number
    assert first_piece_unix_nano(found) == (1 if is_piece else None)


def test_the_end_of_a_streamed_answer() -> None:
    """Is an answer, from the last few of LangChain's pieces."""
    pieces: list[Event] = [
        ("new_token", {"chunk": '{"generation_info": {"finish_reason": "length"}}', "token": "x"}),
        ("new_token", {"chunk": '{"generation_info": {"finish_reason": "stop", "model_name": "m"}}', "token": ""}),
        ("new_token", {"chunk": '{"content": "finish"}'}),
        ("new_token", {"chunk": "{}"}),
    ]
    found = streamed_answer(events(*pieces))
    assert found is not None
    assert (found.model(None), found.finish_reasons()) == ("m", ("stop",))
    assert streamed_answer(events(*pieces, ("exception", {}))) is None
    assert streamed_answer([]) is None
