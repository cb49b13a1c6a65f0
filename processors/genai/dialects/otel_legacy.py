"""OpenTelemetry GenAI semantic conventions up to 1.36, still what most instrumentations write unless told otherwise.

Each message is a log record with the body `{role, content, tool_calls: […]}`, a choice one with
`{index, finish_reason, message: {…}}`. The same names occur as span events, with an attribute in place of the body:
`content` or `message` (Strands), `gen_ai.event.content` (Azure), `gen_ai.prompt` and `gen_ai.completion` (1.27).
"""

from __future__ import annotations

from itertools import chain
from typing import Final

from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.roles import Format, Role

_MESSAGE_EVENTS: Final = (
    ContentEvent("gen_ai.system.message", Role.SYSTEM_PROMPT),
    ContentEvent("gen_ai.user.message", Role.PROMPT),
    ContentEvent("gen_ai.assistant.message", Role.PROMPT),
    ContentEvent("gen_ai.tool.message", Role.TOOL_RESULT),
    ContentEvent("gen_ai.choice", Role.COMPLETION),
)

OTEL_LEGACY: Final = Dialect(
    "otel_legacy",
    title="OpenTelemetry GenAI semantic conventions up to 1.36, still the default of most instrumentations",
    keys=(
        # Content
        Key("gen_ai.prompt", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("gen_ai.completion", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.prompt_json", Role.PROMPT, Format.JSON),  # Cloudflare's gateway, and what Langfuse shows by example
        Key("gen_ai.completion_json", Role.COMPLETION, Format.JSON),
        *chain.from_iterable(
            (
                Key("content", role, Format.PLAIN_OR_JSON, event),
                Key("message", role, Format.PLAIN_OR_JSON, event),
                Key("gen_ai.event.content", role, Format.JSON, event),
                Key("tool_calls", Role.TOOL_ARGS, Format.JSON, event),
                Key("role", Role.MISC, Format.PLAIN, event),
                Key("id", Role.MISC, Format.PLAIN, event),
                Key("index", Role.MISC, Format.INT, event),
                Key("finish_reason", Role.FINISH, Format.PLAIN, event),
            )
            for event, role in _MESSAGE_EVENTS
        ),
        # Usage
        Key("gen_ai.usage.prompt_tokens", Role.TOK_IN, Format.INT),
        Key("gen_ai.usage.completion_tokens", Role.TOK_OUT, Format.INT),
        # The call
        Key("gen_ai.system", Role.PROVIDER, Format.PLAIN),
        Key("gen_ai.model.provider", Role.PROVIDER, Format.PLAIN),  # Cloudflare
        Key("gen_ai.response.finish_reason", Role.FINISH, Format.PLAIN),
        # The rest
        Key("event.name", Role.MISC, Format.PLAIN),
        Key("gen_ai.openai.request.seed", Role.MISC, Format.INT),
        Key("gen_ai.openai.request.response_format", Role.MISC, Format.PLAIN),
        Key("gen_ai.openai.request.service_tier", Role.MISC, Format.PLAIN),
        Key("gen_ai.openai.response.service_tier", Role.MISC, Format.PLAIN),
        Key("gen_ai.openai.response.system_fingerprint", Role.MISC, Format.PLAIN),
    ),
    events=(
        *_MESSAGE_EVENTS,
        ContentEvent("gen_ai.content.prompt", Role.PROMPT),
        ContentEvent("gen_ai.content.completion", Role.COMPLETION),
    ),
)
