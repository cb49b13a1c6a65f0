"""Telemetry as text for a terminal. Pure. Whatever a terminal would obey is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

from opentelemetry.proto.trace.v1.trace_pb2 import Status

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from sidecar.batch import Batch

_MAX_CHARACTERS: Final = 120
_NOUNS: Final = {
    Signal.TRACES: ("span", "spans"),
    Signal.LOGS: ("log record", "log records"),
    Signal.METRICS: ("metric", "metrics"),
}


def render(batch: Batch, verbosity: Literal["basic", "normal", "detailed"]) -> str:
    """Raises DecodeError if the payload is no request of its signal."""
    head = f"{batch.items} {_NOUNS[batch.signal][batch.items != 1]}"
    if verbosity == "basic":
        return head
    request = batch.signal.request_class.FromString(batch.payload)
    if verbosity == "detailed":
        # json escapes all but ASCII by default.
        return f"{head}\n{json.dumps(json.loads(encode_json(batch.signal, request)), indent=2)}"
    return "\n  ".join([head, *_lines(batch.signal, request)])


def _lines(signal: Signal, request: Any) -> Iterator[str]:
    if signal is Signal.TRACES:
        for group in request.resource_spans:
            for scope in group.scope_spans:
                yield from map(_span, scope.spans)
    elif signal is Signal.LOGS:
        for group in request.resource_logs:
            for scope in group.scope_logs:
                yield from map(_log, scope.log_records)
    else:
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                yield from map(_metric, scope.metrics)


def _span(span: Any) -> str:
    took_ms = max(span.end_time_unix_nano - span.start_time_unix_nano, 0) / 1e6
    status = {Status.STATUS_CODE_OK: " OK", Status.STATUS_CODE_ERROR: " ERROR"}.get(span.status.code, "")
    head = f"{span.trace_id.hex()}/{span.span_id.hex()} {_safe(span.name)} {took_ms:.3f} ms{status}"
    return _joined(head, _attributes(span.attributes))


def _log(record: Any) -> str:
    trace = f"{record.trace_id.hex()}/{record.span_id.hex()} " if record.trace_id else ""
    head = f"{trace}{_safe(record.severity_text or str(record.severity_number))} {_value(record.body)}"
    return _joined(head, _attributes(record.attributes))


def _metric(metric: Any) -> str:
    kind = metric.WhichOneof("data")
    points = len(getattr(metric, kind).data_points) if kind else 0
    return f"{_safe(metric.name)} {kind or 'empty'}, data points: {points}"


def _attributes(pairs: Iterable[Any]) -> Iterator[str]:
    for pair in pairs:
        yield f"{_safe(pair.key)}={_value(pair.value)}"


def _value(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "bytes_value":
        return f"<{len(value.bytes_value)} bytes>"
    if kind == "array_value":
        return f"<list of {len(value.array_value.values)}>"
    if kind == "kvlist_value":
        return f"<mapping of {len(value.kvlist_value.values)}>"
    return _safe(str(getattr(value, kind)))


def _safe(text: str) -> str:
    """One line, cut to a bearable length, without what steers a terminal or turns the writing direction."""
    cut = text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…"
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in cut)


def _joined(head: str, rest: Iterable[str]) -> str:
    return " ".join([head, *rest])
