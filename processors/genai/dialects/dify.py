"""Dify: its own spans, those it sends to Tencent's APM, and the log records of its enterprise telemetry.

Tencent's spans all say that they are chats; `gen_ai.span.kind` tells which one is. The text of a message is `text`.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

DIFY: Final = Dialect(
    "dify",
    title="Dify: its spans, Tencent's exporter, enterprise telemetry",
    keys=(
        # Content
        Key("gen_ai.entity.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("dify.message.inputs", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("dify.workflow.query", Role.PROMPT, Format.PLAIN),
        Key("dify.workflow.inputs", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("dify.node.inputs", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("dify.inputs", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("dify.moderation.query", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.entity.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("dify.message.outputs", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("dify.workflow.outputs", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("dify.node.outputs", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("dify.outputs", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("dify.suggested_question.questions", Role.COMPLETION, Format.JSON),
        Key("dify.tool.inputs", Role.TOOL_ARGS, Format.PLAIN_OR_JSON),
        Key("dify.tool.parameters", Role.TOOL_ARGS, Format.PLAIN_OR_JSON),
        Key("dify.tool.config", Role.TOOL_ARGS, Format.PLAIN_OR_JSON),
        Key("dify.tool.outputs", Role.TOOL_RESULT, Format.PLAIN_OR_JSON),
        Key("dify.retrieval.query", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("retrieval.query", Role.RETRIEVAL_QUERY, Format.PLAIN_OR_JSON),
        Key("retrieval.document", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("dify.node.process_data", Role.RAW, Format.JSON),
        Key("dify.events", Role.RAW, Format.JSON),
        # Text of programs, and what is personal by itself
        Key("dify.*.error", Role.ERROR_TEXT, Format.PLAIN),
        # Usage
        Key("dify.usage", Role.USAGE, Format.JSON),
        # The call
        Key("gen_ai.user.time_to_first_token", Role.TTFT, Format.NANOSECONDS),  # LoongSuite, too
        # Whose call it is
        Key("dify.user.id", Role.USER_ID, Format.PLAIN),
        Key("dify.invoked_by", Role.USER_ID, Format.PLAIN),
        Key("dify.node.invoked_by", Role.USER_ID, Format.PLAIN),
        Key("dify.conversation.id", Role.SESSION_ID, Format.PLAIN),
        Key("dify.session.id", Role.SESSION_ID, Format.PLAIN),
        Key("dify.tenant_id", Role.TENANT, Format.PLAIN),
    ),
    scopes=("dify*",),
    markers=("dify.*",),
)
