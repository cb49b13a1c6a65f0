"""Azure AI Foundry. Each message is a span event with one attribute, `gen_ai.event.content`, the message as JSON.

The events that the semantic conventions name are in their table; these are Azure's own.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.roles import Format, Role

AZURE_AI: Final = Dialect(
    "azure_ai",
    title="Azure AI Foundry: Projects, Agents, Inference",
    keys=(
        # Content
        Key("gen_ai.request.structured_inputs", Role.PROMPT, Format.JSON),
        Key("gen_ai.event.content", Role.COMPLETION, Format.JSON, "gen_ai.conversation.item"),
        Key("gen_ai.event.content", Role.COMPLETION, Format.JSON),  # realtime voice has more event names
        Key("gen_ai.event.content", Role.SYSTEM_PROMPT, Format.JSON, "gen_ai.system.instructions"),
        Key("gen_ai.event.content", Role.TOOL_RESULT, Format.JSON, "gen_ai.workflow.action"),
        Key("gen_ai.request.tools", Role.TOOL_DEFS, Format.JSON),
        # The call
        Key("gen_ai.thread.run.status", Role.ERROR, Format.PLAIN, when="=failed"),
        Key("gen_ai.run_step.status", Role.ERROR, Format.PLAIN, when="=failed"),
        # Whose call it is
        Key("gen_ai.thread.id", Role.SESSION_ID, Format.PLAIN),
        # The rest
        Key("gen_ai.thread.run.id", Role.MISC, Format.PLAIN),
    ),
    events=(
        ContentEvent("gen_ai.conversation.item", Role.COMPLETION),
        ContentEvent("gen_ai.system.instructions", Role.SYSTEM_PROMPT),
        ContentEvent("gen_ai.workflow.action", Role.TOOL_RESULT),
        ContentEvent("gen_ai.agent.workflow", Role.COMPLETION),
    ),
    scopes=("azure.ai.*",),
    markers=("azure.resource_provider.namespace",),
)
