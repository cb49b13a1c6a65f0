"""What the events of a span tell of a call: why the model stopped, that its answer was streamed, its last pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.call.answer import Answer
from processors.genai.call.readings import finish_reasons_of

_FINISH: Final = {
    "gen_ai.choice": "finish_reason",
    "gen_ai.client.inference.operation.details": "gen_ai.output.messages",
}
"""Attributes of events that tell why the model stopped."""
_LANGCHAIN_PIECE: Final = "new_token"
_PIECES: Final = frozenset(
    {
        _LANGCHAIN_PIECE,
        "First Token Stream Event",  # OpenInference
        "ai.stream.firstChunk",  # AI SDK
        "llm.content.completion.chunk",  # Traceloop
        "gen_ai.content.completion.chunk",  # Langtrace
    }
)
_MLFLOW_PIECE: Final = "mlflow.chunk.item."
_LAST: Final = 3
"""Pieces of LangChain's at the end: the finish reason, the usage, and one that says that it was the last."""


def finish_reasons_in(events: Sequence[Span.Event]) -> tuple[str, ...]:
    """Of the events that are an answer each, or all that was said."""
    found: list[str] = []
    for event in events:
        wanted = _FINISH.get(event.name)
        if wanted is not None:
            for attribute in event.attributes:
                if attribute.key == wanted:
                    plainly = wanted == "finish_reason"
                    value = attribute.value
                    found += (finish_reasons_of(value) or ()) if plainly else Answer(value).finish_reasons()
    return tuple(found)


def first_piece_unix_nano(events: Sequence[Span.Event]) -> int | None:
    """When the first piece of a streamed answer came; None if there was none."""
    for event in events:
        if event.name in _PIECES or event.name.startswith(_MLFLOW_PIECE):
            return event.time_unix_nano
    return None


def streamed_answer(events: Sequence[Span.Event]) -> Answer | None:
    """The end of an answer that LangChain's tracer of MLflow wrote piece by piece, and nowhere as a whole."""
    if not events or events[-1].name != _LANGCHAIN_PIECE:
        return None
    pieces = [
        attribute.value.string_value
        for event in events[-_LAST:]
        for attribute in event.attributes
        if attribute.key == "chunk" and attribute.value.string_value
    ]
    return Answer(AnyValue(string_value=f"[{','.join(pieces)}]"))
