"""As much of JSON Schema (draft 2020-12) as the schemas of this project use; an unknown keyword is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ANNOTATIONS: Final = {
    "$schema", "$defs", "title", "description", "default", "examples", "writeOnly", "discriminator", "format",
}  # fmt: skip
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def problems_of(data: Any, schema: Mapping[str, Any]) -> list[str]:
    """Empty if `data` is valid."""
    return list(_check(data, schema, schema, "$"))


def _check(data: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str) -> Iterator[str]:
    for keyword, wanted in schema.items():
        match keyword:
            case _ if keyword in _ANNOTATIONS:
                pass
            case "$ref":
                yield from _check(data, root["$defs"][wanted.removeprefix("#/$defs/")], root, at)
            case "type":
                kinds = _TYPES[wanted]
                if not isinstance(data, kinds) or (isinstance(data, bool) and bool not in kinds):
                    yield f"{at}: not of type {wanted}"
            case "anyOf" | "oneOf":
                valid = [branch for branch in wanted if not list(_check(data, branch, root, at))]
                if not valid or (keyword == "oneOf" and len(valid) > 1):
                    yield f"{at}: {len(valid)} of {len(wanted)} branches are valid"
            case "enum":
                if data not in wanted:
                    yield f"{at}: not one of {wanted}"
            case "const":
                if data != wanted:
                    yield f"{at}: not {wanted}"
            case _:
                yield from _sized(data, keyword, wanted, at)
                yield from _children(data, keyword, schema, root, at)


def _sized(data: Any, keyword: str, wanted: Any, at: str) -> Iterator[str]:
    number = isinstance(data, int | float)
    sized = {"Length": str, "Items": list, "Properties": dict}
    match keyword:
        case "minimum":
            bad = number and data < wanted
        case "maximum":
            bad = number and data > wanted
        case "exclusiveMinimum":
            bad = number and data <= wanted
        case "exclusiveMaximum":
            bad = number and data >= wanted
        case "pattern":
            bad = isinstance(data, str) and not re.search(wanted, data)
        case "minLength" | "minItems" | "minProperties":
            bad = isinstance(data, sized[keyword[3:]]) and len(data) < wanted
        case "maxLength" | "maxItems" | "maxProperties":
            bad = isinstance(data, sized[keyword[3:]]) and len(data) > wanted
        case _:
            return
    if bad:
        yield f"{at}: {keyword} {wanted}"


def _children(data: Any, keyword: str, schema: Mapping[str, Any], root: Mapping[str, Any], at: str) -> Iterator[str]:
    wanted = schema[keyword]
    match keyword, data:
        case "items", list():
            for index, item in enumerate(data):
                yield from _check(item, wanted, root, f"{at}[{index}]")
        case "required", dict():
            yield from (f"{at}: {key} is missing" for key in wanted if key not in data)
        case "properties", dict():
            for key in wanted.keys() & data.keys():
                yield from _check(data[key], wanted[key], root, f"{at}.{key}")
        case "patternProperties", dict():
            for key, value in data.items():
                for inner in (inner for pattern, inner in wanted.items() if re.search(pattern, key)):
                    yield from _check(value, inner, root, f"{at}.{key}")
        case "additionalProperties", dict():
            patterns = schema.get("patternProperties", {})
            for key, value in data.items():
                if key in schema.get("properties", {}) or any(re.search(pattern, key) for pattern in patterns):
                    continue
                if wanted is False:
                    yield f"{at}: {key} is not allowed"
                elif isinstance(wanted, dict):
                    yield from _check(value, wanted, root, f"{at}.{key}")
        case (("items" | "required" | "properties" | "patternProperties" | "additionalProperties"), _):
            pass
        case _:
            if keyword not in _SIZES:
                raise NotImplementedError(keyword)


_SIZES: Final = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern"),
    *(f"{end}{unit}" for end in ("min", "max") for unit in ("Length", "Items", "Properties")),
}
