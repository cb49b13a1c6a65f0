from __future__ import annotations

import pytest

from tests.processors.sampling.build import decide, policy, section, span


@pytest.mark.parametrize(("flags", "kept"), [(0, False), (1, True), (0x300, False), (0x301, True), (2, False)])
def test_the_sampled_flag_of_any_span(flags: int, kept: bool) -> None:  # noqa: FBT001  # a table's column
    """Other bits do not count, the rest of the trace does not matter."""
    of = section(policy("trace_flags"))
    assert decide(of, span(), span(flags=flags)).kept is kept
