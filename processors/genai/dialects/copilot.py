"""GitHub Copilot Chat (VS Code) and the Copilot CLI. The requested model may be `auto`. What it costs is told in AI credits
and premium requests, not in USD. The `invoke_agent` span repeats the usage of its calls.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

COPILOT: Final = Dialect(
    "copilot",
    title="GitHub Copilot Chat (VS Code), Copilot CLI",
    keys=(
        # Content
        Key("copilot_chat.user_request", Role.PROMPT, Format.PLAIN),
        Key("copilot_chat.prompt_context", Role.PROMPT, Format.PLAIN),
        Key("copilot_chat.prompt_instructions", Role.PROMPT, Format.PLAIN),
        Key("copilot_chat.reasoning_content", Role.COMPLETION, Format.PLAIN),
        Key("copilot_chat.markdown_content", Role.COMPLETION, Format.PLAIN),
        # The call
        Key("copilot_chat.time_to_first_token", Role.TTFT, Format.MILLISECONDS),
        # Quality
        Key("copilot_chat.edit.outcome", Role.SCORE_LABEL, Format.PLAIN),  # accepted, rejected, saved
        # Whose call it is
        Key("copilot_chat.session_id", Role.SESSION_ID, Format.PLAIN),
        Key("copilot_chat.chat_session_id", Role.SESSION_ID, Format.PLAIN),
        # The rest
        Key("github.copilot.nano_aiu", Role.MISC, Format.DOUBLE),  # 1e-9 AI credits
        Key("github.copilot.cost", Role.MISC, Format.DOUBLE),  # premium requests
    ),
    scopes=("copilot*",),
    markers=(
        "copilot_chat.*",
        "github.copilot.*",
    ),
)
