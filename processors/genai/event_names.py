"""What an event is called. Instrumentations and bridges of loggers put the name in several places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_KEYS: Final = frozenset({"event.name", "event_name"})  # the latter is LiteLLM's
_CALL_SITE: Final = re.compile(r"event \S+:\d+")
"""Rust's `tracing` calls an event after the line of source that wrote it; Codex puts the name in an attribute."""
_BODY: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}(?:\.[a-z][a-z0-9_-]{0,63}){1,7}")


def log_event_name(record: LogRecord) -> str | None:
    """A field since OTLP 1.5, an attribute before, and the body of those who knew of neither. None: it has no name."""
    name = record.event_name
    if name and not _CALL_SITE.fullmatch(name):
        return name
    named = _attribute(record.attributes)
    if named is not None:
        return named
    body = record.body.string_value
    return name or (body if _BODY.fullmatch(body) else None)


def span_event_name(event: Span.Event) -> str:
    """Its name, unless that is a line of source."""
    name = event.name
    return _attribute(event.attributes) or name if _CALL_SITE.fullmatch(name) else name


def _attribute(attributes: Iterable[KeyValue]) -> str | None:
    return next((kv.value.string_value for kv in attributes if kv.key in _KEYS and kv.value.string_value), None)
