from __future__ import annotations

import pytest

from tests.processors.sampling.build import Attribute, policy, section
from tests.processors.sampling.policies.llm import call, decided


@pytest.mark.parametrize(
    ("attrs", "kept"),
    [
        ({"gen_ai__response__time_to_first_chunk": 0.31}, True),
        ({"gen_ai__response__time_to_first_chunk": 0.3}, False),
        ({"ai__response__msToFirstChunk": 310.0}, True),
        ({"ai__response__msToFirstChunk": 290.0}, False),
        ({}, False),
    ],
)
def test_the_slowest_first_chunk_counts(attrs: dict[str, Attribute], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """Whatever the unit of the dialect; beside a fast call, in another request."""
    of = section(policy("ttft", threshold_ms=300))
    fast = call(gen_ai__response__time_to_first_chunk=0.01)
    assert decided(of, [fast], [call(**attrs)], [fast]).kept is kept
