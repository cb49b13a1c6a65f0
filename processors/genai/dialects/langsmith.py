"""LangSmith's OTel exporter. `gen_ai.prompt` and `gen_ai.completion` hold a run's whole input and output as JSON, LangChain's
own serialised messages among them. Spans are sent in batches and may be minutes late. The trace's session is a project.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LANGSMITH: Final = Dialect(
    "langsmith",
    title="LangSmith OTel exporter (`LANGSMITH_OTEL_ENABLED`)",
    keys=(
        # Content
        Key("gen_ai.serialized.signature", Role.TOOL_DEFS, Format.PLAIN),
        Key("gen_ai.serialized.doc", Role.TOOL_DEFS, Format.PLAIN),
        Key("gen_ai.request.extra_body", Role.RAW, Format.JSON),
        Key("gen_ai.request.extra_query", Role.RAW, Format.JSON),
        Key("langsmith.metadata.*", Role.METADATA, Format.PLAIN_OR_JSON),
        # Text of programs, and what is personal by itself
        Key("langsmith.request.headers", Role.HEADERS, Format.JSON),
        # Usage
        Key("langsmith.metadata.usage_metadata", Role.USAGE, Format.JSON),
        Key("gen_ai.usage.input_token_details", Role.TOK_OTHER, Format.JSON),
        Key("gen_ai.usage.output_token_details", Role.TOK_OTHER, Format.JSON),
        # The call
        Key("langsmith.span.kind", Role.OP, Format.PLAIN),
        # Whose call it is
        Key("langsmith.metadata.user_id", Role.USER_ID, Format.PLAIN),
        Key("langsmith.metadata.session_id", Role.SESSION_ID, Format.PLAIN),
        Key("langsmith.metadata.thread_id", Role.SESSION_ID, Format.PLAIN),
        Key("langsmith.metadata.conversation_id", Role.SESSION_ID, Format.PLAIN),
        Key("langsmith.trace.session_id", Role.TENANT, Format.PLAIN),  # a project
        Key("langsmith.trace.session_name", Role.TENANT, Format.PLAIN),
        Key("langsmith.span.tags", Role.TAGS, Format.PLAIN),  # separated by commas
        # The rest
        Key("langsmith.trace.name", Role.MISC, Format.PLAIN),
        Key("langsmith.metadata.stream", Role.MISC, Format.BOOL),
        Key("gen_ai.serialized.name", Role.MISC, Format.PLAIN),
    ),
    scopes=("langsmith*",),
    markers=("langsmith.*",),
)
