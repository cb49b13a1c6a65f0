"""What a JSON Schema says of one value, as the cell of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from processors.section import StrictModel
from processors.values import Duration

Schema = Mapping[str, Any]

NONE: Final = "-"
ITS_OWN: Final = "its defaults"


class _Durations(StrictModel):
    duration: Duration


_DURATION: Final = _Durations.model_json_schema()["properties"]["duration"]["pattern"]
_MIB: Final = 2**20


def alternatives(schema: Schema) -> list[Schema]:
    """What may stand there, without `null` and `${env:NAME}`: both are the same wherever they are allowed."""
    return [branch for branch in _branches(schema) if branch.get("type") != "null" and not _is_variable(branch)]


def may_be_null(schema: Schema) -> bool:
    return any(branch.get("type") == "null" for branch in _branches(schema))


def kind_text(schema: Schema) -> str:
    """`whole number, 1 to 64`, `duration`, `gzip` or `none`."""
    kinds = list(dict.fromkeys(map(_kind, alternatives(schema))))
    if "number" in kinds and "whole number" in kinds:
        kinds.remove("whole number")
    return " or ".join(kinds)


def default_text(schema: Schema) -> str:
    """As it is written in the file; a dash where nothing is set."""
    default = schema.get("default")
    if isinstance(default, list):
        named = [item["name"] if isinstance(item, dict) else item for item in default]
        return ", ".join(map(_code, named)) or NONE
    if default is None or isinstance(default, dict):
        return NONE
    mebibytes = isinstance(default, int) and default >= _MIB and default % _MIB == 0
    return f"{_code(default)} ({default // _MIB} MiB)" if mebibytes else _code(default)


def _branches(schema: Schema) -> Iterator[Schema]:
    if "anyOf" not in schema:
        yield schema
        return
    for branch in schema["anyOf"]:
        yield from _branches(branch)


def _is_variable(schema: Schema) -> bool:
    return r"\$\{" in schema.get("pattern", "")


def _kind(schema: Schema) -> str:
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return " or ".join(filter(None, [", ".join(map(_code, schema["enum"][:-1])), _code(schema["enum"][-1])]))
    match schema.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "integer":
            return f"whole number{_limits(schema, 1)}"
        case "number":
            return f"number{_limits(schema, 0)}"
        case "string":
            return _text(schema)
        case "array" if "prefixItems" in schema:
            return f"list of {len(schema['prefixItems'])}: {', '.join(map(kind_text, schema['prefixItems']))}"
        case "array":
            items = kind_text(schema["items"]).removesuffix(", not empty").replace("mapping", "mappings")
            return f"list of {items}{', at least one' if schema.get('minItems') else ''}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"names, each with {kind_text(schema['additionalProperties'])}"
        case "object":
            return "mapping"
        case _ if "$ref" in schema:
            return "mapping"
        case unknown:
            raise NotImplementedError(unknown)


def _limits(schema: Schema, step: int) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema and step:
        low = schema["exclusiveMinimum"] + step
    elif "exclusiveMinimum" in schema:
        return f", more than {schema['exclusiveMinimum']}"
    if low is not None and high is not None:
        return f", {low} to {high}"
    return f", at least {low}" if low is not None else f", at most {high}" if high is not None else ""


def _text(schema: Schema) -> str:
    pattern = schema.get("pattern")
    if pattern == _DURATION:
        return "duration"
    if schema.get("writeOnly"):
        return "secret text"
    if schema.get("format") == "path":
        return "path"
    if schema.get("minLength") == schema.get("maxLength") == 1:
        return "one character"
    if pattern not in (None, r"\S"):
        return f"text like {_code(pattern)}"
    return "text, not empty" if schema.get("minLength") else "text"


def _code(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"`{value}`" if isinstance(value, str) and value else f"`{json.dumps(value)}`"
