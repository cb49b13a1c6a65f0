"""One tool as every dialect defines it."""

from __future__ import annotations

from typing import Any, Final

from tests.processors.genai.conversation.chats import BEDROCK, OPENAI_IN, dumped

DESCRIPTION: Final = "Tells the weather."
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "city": {"type": "string"}},
    "required": ["city"],
}

THE_SAME_TOOL: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "OpenTelemetry": (
        "",
        {
            "gen_ai.tool.definitions": dumped(
                [{"type": "function", "name": "weather", "description": DESCRIPTION, "parameters": SCHEMA}]
            )
        },
    ),
    "OpenAI": (
        "",
        {
            "input.value": dumped(
                {
                    "messages": OPENAI_IN,
                    "tools": [
                        {
                            "type": "function",
                            "function": {
                                "name": "weather",
                                "description": DESCRIPTION,
                                "parameters": {**SCHEMA, "additionalProperties": False},
                                "strict": True,
                            },
                        }
                    ],
                }
            )
        },
    ),
    "OpenInference": (
        "",
        {
            "llm.tools.0.tool.json_schema": dumped(
                {"name": "weather", "description": DESCRIPTION, "input_schema": {**SCHEMA, "title": "weather"}}
            )
        },
    ),
    "OpenLLMetry": (
        "",
        {
            "llm.request.functions.0.name": "weather",
            "llm.request.functions.0.description": DESCRIPTION,
            "llm.request.functions.0.parameters": dumped(SCHEMA),
        },
    ),
    "Vercel": (
        "ai",
        {
            "ai.prompt.tools": [
                dumped({"type": "function", "name": "weather", "description": DESCRIPTION, "inputSchema": SCHEMA})
            ]
        },
    ),
    "Bedrock": (
        "",
        {
            "input.value": dumped(
                BEDROCK
                | {
                    "toolConfig": {
                        "tools": [
                            {
                                "toolSpec": {
                                    "name": "weather",
                                    "description": DESCRIPTION,
                                    "inputSchema": {"json": SCHEMA},
                                }
                            }
                        ]
                    }
                }
            )
        },
    ),
    "Gemini": (
        "",
        {
            "input.value": dumped(
                {
                    "contents": "Hello",
                    "config": {
                        "tools": [
                            {
                                "function_declarations": [
                                    {
                                        "name": "weather",
                                        "description": DESCRIPTION,
                                        "parameters": {**SCHEMA, "type": "OBJECT"},
                                    }
                                ]
                            }
                        ]
                    },
                }
            )
        },
    ),
    "Pydantic AI": (
        "pydantic-ai",
        {
            "model_request_parameters": dumped(
                {
                    "function_tools": [
                        {"name": "weather", "description": DESCRIPTION, "parameters_json_schema": SCHEMA}
                    ],
                    "output_mode": "text",
                }
            )
        },
    ),
}
"""The scope's name, and a span's attributes."""
