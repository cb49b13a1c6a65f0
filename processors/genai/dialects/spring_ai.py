"""Spring AI through Micrometer. Content on spans up to 1.0 M; after that in log lines, which are scrubbed as all bodies are.
Numbers may be strings. Framework spans have the provider `spring_ai`.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

SPRING_AI: Final = Dialect(
    "spring_ai",
    title="Spring AI (Micrometer)",
    keys=(
        # Content
        Key("spring.ai.chat.client.user.text", Role.PROMPT, Format.PLAIN),
        Key("spring.ai.chat.client.user.params", Role.PROMPT, Format.PLAIN),
        Key("spring.ai.chat.client.system.text", Role.PROMPT, Format.PLAIN),
        Key("spring.ai.chat.client.system.params", Role.PROMPT, Format.PLAIN),
        Key("spring.ai.tool.call.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("spring.ai.tool.call.result", Role.TOOL_RESULT, Format.PLAIN),
        Key("spring.ai.tool.definition.name", Role.TOOL_DEFS, Format.PLAIN),
        Key("spring.ai.tool.definition.description", Role.TOOL_DEFS, Format.PLAIN),
        Key("spring.ai.tool.definition.schema", Role.TOOL_DEFS, Format.PLAIN),
        Key("spring.ai.model.request.tool.names", Role.TOOL_DEFS, Format.STRING_ARRAY),
        Key("db.vector.query.content", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("db.vector.query.filter", Role.RETRIEVAL_QUERY, Format.PLAIN),
        Key("db.vector.query.response.documents", Role.RETRIEVAL_DOCS, Format.STRING_ARRAY),
        # Whose call it is
        Key("spring.ai.chat.client.conversation.id", Role.SESSION_ID, Format.PLAIN),
    ),
    markers=(
        "spring.ai.*",
        "db.vector.query.*",
    ),
)
