from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter

from sidecar.admin.app import AdminApp


def ask(path: str, *, method: str = "GET", reason: str | None = None, dead: str | None = None) -> tuple[int, bytes]:
    registry = CollectorRegistry()
    Counter("things", "Things", registry=registry).inc()
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    app = AdminApp(registry, not_live=lambda: dead, not_ready=lambda: reason)
    asyncio.run(app({"type": "http", "method": method, "path": path, "headers": []}, receive, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("path", "status"), [("/livez", 200), ("/readyz", 200), ("/metrics", 200), ("/", 404), ("/metricsx", 404)]
)
def test_there_are_three_paths(path: str, status: int) -> None:
    """Two probes and the metrics."""
    assert ask(path)[0] == status


def test_not_ready_says_why_while_live_stays_live() -> None:
    """Full storage takes the pod out of service; it does not get it restarted."""
    assert ask("/readyz", reason="storage is full") == (503, b"not ready: storage is full\n")
    assert ask("/livez", reason="storage is full")[0] == 200


def test_not_live_says_why() -> None:
    """A stage that has ended does not come back by itself: a restart would help, and what is stored survives it."""
    assert ask("/livez", dead="a stage has ended: decide") == (503, b"not live: a stage has ended: decide\n")


def test_metrics_are_prometheus_text() -> None:
    """As every scraper reads it."""
    assert b"things_total 1.0" in ask("/metrics")[1]


def test_only_reading_is_allowed() -> None:
    """POST changes nothing and is told so; HEAD has no body."""
    assert ask("/metrics", method="POST")[0] == 405
    assert ask("/livez", method="HEAD") == (200, b"")
