"""How the sidecar introduces itself (OTLP specification, "User Agent")."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def user_agent() -> str:
    """`otel-genai-sidecar/1.2.3`."""
    try:
        return f"otel-genai-sidecar/{version('otel-genai-sidecar')}"
    except PackageNotFoundError:
        return "otel-genai-sidecar"
