"""What a model allows at a place in a document, read from its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from sidecar.documents.node import Document, KeyPath, MappingNode, Node, ScalarNode, child

Schema = dict[str, Any]

_REF_PREFIX: Final = "#/$defs/"
_NOUNS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_LIMITS: Final = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "more than"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "less than"),
)
_LENGTHS: Final = (
    ("minLength", "at least", "characters"),
    ("maxLength", "at most", "characters"),
    ("minItems", "at least", "items"),
    ("maxItems", "at most", "items"),
    ("minProperties", "at least", "items"),
)


class SchemaView:
    def __init__(self, model: type[BaseModel]) -> None:
        schema = model.model_json_schema()
        self._definitions: dict[str, Schema] = schema.get("$defs", {})
        self._root: Schema = schema

    def at(self, document: Document, path: KeyPath) -> list[Schema]:
        """The schemas one of which must hold at `path`; none where the path leads nowhere."""
        node: Node | None = document.root
        schemas = list(self._alternatives(self._root, node))
        for step in path:
            node = None if node is None else child(node, step)
            inner = [found for schema in schemas for found in _step(schema, step)]
            schemas = [found for schema in inner for found in self._alternatives(schema, node)]
        return schemas

    def _alternatives(self, schema: Schema, node: Node | None) -> Iterator[Schema]:
        """`schema` with references followed; for a choice, the branches that the value at hand can be meant for."""
        reference = schema.get("$ref")
        if reference:
            siblings = {key: value for key, value in schema.items() if key != "$ref"}
            definition = self._definitions.get(reference.removeprefix(_REF_PREFIX), {})
            yield from self._alternatives({**definition, **siblings}, node)
            return
        branches = [branch for key in ("anyOf", "oneOf", "allOf") for branch in schema.get(key, [])]
        if not branches:
            yield schema
            return
        discriminator = schema.get("discriminator", {})
        tag = child(node, discriminator.get("propertyName", "")) if node is not None else None
        chosen = discriminator.get("mapping", {}).get(tag.text) if isinstance(tag, ScalarNode) else None
        if chosen:
            branches = [{"$ref": chosen}]
        for branch in branches:
            for found in self._alternatives(branch, node):
                yield {**found, "writeOnly": True} if schema.get("writeOnly") else found


def _step(schema: Schema, step: str | int) -> list[Schema]:
    if isinstance(step, int):
        items = schema.get("items")
        return [items] if isinstance(items, dict) else []
    if step in schema.get("properties", {}):
        return [schema["properties"][step]]
    matching = [inner for pattern, inner in schema.get("patternProperties", {}).items() if re.search(pattern, step)]
    additional = schema.get("additionalProperties")
    return matching or ([additional] if isinstance(additional, dict) else [])


def is_secret(schemas: list[Schema]) -> bool:
    return any(schema.get("writeOnly") for schema in schemas)


def allowed_keys(schemas: list[Schema]) -> list[str]:
    """Keys in the order the models define them, without repeats; patterns of keys as `otlp/<name>`."""
    keys = [key for schema in schemas for key in schema.get("properties", {})]
    return list(dict.fromkeys(keys))


def allowed_words(schemas: list[Schema]) -> list[str]:
    words = [word for schema in schemas for word in schema.get("enum", [schema["const"]] if "const" in schema else [])]
    return list(dict.fromkeys("true" if word is True else "false" if word is False else str(word) for word in words))


def allowed(schemas: list[Schema], node: Node | None) -> str:
    """In words: `a whole number, at least 1`, `keep, mask or a mapping`. Empty where nothing is known."""
    words = allowed_words(schemas)
    kinds = [_kind(schema) for schema in schemas if "enum" not in schema and "const" not in schema]
    # A mapping's own keys are of no help to someone who wrote a list, and the other way round.
    alternatives = list(dict.fromkeys([*words, *(kind for kind in kinds if kind)]))
    if isinstance(node, MappingNode) and "a mapping" in alternatives and len(alternatives) > 1:
        alternatives.remove("a mapping")
    return _either(alternatives)


def _kind(schema: Schema) -> str:
    noun = _NOUNS.get(str(schema.get("type", "")), "")
    if not noun:
        return ""
    limits = [f"{words} {schema[key]}" for key, words in _LIMITS if key in schema]
    limits += [
        f"{words} {schema[key]} {unit if schema[key] != 1 else unit[:-1]}"
        for key, words, unit in _LENGTHS
        if key in schema
    ]
    examples = schema.get("examples")
    if examples:
        noun += f" such as {_either([str(example) for example in examples])}"
    return ", ".join([noun, " and ".join(limits)]) if limits else noun


def _either(alternatives: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(alternatives[:-1]), *alternatives[-1:]]))
