from __future__ import annotations

from typing import Any

import pytest

from processors.genai.call.timing import first_chunk, seconds_after
from processors.genai.roles import Format
from tests.processors.genai.spans import any_value

START = 1_760_000_000_000_000_000  # 2025-10-09T08:53:20Z
END = START + 1_000_000_000

TIMES: dict[str, tuple[Any, Format, float | None]] = {
    "seconds": (0.25, Format.SECONDS, 0.25),
    "seconds in text": ("0.25", Format.SECONDS, 0.25),
    "milliseconds": (250, Format.MILLISECONDS, 0.25),
    "nanoseconds": (250_000_000, Format.NANOSECONDS, 0.25),
    "a time": ("2025-10-09T08:53:20.250Z", Format.TIMESTAMP, 0.25),
    "a time in quotes": ('"2025-10-09T08:53:20.250Z"', Format.TIMESTAMP, 0.25),
    "a time without a zone": ("2025-10-09T08:53:20.250", Format.TIMESTAMP, 0.25),
    "milliseconds since 1970": (1_760_000_000_250, Format.TIMESTAMP, 0.25),
    "in an object": ('{"first_token_at": 1760000000250}', Format.JSON, 0.25),
    "seconds in an object": ('{"time_to_first_token": 0.25}', Format.JSON, 0.25),
    "milliseconds said to be seconds": (250, Format.SECONDS, 0.25),
    "nanoseconds said to be seconds": (250_000_000, Format.SECONDS, 0.25),
    "before the start": ("2025-10-09T08:53:19Z", Format.TIMESTAMP, None),
    "after the end": ("2025-10-09T08:53:30Z", Format.TIMESTAMP, None),
    "below zero": (-1, Format.SECONDS, None),
}


@pytest.mark.parametrize(("value", "form", "expected"), TIMES.values(), ids=TIMES.keys())
def test_the_first_chunk_in_seconds(value: Any, form: Format, expected: float | None) -> None:
    """Whatever the unit, and within the span."""
    first = first_chunk(any_value(value), form)
    assert first is not None
    assert seconds_after(first, START, END) == (None if expected is None else pytest.approx(expected, abs=1e-6))


@pytest.mark.parametrize(("value", "form"), [("soon", Format.SECONDS), ("soon", Format.TIMESTAMP), ("{}", Format.JSON)])
def test_what_is_no_time(value: Any, form: Format) -> None:
    """Is absent."""
    assert first_chunk(any_value(value), form) is None


def test_a_span_without_times() -> None:
    """Leaves a duration as it is, and a point in time without a meaning."""
    duration, moment = first_chunk(any_value(250), Format.SECONDS), first_chunk(any_value(1.76e9), Format.TIMESTAMP)
    assert duration is not None
    assert moment is not None
    assert seconds_after(duration, 0, 0) == 250
    assert seconds_after(moment, 0, 0) is None
