"""Langfuse SDK, v3 to v5 (Python `langfuse`, JavaScript `@langfuse/otel`).

From v5 on every metadata value is JSON, strings too. Media in input and output are replaced by `@@@langfuseMedia:…@@@`
before they are sent. The buckets of `usage_details` add up: `input` leaves out what was cached. Scores never come over OTLP.
The `langfuse_*` keys are baggage, which propagators copy onto spans.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LANGFUSE: Final = Dialect(
    "langfuse",
    title="Langfuse SDK, v3 to v5, Python and JavaScript",
    keys=(
        # Content
        Key("langfuse.observation.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("langfuse.trace.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("langfuse.observation.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("langfuse.trace.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("langfuse.experiment.item.expected_output", Role.COMPLETION, Format.JSON),
        Key("langfuse.observation.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        Key("langfuse.trace.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        Key("langfuse.metadata", Role.METADATA, Format.JSON),
        Key("langfuse.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        Key("langfuse.observation.metadata", Role.METADATA, Format.JSON),
        Key("langfuse.trace.metadata", Role.METADATA, Format.JSON),
        Key("langfuse.experiment.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        Key("langfuse.experiment.description", Role.METADATA, Format.PLAIN),
        Key("langfuse.experiment.metadata", Role.METADATA, Format.JSON),
        Key("langfuse_metadata_*", Role.METADATA, Format.PLAIN),
        Key("langfuse.experiment.item.*", Role.PROMPT, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("langfuse.observation.status_message", Role.ERROR_TEXT, Format.PLAIN),
        # Usage
        Key("langfuse.observation.usage_details", Role.USAGE, Format.JSON),
        Key("gen_ai.usage.input_cache_creation", Role.TOK_CACHE_WRITE, Format.INT),
        # The call
        Key("langfuse.observation.model.name", Role.MODEL_REQ, Format.PLAIN),
        Key("langfuse.observation.metadata.ls_model_name", Role.MODEL_REQ, Format.PLAIN_OR_JSON),  # LangChain's
        Key("langfuse.observation.metadata.finish_reason", Role.FINISH, Format.PLAIN_OR_JSON),
        Key("langfuse.observation.type", Role.OP, Format.PLAIN),
        Key("langfuse.observation.completion_start_time", Role.TTFT, Format.TIMESTAMP),
        Key("langfuse.observation.level", Role.ERROR, Format.PLAIN, when="=ERROR"),
        # Whose call it is
        Key("langfuse.user.id", Role.USER_ID, Format.PLAIN),
        Key("langfuse_user_id", Role.USER_ID, Format.PLAIN),
        Key("user_id", Role.USER_ID, Format.PLAIN),  # version 2, Logfire
        Key("langfuse.session.id", Role.SESSION_ID, Format.PLAIN),
        Key("langfuse_session_id", Role.SESSION_ID, Format.PLAIN),
        Key("langfuse.trace.tags", Role.TAGS, Format.STRING_ARRAY),
        Key("langfuse.tags", Role.TAGS, Format.STRING_ARRAY),
        Key("langfuse_tags", Role.TAGS, Format.PLAIN),
        Key("langfuse.environment", Role.ENVIRONMENT, Format.PLAIN),
        Key("langfuse_environment", Role.ENVIRONMENT, Format.PLAIN),
        Key("langfuse.observation.prompt.name", Role.PROMPT_NAME, Format.PLAIN),
        Key("langfuse.prompt.name", Role.PROMPT_NAME, Format.PLAIN),
        Key("langfuse_prompt_name", Role.PROMPT_NAME, Format.PLAIN),
        Key("langfuse.observation.prompt.version", Role.PROMPT_VERSION, Format.INT),
        Key("langfuse.prompt.version", Role.PROMPT_VERSION, Format.INT),
        Key("langfuse_prompt_version", Role.PROMPT_VERSION, Format.PLAIN),
        # The rest
        Key("langfuse.observation.model.parameters", Role.MISC, Format.JSON),
        Key("langfuse_trace_name", Role.MISC, Format.PLAIN),
        Key("langfuse.trace.name", Role.MISC, Format.PLAIN),
        Key("langfuse.experiment.item.id", Role.MISC, Format.PLAIN),
        Key("langfuse.experiment.id", Role.MISC, Format.PLAIN),
        Key("langfuse.experiment.name", Role.MISC, Format.PLAIN),
        Key("langfuse.experiment.dataset.id", Role.MISC, Format.PLAIN),
        Key("langfuse.release", Role.MISC, Format.PLAIN),
        Key("langfuse.version", Role.MISC, Format.PLAIN),
        Key("langfuse.public", Role.MISC, Format.BOOL),
        Key("langfuse.trace.public", Role.MISC, Format.BOOL),
        Key("langfuse.internal.*", Role.MISC, Format.PLAIN),
    ),
    scopes=("langfuse*",),
    markers=(
        "langfuse.*",
        "langfuse_*",
    ),
    cache_beside_input=True,
)
