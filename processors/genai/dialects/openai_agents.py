"""The OpenTelemetry project's instrumentations of the OpenAI Agents SDK: what they add to the semantic conventions."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

OPENAI_AGENTS: Final = Dialect(
    "openai_agents",
    title="OpenAI Agents instrumentations of the OpenTelemetry project",
    keys=(
        # Content
        Key("gen_ai.speech.input_text", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.transcription.text", Role.COMPLETION, Format.PLAIN),
        Key("gen_ai.orchestrator.agent.definitions", Role.SYSTEM_PROMPT, Format.JSON),
        # Whose call it is
        Key("gen_ai.handoff.from_agent", Role.AGENT, Format.PLAIN),
        Key("gen_ai.handoff.to_agent", Role.AGENT, Format.PLAIN),
    ),
    scopes=(
        "opentelemetry.instrumentation.openai_agents*",
        "opentelemetry.instrumentation.genai.openai_agents*",
    ),
)
