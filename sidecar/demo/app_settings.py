"""Names and values of the demo app's environment; apart from the app, which pulls its whole stack in."""

from __future__ import annotations

from typing import Final

COPY_ENDPOINT: Final = "GENAI_SIDECAR_DEMO_COPY_ENDPOINT"
SETTINGS: Final = {
    "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "span_and_event",
    "OPENAI_API_KEY": "not-needed",
}
"""Environment of the app: message content is recorded, on spans and on events, as the current GenAI conventions have it."""
