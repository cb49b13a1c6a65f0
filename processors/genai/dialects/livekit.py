"""LiveKit Agents. 1.8 renamed `lk.<key>` to `lk.pii.<key>` where it holds content. Messages may be a delta over another span's."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LIVEKIT: Final = Dialect(
    "livekit",
    title="LiveKit Agents",
    keys=(
        # Content
        Key("lk.pii.chat_ctx", Role.PROMPT, Format.JSON),
        Key("lk.chat_ctx", Role.PROMPT, Format.JSON),
        Key("lk.pii.user_input", Role.PROMPT, Format.PLAIN),
        Key("lk.user_input", Role.PROMPT, Format.PLAIN),
        Key("lk.pii.user_transcript", Role.PROMPT, Format.PLAIN),
        Key("lk.user_transcript", Role.PROMPT, Format.PLAIN),
        Key("lk.pii.response.text", Role.COMPLETION, Format.PLAIN),
        Key("lk.response.text", Role.COMPLETION, Format.PLAIN),
        Key("lk.pii.input_text", Role.COMPLETION, Format.PLAIN),
        Key("lk.input_text", Role.COMPLETION, Format.PLAIN),
        Key("lk.pii.instructions", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("lk.instructions", Role.SYSTEM_PROMPT, Format.PLAIN),
        Key("lk.pii.function_tool.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("lk.function_tool.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("lk.pii.response.function_calls", Role.TOOL_ARGS, Format.JSON),
        Key("lk.response.function_calls", Role.TOOL_ARGS, Format.JSON),
        Key("lk.pii.rpc.payload", Role.TOOL_ARGS, Format.PLAIN),
        Key("lk.pii.function_tool.output", Role.TOOL_RESULT, Format.PLAIN),
        Key("lk.function_tool.output", Role.TOOL_RESULT, Format.PLAIN),
        Key("lk.pii.rpc.response", Role.TOOL_RESULT, Format.PLAIN),
        Key("lk.pii.*", Role.METADATA, Format.PLAIN_OR_JSON),  # whatever comes next
        # Text of programs, and what is personal by itself
        Key("lk.participant_identity", Role.PERSONAL, Format.PLAIN),
        Key("lk.room_name", Role.PERSONAL, Format.PLAIN),
        Key("lk.pii.sip.phoneNumber", Role.PERSONAL, Format.PLAIN),
        # Usage
        Key("gen_ai.usage.input_text_tokens", Role.TOK_OTHER, Format.INT),
        Key("gen_ai.usage.input_audio_tokens", Role.TOK_AUDIO_IN, Format.INT),
        Key("gen_ai.usage.input_cached_tokens", Role.TOK_CACHE_READ, Format.INT),
        Key("gen_ai.usage.output_text_tokens", Role.TOK_OTHER, Format.INT),
        Key("gen_ai.usage.output_audio_tokens", Role.TOK_AUDIO_OUT, Format.INT),
        Key("lk.llm_metrics", Role.USAGE, Format.JSON),
        Key("lk.tts_metrics", Role.USAGE, Format.JSON),
        Key("lk.realtime_model_metrics", Role.USAGE, Format.JSON),
        # The call
        Key("lk.response.ttft", Role.TTFT, Format.SECONDS),
        Key("lk.response.ttfb", Role.TTFT, Format.SECONDS),
        Key("lk.function_tool.is_error", Role.ERROR, Format.BOOL, when="=true"),
        # Whose call it is
        Key("lk.room_sid", Role.SESSION_ID, Format.PLAIN),
        # The rest
        Key("lk.job_id", Role.MISC, Format.PLAIN),
    ),
    scopes=("livekit*",),
    markers=("lk.*",),
)
