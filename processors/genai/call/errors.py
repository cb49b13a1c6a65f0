"""Errors that a span shows in its status, or anywhere else.

Many instrumentations leave the status unset when a call fails: they write a level, a flag or a state of their own.
An evaluator that fails is no error of the application, and is none here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.genai.call.values import number_of, text_of

EXCEPTION_EVENTS: Final = frozenset({"exception", "gen_ai.client.operation.exception"})

_MAX_CHARS: Final = 128
_UNNAMED: Final = "error"
_FAILED: Final = {"content_filter": "content_filter", "error": "other"}
"""Finish reasons that are errors, and their kinds."""


class CallError(NamedTuple):
    type: str
    """As it is spelled: a class name, a status code, a word; at most 128 characters. Never a message."""
    kind: str
    """`timeout`, `rate_limit`, `authentication`, `context_length`, `content_filter`, `cancelled`, `tool`, `guardrail`,
    `bad_request`, `server`, `network` or `other`."""


_KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("timeout", r"time[d_\s-]*out|deadline|^(?:408|504)$"),
        ("rate_limit", r"rate[_\s-]*limit|throttl|too[_\s]*many|quota|resource[_\s]*exhausted|^429$"),
        ("authentication", r"auth|permission|access[_\s]*denied|forbidden|credential|api[_\s]*key|^(?:401|403)$"),
        ("context_length", r"context[_\s]*(?:length|window)|maximum context|prompt[_\s]*too[_\s]*long|max[_\s]*tokens"),
        ("content_filter", r"content[_\s]*(?:filter|policy)|safety|moderation|refus"),
        ("cancelled", r"cancel|abort|interrupt|^499$"),
        ("guardrail", r"guard"),
        ("tool", r"tool"),
        ("network", r"connect|network|socket|dns|ssl|ECONN"),
        ("bad_request", r"bad[_\s]*request|invalid|validation|not[_\s]*found|unprocessable|^(?:400|404|409|413|422)$"),
        ("server", r"internal|server|unavailable|overload|^5\d\d$"),
    )
)


def error_kind(error_type: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.search(error_type)), "other")


def make_error(error_type: str) -> CallError:
    error_type = error_type.strip()[:_MAX_CHARS]
    return CallError(error_type, error_kind(error_type))


def signal(key: str, when: str | None) -> Callable[[AnyValue], str | None]:
    """What reads an attribute that tells of an error: the error's type, or None if there is none.

    With a condition (`Key.when`) the value says whether there is one and the key says which; without one the value
    itself is the type, and an empty one, `0`, `false` and `OK` say that all is well.
    """
    if when is None:
        return _type_of
    name = _named(key)
    if when.startswith(">="):
        limit = float(when[2:])
        return lambda value: name if (number_of(value) or 0.0) >= limit else None
    wanted = when.removeprefix("=").casefold()
    return lambda value: name if _word(value) == wanted else None


def _named(key: str) -> str:
    """`gen_ai.tool.status` failed: `tool`. A level or a success flag names nothing."""
    for part in ("tool", "guardrail", "task"):
        if part in key:
            return f"{part}_error"
    return _UNNAMED


def _word(value: AnyValue) -> str:
    if value.WhichOneof("value") == "bool_value":
        return "true" if value.bool_value else "false"
    return (text_of(value) or "").strip().casefold()


_FINE: Final = frozenset({"", "0", "200", "ok", "none", "null", "false", "unset"})


def _type_of(value: AnyValue) -> str | None:
    text = text_of(value)
    return None if text is None or text.strip().casefold() in _FINE else text


def error_of(
    span: Span, events: Iterable[Span.Event], signals: Sequence[str], finish_reasons: Sequence[str]
) -> CallError | None:
    """The error of a span: `signals` are the types its attributes name; the most telling source is used.

    That is `error.type` and its like, then an exception event, then the finish reason, then flags and the status.
    """
    for error_type in signals:
        if error_type != _UNNAMED:
            return make_error(error_type)
    failed = span.status.code == Status.STATUS_CODE_ERROR
    for event in events:
        if event.name in EXCEPTION_EVENTS:
            name = next((a.value.string_value for a in event.attributes if a.key == "exception.type"), "")
            if name or failed:
                return make_error(name or "exception")
    for reason in finish_reasons:
        if reason in _FAILED:
            return CallError(reason, _FAILED[reason])
    return CallError(_UNNAMED, "other") if failed or signals else None
