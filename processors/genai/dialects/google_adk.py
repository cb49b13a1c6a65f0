"""Google ADK. `gcp.vertex.agent.*` holds whole requests and responses as JSON; `{}`, `N/A` and `<elided>` stand where they are
held back. Inline data is base64. Output tokens are candidates and reasoning together.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

GOOGLE_ADK: Final = Dialect(
    "google_adk",
    title="Google Agent Development Kit",
    keys=(
        # Content
        Key("gcp.vertex.agent.llm_request", Role.PROMPT, Format.JSON),
        Key("gcp.vertex.agent.data", Role.PROMPT, Format.JSON),
        Key("gcp.vertex.agent.llm_response", Role.COMPLETION, Format.JSON),
        Key("gcp.vertex.agent.tool_call_args", Role.TOOL_ARGS, Format.JSON),
        Key("gcp.vertex.agent.tool_response", Role.TOOL_RESULT, Format.JSON),
        Key("adk.experimental.grounding.web_search_queries", Role.RETRIEVAL_QUERY, Format.STRING_ARRAY),
        # Usage
        Key(
            "gen_ai.usage.experimental.reasoning_tokens", Role.TOK_REASONING, Format.INT
        ),  # before 2.3: beside the output
        Key("gen_ai.usage.experimental.reasoning_tokens_limit", Role.TOK_OTHER, Format.INT),
        Key("gen_ai.usage.experimental.system_instruction_tokens", Role.TOK_OTHER, Format.INT),
        # Whose call it is
        Key("gcp.vertex.agent.session_id", Role.SESSION_ID, Format.PLAIN),
        # The rest
        Key("gcp.vertex.agent.invocation_id", Role.MISC, Format.PLAIN),
        Key("gcp.vertex.agent.event_id", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "gcp.vertex.agent*",
        "google.adk*",
    ),
    markers=(
        "gcp.vertex.agent.*",
        "adk.*",
    ),
)
