"""AG2 (once AutoGen): the semantic conventions' keys, and under keys of its own what humans were asked and said, what code
printed, and summaries of chats.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

AG2: Final = Dialect(
    "ag2",
    title="AG2",
    keys=(
        # Content
        Key("ag2.human_input.response", Role.PROMPT, Format.PLAIN),
        Key("ag2.human_input.prompt", Role.COMPLETION, Format.PLAIN),
        Key("ag2.chats.summaries", Role.COMPLETION, Format.JSON),
        Key("ag2.code_execution.output", Role.TOOL_RESULT, Format.PLAIN),
        # The rest
        Key("ag2.span.type", Role.MISC, Format.PLAIN),
        Key("ag2.code_execution.exit_code", Role.MISC, Format.INT),
        Key("ag2.speaker_selection.*", Role.MISC, Format.JSON),
        Key("ag2.chats.*", Role.MISC, Format.JSON),
    ),
    scopes=("opentelemetry.instrumentation.ag2*",),
    markers=("ag2.*",),
)
