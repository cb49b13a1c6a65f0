from __future__ import annotations

import pytest

from tests.processors.sampling.build import decide, policy, section, span


@pytest.mark.parametrize(
    ("wanted", "statuses", "kept"),
    [
        (["ERROR"], [0, 1], False),
        (["ERROR"], [0, 2, 1], True),
        (["OK"], [2, 0], False),
        (["OK"], [1], True),
        (["UNSET"], [1, 2], False),
        (["UNSET"], [1, 0], True),
        (["ERROR", "UNSET", "ERROR"], [0], True),
        (["ERROR", "OK"], [0], False),
    ],
)
def test_any_span_with_a_listed_status(wanted: list[str], statuses: list[int], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """One span is enough."""
    spans = [span(status=status) for status in statuses]
    assert decide(section(policy("status_code", status_codes=wanted)), *spans).kept is kept
