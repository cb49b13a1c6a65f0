"""Claude Code and the Claude Agent SDK. All keys are bare, so all are bound to their two scopes or to the events' names.

Input tokens leave out what was read from and written to the cache. Numbers in log records are often strings. Bodies of
requests and responses are cut at 60 KB, tool inputs at 512 characters. The attribute `event.name` has the name without
`claude_code.`. Tools that failed leave the span's status unset.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

CLAUDE_CODE: Final = Dialect(
    "claude_code",
    title="Claude Code, Claude Agent SDK",
    keys=(
        # Content
        Key("prompt", Role.PROMPT, Format.PLAIN, "claude_code.user_prompt"),
        Key("prompt", Role.PROMPT, Format.PLAIN, scoped=True),
        Key("prompt_text", Role.PROMPT, Format.PLAIN, scoped=True),  # since 2026
        Key("user_prompt", Role.PROMPT, Format.PLAIN, scoped=True),
        Key("new_context", Role.PROMPT, Format.PLAIN, scoped=True),
        Key("system_reminders", Role.PROMPT, Format.PLAIN, scoped=True),
        Key("response", Role.COMPLETION, Format.PLAIN, "claude_code.assistant_response"),
        Key("response", Role.COMPLETION, Format.PLAIN, scoped=True),
        Key("response.model_output", Role.COMPLETION, Format.PLAIN, scoped=True),
        Key("system_prompt_preview", Role.SYSTEM_PROMPT, Format.PLAIN, scoped=True),
        Key("user_system_prompt", Role.SYSTEM_PROMPT, Format.PLAIN, scoped=True),
        Key("tools", Role.TOOL_DEFS, Format.JSON, scoped=True),
        Key("tool_parameters", Role.TOOL_ARGS, Format.JSON, "claude_code.tool_result"),
        Key("tool_parameters", Role.TOOL_ARGS, Format.JSON, scoped=True),
        Key("tool_input", Role.TOOL_ARGS, Format.JSON, scoped=True),
        Key("full_command", Role.TOOL_ARGS, Format.PLAIN, scoped=True),
        Key("file_path", Role.TOOL_ARGS, Format.PLAIN, scoped=True),
        Key("hook_definitions", Role.TOOL_ARGS, Format.JSON, scoped=True),
        Key("output", Role.TOOL_RESULT, Format.PLAIN, "tool.output"),
        Key("content", Role.TOOL_RESULT, Format.PLAIN, "tool.output"),
        Key("diff", Role.TOOL_RESULT, Format.PLAIN, "tool.output"),
        Key("input", Role.TOOL_RESULT, Format.PLAIN, "tool.output"),
        Key("body", Role.RAW, Format.CUT_JSON, "claude_code.api_request_body"),
        Key("body", Role.RAW, Format.CUT_JSON, scoped=True),
        Key("body", Role.RAW, Format.CUT_JSON, "claude_code.api_response_body"),
        # Content kept elsewhere
        Key("body_ref", Role.CONTENT_REF, Format.PLAIN, scoped=True),  # a path
        # Text of programs, and what is personal by itself
        Key("error", Role.ERROR_TEXT, Format.PLAIN, scoped=True),
        # Usage
        Key("input_tokens", Role.TOK_IN, Format.INT, scoped=True),
        Key("output_tokens", Role.TOK_OUT, Format.INT, scoped=True),
        Key("cache_read_tokens", Role.TOK_CACHE_READ, Format.INT, scoped=True),
        Key("cache_creation_tokens", Role.TOK_CACHE_WRITE, Format.INT, scoped=True),
        Key("cache_creation_5m_tokens", Role.TOK_OTHER, Format.INT, scoped=True),
        Key("cache_creation_1h_tokens", Role.TOK_OTHER, Format.INT, scoped=True),
        # Cost
        Key("cost_usd", Role.COST, Format.USD, scoped=True),
        Key("cost_usd_micros", Role.COST, Format.MICRO_USD, scoped=True),
        # The call
        Key("model", Role.MODEL_REQ, Format.PLAIN, scoped=True),
        Key("span.type", Role.OP, Format.PLAIN, scoped=True),
        Key("stop_reason", Role.FINISH, Format.PLAIN, scoped=True),
        Key("ttft_ms", Role.TTFT, Format.MILLISECONDS, scoped=True),
        Key("success", Role.ERROR, Format.PLAIN, scoped=True, when="=false"),
        Key("status_code", Role.ERROR, Format.INT, scoped=True, when=">=400"),
        # Whose call it is
        Key("user.account_uuid", Role.USER_ID, Format.PLAIN),
        Key("user.account_id", Role.USER_ID, Format.PLAIN),
        Key("prompt.id", Role.SESSION_ID, Format.PLAIN, scoped=True),
        Key("team.id", Role.TENANT, Format.PLAIN),
        Key("department", Role.TENANT, Format.PLAIN),
        Key("cost_center", Role.TENANT, Format.PLAIN),
        # The rest
        Key("query_source", Role.MISC, Format.PLAIN, scoped=True),
    ),
    scopes=("com.anthropic.claude_code*",),
    cache_beside_input=True,
)
