"""Definitions of tools, whatever the provider's shape, as one list of name, description and schema.

OpenAI (chat and responses), Anthropic, Bedrock (`toolSpec`), Gemini (`function_declarations`), OpenTelemetry, Vercel,
Pydantic AI. By name, for SDKs differ in the order. A schema counts without what SDKs add to it: `$schema`, `title`,
`additionalProperties: false`, `strict`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from processors.genai.conversation.decode import decoded_text
from processors.genai.conversation.message import canonical_json

_LISTS: Final = (
    "tools",
    "functions",
    "function_declarations",
    "functionDeclarations",
    "function_tools",
    "output_tools",
)
_CONFIGS: Final = ("toolConfig", "config", "kwargs", "invocation_params")
_INNER: Final = ("function", "toolSpec", "json_schema")
_SCHEMAS: Final = (
    "parameters", "input_schema", "inputSchema", "parameters_json_schema", "parametersJsonSchema", "args_schema",
)  # fmt: skip
_ADDED: Final = frozenset({"$schema", "title", "strict"})
_NAMED: Final = frozenset({"properties", "$defs", "definitions"})
"""Below these, keys are names."""


def canonical_tools(data: Any) -> str:
    """JSON: `[["weather","Tells the weather.",{"type":"object"}]]`; empty if `data` defines no tool."""
    try:
        found = sorted(set(_definitions(data)))
    except RecursionError:
        return ""
    return f"[{','.join(found)}]" if found else ""


def _definitions(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        parsed = decoded_text(data)
        if isinstance(parsed, dict | list):
            yield from _definitions(parsed)
    elif isinstance(data, list):
        for item in data:
            yield from _definitions(item)
    elif isinstance(data, dict):
        lists = [data[key] for key in _LISTS if isinstance(data.get(key), list | dict)]
        if lists:
            for each in lists:
                yield from _definitions(each)
            return
        for key in _CONFIGS:
            if isinstance(data.get(key), dict) and "name" not in data:
                yield from _definitions(data[key])
        inner = next((data[key] for key in _INNER if isinstance(data.get(key), dict | str)), None)
        if inner is not None and "name" not in data:
            yield from _definitions(inner)
        elif isinstance(data.get("name"), str):
            yield _definition(data)


def _definition(tool: dict[str, Any]) -> str:
    schema: Any = next((tool[key] for key in _SCHEMAS if tool.get(key)), {})
    if isinstance(schema, str):
        schema = decoded_text(schema)
    if isinstance(schema, dict) and set(schema) == {"json"}:
        schema = schema["json"]
    return canonical_json([tool["name"], tool.get("description") or "", _plain_schema(schema)])


def _plain_schema(schema: Any, *, named: bool = False) -> Any:
    if isinstance(schema, list):
        return [_plain_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if named:
        return {key: _plain_schema(value) for key, value in schema.items()}
    plain = {
        key: _plain_schema(value, named=key in _NAMED)
        for key, value in schema.items()
        if key not in _ADDED and not (key == "additionalProperties" and value is False)
    }
    if isinstance(plain.get("type"), str):
        plain["type"] = plain["type"].lower()  # Gemini writes OBJECT
    if plain.get("required") == []:
        del plain["required"]
    return plain
