"""`/livez`, `/readyz` and `/metrics`, as an ASGI application.

Neither probe looks at the backend: an outage there must not take the app's pod out of service. `/livez` says that the
event loop runs and every stage with it, so that a restart would help where it does not; `/readyz` says whether data can
be accepted and kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class AdminApp:
    """`not_live` and `not_ready` return None when all is well, or a short reason without content."""

    def __init__(
        self, registry: CollectorRegistry, *, not_live: Callable[[], str | None], not_ready: Callable[[], str | None]
    ) -> None:
        self._registry = registry
        self._probes = {"/livez": ("live", not_live), "/readyz": ("ready", not_ready)}

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
        if scope["path"] in self._probes:
            what, ask = self._probes[scope["path"]]
            reason = ask()
            return (200, text, b"ok\n") if reason is None else (503, text, f"not {what}: {reason}\n".encode())
        if scope["path"] == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        return 404, text, b"there are /livez, /readyz and /metrics\n"
