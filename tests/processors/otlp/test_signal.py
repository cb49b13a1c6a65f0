from __future__ import annotations

import pytest

from processors.otlp.signal import Signal, count_items, items_of


@pytest.mark.parametrize(
    ("signal", "groups", "scopes", "items"),
    [
        (Signal.TRACES, "resource_spans", "scope_spans", "spans"),
        (Signal.LOGS, "resource_logs", "scope_logs", "log_records"),
        (Signal.METRICS, "resource_metrics", "scope_metrics", "metrics"),
    ],
)
def test_items_of_every_scope_are_found(signal: Signal, groups: str, scopes: str, items: str) -> None:
    """Two resources with two scopes of three items each: twelve items in four lists."""
    request = signal.request_class()
    for _ in range(2):
        group = getattr(request, groups).add()
        for _ in range(2):
            scope = getattr(group, scopes).add()
            for _ in range(3):
                getattr(scope, items).add()
    assert [len(found) for found in items_of(request)] == [3, 3, 3, 3]
    assert count_items(request) == 12


def test_a_signal_bears_the_name_that_users_see() -> None:
    """In URL paths and in metric labels."""
    assert [signal.value for signal in Signal] == ["traces", "logs", "metrics"]
