from __future__ import annotations

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import TRACE_ID, observe, policy, section, span


def test_bytes_a_second_are_kept() -> None:
    """With a burst of twice as many, and a larger trace when the bucket is full."""
    decider = Decider(section(policy("bytes_limiting", bytes_per_second=1000)))
    assert [decider.decide(TRACE_ID, TraceFacts(span_bytes=800), 0.0).kept for _ in range(3)] == [True, True, False]
    assert decider.decide(TRACE_ID, TraceFacts(span_bytes=5000), 10.0).kept


def test_the_size_is_that_of_the_spans_encoded() -> None:
    """Read only where somebody asks for it."""
    limited = section(policy("bytes_limiting", bytes_per_second=1))
    one, two = span(attrs={"k": "v" * 100}), span()
    assert observe(limited, one, two).span_bytes == one.ByteSize() + two.ByteSize()
    assert observe(section(policy("always_sample")), one).span_bytes == 0
    assert observe(section(policy("always_sample"), maximum_trace_size_bytes=10), one).span_bytes == one.ByteSize()
