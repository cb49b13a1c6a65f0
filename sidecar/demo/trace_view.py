"""One trace as the page shows it, read out of OTLP: from what the app recorded, or from what the backend got."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

_FINDING: Final = "genai_sidecar.pii."


@dataclass(frozen=True, slots=True)
class TraceView:
    trace_id: str
    """32 hex digits."""
    root_span_id: str
    """16 hex digits; empty if the root is missing."""
    title: str
    question: str
    answer: str
    """Text of the last model call that answered; empty if none did."""
    error: str
    """Message of the first span that failed; empty if none did."""
    tool_result: str
    spans: int
    policy: str
    """What kept it, as the sidecar wrote it; empty on what the app recorded."""
    late: bool
    findings: Mapping[str, int]
    """By entity type, in capitals."""
    cost_usd: float | None
    cost_source: str
    prompt_hash: str


def trace_views(requests: Iterable[ExportTraceServiceRequest]) -> dict[str, TraceView]:
    """Every trace in the requests by its id, in the order in which the traces began."""
    spans: defaultdict[bytes, list[Span]] = defaultdict(list)
    for request in requests:
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    spans[span.trace_id].append(span)
    in_order = sorted(spans.values(), key=lambda members: min(span.start_time_unix_nano for span in members))
    views = (_view(sorted(members, key=lambda span: span.start_time_unix_nano)) for members in in_order)
    return {view.trace_id: view for view in views}


def _view(spans: Sequence[Span]) -> TraceView:
    tables = [_table(span.attributes) for span in spans]
    root = next((span for span in spans if not span.parent_span_id), None)
    answers = [text for text in map(_answer, tables) if text]
    costs = [table["gen_ai.usage.cost"] for table in tables if "gen_ai.usage.cost" in table]
    findings: Counter[str] = Counter()
    for table in tables:
        for key, value in table.items():
            if key.startswith(_FINDING):
                findings[key.removeprefix(_FINDING).upper()] += value
    return TraceView(
        trace_id=spans[0].trace_id.hex(),
        root_span_id=root.span_id.hex() if root is not None else "",
        title=_first(tables, "app.chat.title"),
        question=next((text for text in map(_question, tables) if text), ""),
        answer=answers[-1] if answers else "",
        error=next((span.status.message for span in spans if span.status.code == Status.STATUS_CODE_ERROR), ""),
        tool_result=_first(tables, "gen_ai.tool.call.result"),
        spans=len(spans),
        policy=_first(tables, "genai_sidecar.sampling.policy"),
        late=any(table.get("genai_sidecar.sampling.late") is True for table in tables),
        findings=findings,
        cost_usd=sum(costs) if costs else None,
        cost_source=_first(tables, "genai_sidecar.cost.source"),
        prompt_hash=_first(tables, "genai_sidecar.prompt.hash"),
    )


def _table(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _scalar(pair.value) for pair in attributes if pair.value.WhichOneof("value")}


def _scalar(value: AnyValue) -> Any:
    return getattr(value, value.WhichOneof("value") or "string_value")


def _first(tables: Iterable[Mapping[str, Any]], key: str) -> str:
    return next((str(table[key]) for table in tables if key in table), "")


def _question(table: Mapping[str, Any]) -> str:
    texts = [text for role, text in _texts(table.get("gen_ai.input.messages")) if role == "user"]
    return texts[0] if texts else ""


def _answer(table: Mapping[str, Any]) -> str:
    return " ".join(text for _, text in _texts(table.get("gen_ai.output.messages")))


def _texts(messages: object) -> Iterator[tuple[str, str]]:
    """Role and text of each text part (semconv `gen_ai.input.messages`); what is no longer JSON has none."""
    try:
        parsed = json.loads(messages) if isinstance(messages, str) else []
    except ValueError:
        return
    for message in parsed:
        for part in message.get("parts", ()):
            if part.get("type") == "text" and isinstance(part.get("content"), str):
                yield message.get("role", ""), part["content"]
