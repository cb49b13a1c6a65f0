"""opencode's OTel export: the semantic conventions' keys, and a few of its own."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

OPENCODE: Final = Dialect(
    "opencode",
    title="opencode",
    keys=(
        # Cost
        Key("opencode.llm.cost.total", Role.COST, Format.USD),
        # The rest
        Key("opencode.llm.retry_history", Role.MISC, Format.JSON),
        Key("opencode.provider.id", Role.MISC, Format.PLAIN),
        Key("opencode.message.id", Role.MISC, Format.PLAIN),
    ),
    scopes=("opencode*",),
    markers=("opencode.*",),
)
