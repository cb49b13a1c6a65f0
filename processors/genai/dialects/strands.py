"""AWS Strands Agents. Content is in span events: one per message up to 1.36, `gen_ai.client.inference.operation.details` after.

Its provider is `strands-agents`, so that only the model tells who served it. The same usage is on the model's span, the
cycle's and, summed, the agent's. Its time to the first token is in milliseconds, under a key that others give in seconds.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

STRANDS: Final = Dialect(
    "strands",
    title="AWS Strands Agents",
    keys=(
        # Content
        Key("gen_ai.tool.json_schema", Role.TOOL_DEFS, Format.JSON),
        Key("tool.result", Role.TOOL_RESULT, Format.JSON, "gen_ai.choice"),
        # Usage
        Key("gen_ai.usage.cache_write_input_tokens", Role.TOK_CACHE_WRITE, Format.INT),
        # The call
        Key("gen_ai.server.time_to_first_token", Role.TTFT, Format.MILLISECONDS, scoped=True),
        Key("gen_ai.tool.status", Role.ERROR, Format.PLAIN, when="=error"),
        Key("strands.cancellation.type", Role.ERROR, Format.PLAIN),
        # The rest
        Key("event_loop.cycle_id", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "strands.*",
        "strands-agents*",
    ),
    markers=("event_loop.cycle_id",),
)
