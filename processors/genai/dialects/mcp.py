"""Model Context Protocol: the semantic conventions' `mcp.*`, and what the SDKs, OpenLLMetry and Sentry write beside them.

Arguments come one attribute each, named by whoever wrote the tool. Google ADK logs whole HTTP bodies on request.
`mcp.session.id` is a transport's session, not a conversation.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

MCP: Final = Dialect(
    "mcp",
    title="Model Context Protocol clients and servers: semantic conventions, SDKs, Sentry",
    keys=(
        # Content
        Key("mcp.logging.message", Role.PROMPT, Format.PLAIN),
        Key("mcp.request.argument.*", Role.TOOL_ARGS, Format.JSON),
        Key("mcp.request.argument", Role.TOOL_ARGS, Format.JSON),
        Key("mcp.response.value", Role.TOOL_RESULT, Format.JSON),
        Key("mcp.tool.result.content", Role.TOOL_RESULT, Format.JSON),  # Sentry, like the next two
        Key("mcp.session.init_options", Role.RAW, Format.JSON),
        Key("mcp.prompt.result.message_content", Role.RAW, Format.PLAIN_OR_JSON),
        # Text of programs, and what is personal by itself
        Key("mcp.resource.uri", Role.URL, Format.URI),
        # The call
        Key("rpc.response.status_code", Role.ERROR, Format.PLAIN),
        Key("mcp.tool.result.is_error", Role.ERROR, Format.BOOL, when="=true"),
        # The rest
        Key("mcp.session.id", Role.MISC, Format.PLAIN),
        Key("mcp.method.name", Role.MISC, Format.PLAIN),
        Key("mcp.protocol.version", Role.MISC, Format.PLAIN),
        Key("jsonrpc.request.id", Role.MISC, Format.PLAIN),
        Key("network.transport", Role.MISC, Format.PLAIN),
        Key("mcp.tool.name", Role.MISC, Format.PLAIN),
        Key("mcp.prompt.name", Role.MISC, Format.PLAIN),
    ),
    markers=(
        "mcp.method.name",
        "mcp.tool.name",
        "mcp.request.*",
    ),
)
