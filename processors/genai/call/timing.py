"""Time to the first chunk of an answer: seconds, milliseconds, nanoseconds, or the point in time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.call.values import json_of, number_of, text_of
from processors.genai.roles import Format

_UNITS: Final = {Format.MILLISECONDS: 1e-3, Format.NANOSECONDS: 1e-9}
_TOLERANCE: Final = 1.05
"""A first chunk after the span's end is no such thing; clocks that disagree a little are forgiven."""


class FirstChunk(NamedTuple):
    seconds: float
    """Since the span's start, or since 1970."""
    is_time: bool


def first_chunk(value: AnyValue, form: Format) -> FirstChunk | None:
    if form is Format.TIMESTAMP:
        return _time(value)
    if form is Format.JSON:
        tree = json_of(value)
        return _in_object(tree) if isinstance(tree, dict) else None
    seconds = number_of(value)
    return None if seconds is None else FirstChunk(seconds * _UNITS.get(form, 1.0), is_time=False)


def seconds_after(first: FirstChunk, start_unix_nano: int, end_unix_nano: int) -> float | None:
    """Seconds from the span's start to the first chunk; None if that is negative or after the span's end.

    A number said to be seconds that is more than the span lasted is taken for milliseconds if those fit, then for
    nanoseconds: keys are shared by instrumentations that do not agree on the unit.
    """
    lasted = (end_unix_nano - start_unix_nano) / 1e9 if 0 < start_unix_nano < end_unix_nano else None
    seconds = first.seconds
    if first.is_time:
        if not start_unix_nano:
            return None
        seconds -= start_unix_nano / 1e9
    if seconds < 0:
        return None
    if lasted is None or seconds <= lasted * _TOLERANCE:
        return seconds
    return (
        None if first.is_time else next((s for s in (seconds / 1e3, seconds / 1e9) if s <= lasted * _TOLERANCE), None)
    )


def _in_object(tree: dict[str, Any]) -> FirstChunk | None:
    """LangWatch's point in time, Braintrust's seconds."""
    at, seconds = tree.get("first_token_at"), tree.get("time_to_first_token")
    if isinstance(at, int | float):
        return _time_of_number(float(at))
    return FirstChunk(float(seconds), is_time=False) if isinstance(seconds, int | float) else None


def _time(value: AnyValue) -> FirstChunk | None:
    at = number_of(value)
    if at is not None:
        return _time_of_number(at)
    text = text_of(value) or ""
    try:
        moment = datetime.fromisoformat(text.strip().strip('"'))
        return FirstChunk((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), is_time=True)
    except (ValueError, OverflowError):
        return None


def _time_of_number(at: float) -> FirstChunk | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970: the size tells, until the year 5138."""
    for limit, unit in ((1e11, 1.0), (1e14, 1e-3), (1e17, 1e-6), (1e20, 1e-9)):
        if 0 < at < limit:
            return FirstChunk(at * unit, is_time=True)
    return None
