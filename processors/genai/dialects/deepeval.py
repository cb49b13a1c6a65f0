"""DeepEval and Confident AI. Scores stay on their server: `confident.*.metric_collection` only names what is to be run there."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

DEEPEVAL: Final = Dialect(
    "deepeval",
    title="DeepEval, Confident AI",
    keys=(
        # Content
        Key("confident.span.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("confident.trace.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("confident.trace.llm_test_case.input", Role.PROMPT, Format.PLAIN),
        Key("confident.span.prompt", Role.PROMPT, Format.JSON),
        Key("confident.llm.prompt", Role.PROMPT, Format.JSON),
        Key("confident.span.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("confident.trace.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("confident.trace.llm_test_case.actual_output", Role.COMPLETION, Format.PLAIN),
        Key("confident.span.expected_output", Role.COMPLETION, Format.PLAIN),
        Key("confident.trace.expected_output", Role.COMPLETION, Format.PLAIN),
        Key("confident.span.tools_called", Role.TOOL_ARGS, Format.STRING_ARRAY),
        Key("confident.span.expected_tools", Role.TOOL_ARGS, Format.STRING_ARRAY),
        Key("confident.trace.tools_called", Role.TOOL_ARGS, Format.STRING_ARRAY),
        Key("confident.trace.expected_tools", Role.TOOL_ARGS, Format.STRING_ARRAY),
        Key("confident.span.retrieval_context", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("confident.span.context", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("confident.trace.retrieval_context", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("confident.trace.context", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("confident.trace.llm_test_case.retrieval_context", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("confident.trace.llm_test_case.context", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        Key("confident.span.metadata", Role.METADATA, Format.JSON),
        Key("confident.trace.metadata", Role.METADATA, Format.JSON),
        # Usage
        Key("confident.llm.input_token_count", Role.TOK_IN, Format.INT),
        Key("confident.llm.output_token_count", Role.TOK_OUT, Format.INT),
        # The call
        Key("confident.llm.model", Role.MODEL_REQ, Format.PLAIN),
        # Whose call it is
        Key("confident.trace.user_id", Role.USER_ID, Format.PLAIN),
        Key("confident.trace.thread_id", Role.SESSION_ID, Format.PLAIN),
        Key("confident.trace.tags", Role.TAGS, Format.STRING_ARRAY),
        Key("confident.trace.environment", Role.ENVIRONMENT, Format.PLAIN),
        Key("confident.span.prompt_alias", Role.PROMPT_NAME, Format.PLAIN),
        Key("confident.span.prompt_version", Role.PROMPT_VERSION, Format.PLAIN),
        Key("confident.span.prompt_commit_hash", Role.PROMPT_VERSION, Format.PLAIN),
        # The rest
        Key("confident.llm.cost_per_input_token", Role.MISC, Format.DOUBLE),  # USD for one token
        Key("confident.llm.cost_per_output_token", Role.MISC, Format.DOUBLE),
    ),
    scopes=(
        "deepeval*",
        "confident*",
    ),
    markers=("confident.*",),
)
