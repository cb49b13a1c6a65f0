from __future__ import annotations

import pytest

from tests.processors.sampling.build import decide, policy, section, span

OF = section(policy("trace_state", key="vendor", values=["a", "b"]))


@pytest.mark.parametrize(
    ("trace_state", "kept"),
    [
        ("", False),
        ("vendor=a", True),
        ("ot=th:8,vendor=b", True),
        ("ot=th:8 , vendor=b ", True),
        ("vendor=ab", False),
        ("xvendor=a", False),
        ("vendor", False),
        ("vendor=a=b", False),
        (",,=,", False),
    ],
)
def test_a_listed_value_under_the_key(trace_state: str, kept: bool) -> None:  # noqa: FBT001  # a table's column
    """Whole values only, wherever the key stands; what is no tracestate matches nothing."""
    assert decide(OF, span(trace_state=trace_state)).kept is kept


def test_any_span_will_do() -> None:
    """One of many is enough."""
    assert decide(OF, span(), span(trace_state="vendor=c"), span(trace_state="vendor=a")).kept
