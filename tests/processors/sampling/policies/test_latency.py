from __future__ import annotations

from typing import Any

import pytest

from tests.processors.sampling.build import decide, policy, section, span

MS = 1_000_000


@pytest.mark.parametrize(
    ("body", "duration_ms", "kept"),
    [
        ({"threshold_ms": 100}, 99, False),
        ({"threshold_ms": 100}, 100, False),
        ({"threshold_ms": 100}, 100.5, True),
        ({"threshold_ms": 100}, 101, True),
        ({"threshold_ms": 0}, 0, False),
        ({"threshold_ms": 0}, 1, True),
        ({"threshold_ms": 100, "upper_threshold_ms": 200}, 100, False),
        ({"threshold_ms": 100, "upper_threshold_ms": 200}, 101, True),
        ({"threshold_ms": 100, "upper_threshold_ms": 200}, 200, True),
        ({"threshold_ms": 100, "upper_threshold_ms": 200}, 201, False),
        ({"threshold_ms": 100, "upper_threshold_ms": 0}, 10**6, True),
    ],
)
def test_bounds(body: dict[str, Any], duration_ms: float, kept: bool) -> None:  # noqa: FBT001  # a table's column
    """The lower bound is exclusive, the upper one inclusive, 0 is no upper bound."""
    of = section(policy("latency", **body))
    assert decide(of, span(start=5 * MS, end=5 * MS + int(duration_ms * MS))).kept is kept


def test_trace_longer_than_any_of_its_spans() -> None:
    """The duration is the trace's, from the first start to the last end."""
    of = section(policy("latency", threshold_ms=100))
    assert decide(of, span(start=1, end=60 * MS), span(start=55 * MS, end=120 * MS)).kept
    assert not decide(of, span(start=1, end=60 * MS)).kept


def test_spans_without_times() -> None:
    """A missing start does not make a trace that began in 1970."""
    assert not decide(section(policy("latency", threshold_ms=100)), span(start=0, end=10**18)).kept
