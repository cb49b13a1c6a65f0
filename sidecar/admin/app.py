"""`/livez`, `/readyz` and `/metrics`, as an ASGI application.

Neither probe looks at the backend: an outage there must not take the app's pod out of service. `/livez` answers
because the event loop runs; `/readyz` says whether data can be accepted and kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class AdminApp:
    """`not_ready_reason` returns None when ready, or a short reason without content."""

    def __init__(self, registry: CollectorRegistry, not_ready_reason: Callable[[], str | None]) -> None:
        self._registry = registry
        self._not_ready_reason = not_ready_reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # no request has a body that matters
        status, content_type, body = self._answer(scope)
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _answer(self, scope: Scope) -> tuple[int, str, bytes]:
        text = "text/plain; charset=utf-8"
        if scope["method"] not in ("GET", "HEAD"):
            return 405, text, b"only GET\n"
        match scope["path"]:
            case "/livez":
                return 200, text, b"ok\n"
            case "/readyz":
                reason = self._not_ready_reason()
                return (200, text, b"ok\n") if reason is None else (503, text, f"not ready: {reason}\n".encode())
            case "/metrics":
                return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        return 404, text, b"there are /livez, /readyz and /metrics\n"
