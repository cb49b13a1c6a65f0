"""Microsoft Agent Framework, Python: the semantic conventions' keys and log records. Finish reasons are JSON in a string."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

AGENT_FRAMEWORK: Final = Dialect(
    "agent_framework",
    title="Microsoft Agent Framework, Python and .NET, and `Microsoft.Extensions.AI` in logs",
    keys=(
        # Content
        Key("workflow.definition", Role.RAW, Format.JSON, scoped=True),
        # The rest
        Key("agent_framework.function.name", Role.MISC, Format.PLAIN),
    ),
    scopes=("agent_framework*", "Microsoft.Agents*", "Experimental.Microsoft.Agents*", "Microsoft.Extensions.AI*"),
    markers=("agent_framework.*",),
)
