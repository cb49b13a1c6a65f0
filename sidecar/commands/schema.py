"""`genai-sidecar schema policy|config`: JSON Schema, draft 2020-12, for editors and their completion."""

from __future__ import annotations

import argparse
import json
from typing import Any, Final

from pydantic import BaseModel

from processors.policy import Policy
from sidecar.commands.output import print_result
from sidecar.config import Config

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final = {"type": "string", "pattern": r"\$\{[^{}]*\}"}
"""`${env:NAME}` may stand for any value, whatever its type."""


_NOTES: Final = ("title", "description", "default")
_MODELS: Final[dict[str, type[BaseModel]]] = {"policy": Policy, "config": Config}


def main(options: argparse.Namespace) -> int:
    print_result(json.dumps(json_schema(options.of), indent=2, ensure_ascii=False))
    return 0


def json_schema(of: str) -> dict[str, Any]:
    """The schema of `policy` (policy.yaml) or `config` (sidecar.yaml), with the models' descriptions."""
    model = _MODELS[of]
    schema = _written(model.model_json_schema())
    for name, field in model.model_fields.items():
        if not field.is_required():
            schema["properties"][name] = {
                **_or_nothing(schema["properties"][name]),
                "description": field.description,  # pydantic leaves it out where it is the section's own
            }
    return {"$schema": _DIALECT, **schema}


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    """A section whose every key is commented out has its defaults."""
    return {"anyOf": [{k: v for k, v in schema.items() if k not in _NOTES}, {"type": "null"}], **_notes(schema)}


def _written(schema: Any) -> Any:
    """As the file is written, not as the models hold it: durations with a unit, `${env:NAME}` for numbers."""
    if isinstance(schema, list):
        return [_written(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    # A default is a value, but `retain_content` has a key of that name, which is a schema.
    written = {
        key: inner if key == "default" and not _is_schema(inner) else _written(inner) for key, inner in schema.items()
    }
    kind, default = written.get("type"), written.get("default")
    if kind == "string" and isinstance(default, int | float):
        written["default"] = duration_text(default)
    if kind in ("integer", "number", "boolean") and "properties" not in written:
        return {"anyOf": [{k: v for k, v in written.items() if k not in _NOTES}, _REFERENCE], **_notes(written)}
    return written


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and bool({"type", "anyOf", "$ref"} & value.keys())


def _notes(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: schema[key] for key in _NOTES if key in schema}


def duration_text(seconds: float) -> str:
    """`30s`, `10m`, `300ms`: the longest unit that leaves a whole number."""
    for unit, length in (("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= length and seconds % length == 0:
            return f"{int(seconds // length)}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0"
