"""A JSON Schema of `genai-sidecar schema`, taken apart into sections of keys, in the order of the models.

A mapping has a section of its own where it can be absent, be one of several, or stand in several places. The keys of any
other mapping are listed with its parent's, by their path: `keepalive.server_parameters.time`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from sidecar.exporters.config import EXPORTER_CONFIGS
from tests.reference.values import ITS_OWN, NONE, Schema, alternatives, default_text, kind_text, may_be_null

ANY: Final = "*"
"""Stands in a path for a name that the user chooses, or for each of several places."""
ITEM: Final = "[]"
"""Ends a path that leads to the items of a list."""
REQUIRED: Final = "**required**"

_REF_PREFIX: Final = "#/$defs/"
_ENTRY: Final = "The keys that policies of every type have. Those of each type follow."
_TYPE: Final = "What the policy does. Its settings stand beside it, under a key of the same name."
_EXPORTER_PATTERN: Final = ("^", "(/.+)?$")


@dataclass
class Row:
    key: str
    """Its path from the section on."""
    kind: str
    default: str
    description: str
    target: str = ""
    """The path of the section with the keys below this one."""


@dataclass
class Section:
    path: str
    """From the root of the file on."""
    depth: int
    description: str
    choice: str = ""
    """The value of `type` that the section is for."""
    names: tuple[str, ...] = ()
    """What else the last part of the path may be."""
    rows: list[Row] = field(default_factory=list)
    places: tuple[str, ...] = ()
    """Where a section that several places share is used."""

    @property
    def id(self) -> str:
        return f"{self.path}:{self.choice}" if self.choice else self.path


def read_sections(schema: Schema) -> list[Section]:
    """The root first, each section before those below it, and what several share after the last that uses it."""
    return _Reader(schema).read()


@dataclass(frozen=True)
class _Below:
    """A section that is still to be read."""

    path: str
    schema: Schema
    choice: str = ""
    names: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class _Reader:
    def __init__(self, schema: Schema) -> None:
        self._root = schema
        self._text = json.dumps(schema)
        self._sections: list[Section] = []
        self._places: dict[str, list[str]] = {}
        self._shared: dict[str, str] = {}
        self._choices: tuple[str, list[str]] = ("", [])

    def read(self) -> list[Section]:
        self._read(_Below("", self._root), 0)
        for section in self._sections:
            for row in section.rows:
                row.target = self._shared.get(row.target, row.target)
        return self._sections

    def _read(self, this: _Below, depth: int) -> None:
        section = Section(this.path, depth, this.schema.get("description", ""), this.choice, this.names)
        self._sections.append(section)
        below: list[_Below] = []
        section.rows += self._rows(this, this.schema, "", below)
        for inner in below:
            self._read(inner, depth + 1)
            if not depth:
                self._read_shared()

    def _read_shared(self) -> None:
        for name in [name for name in self._places if name not in self._shared]:
            self._shared[name] = path = _merged(self._places[name])
            self._read(_Below(path, self._definition(name)), 2)
            section = next(section for section in self._sections if section.path == path)
            section.places = tuple(self._places[name])

    def _rows(self, this: _Below, schema: Schema, prefix: str, below: list[_Below]) -> Iterator[Row]:
        if "patternProperties" in schema:
            yield from self._by_type(this.path, schema["patternProperties"], below)
        for name, value in schema.get("properties", {}).items():
            if not prefix and name in this.without:
                continue
            key = prefix + name
            required = name in schema.get("required", ())
            yield from self._row(this, key, value, REQUIRED if required else default_text(value), below)

    def _row(self, this: _Below, key: str, value: Schema, default: str, below: list[_Below]) -> Iterator[Row]:
        path = f"{this.path}.{key}" if this.path else key
        description = value.get("description", "")
        found = alternatives(value)
        only = found[0]
        name = only.get("$ref", "").removeprefix(_REF_PREFIX)
        inner = self._definition(name) if name else only
        if name and default != REQUIRED:
            default = NONE if value.get("default", {}) is None else ITS_OWN
        if name and self._text.count(json.dumps({"$ref": only["$ref"]})[1:-1]) > 1:
            self._places.setdefault(name, []).append(path)
            yield Row(key, "mapping", default, description or inner.get("description", ""), name)
        elif name and may_be_null(value):
            below.append(_Below(path, inner))
            yield Row(key, "mapping", default, description or inner.get("description", ""), path)
        elif name:
            if description or "description" in inner:
                yield Row(key, "mapping", default, description or inner["description"])
            yield from self._rows(this, inner, f"{key}.", below)
        else:
            kind, target = self._kind_and_target(path, only, below)
            yield Row(key, kind or kind_text(value), default, description, target)

    def _kind_and_target(self, path: str, value: Schema, below: list[_Below]) -> tuple[str, str]:
        """An empty kind where the value says enough by itself."""
        if "patternProperties" in value:
            below.append(_Below(path, value))
            return "one mapping for each exporter, at least one", path
        if "oneOf" in value or "oneOf" in value.get("items", {}):
            return self._chosen(path, value, below)
        for inner, end in ((value.get("items"), ITEM), (value.get("additionalProperties"), f".{ANY}")):
            for branch in alternatives(inner) if isinstance(inner, dict) else []:
                if "$ref" in branch:
                    below.append(_Below(path + end, self._definition(branch["$ref"].removeprefix(_REF_PREFIX))))
                    return "", path + end
        return "", ""

    def _by_type(self, path: str, patterns: dict[str, Schema], below: list[_Below]) -> Iterator[Row]:
        """One section for each model, however many types have it."""
        before, after = _EXPORTER_PATTERN
        types: dict[str, list[str]] = {}
        for pattern, value in patterns.items():
            types.setdefault(alternatives(value)[0]["$ref"], []).append(
                pattern.removeprefix(before).removesuffix(after)
            )
        in_order = list(EXPORTER_CONFIGS)  # the schema has them by the alphabet
        for reference, names in sorted(types.items(), key=lambda each: min(map(in_order.index, each[1]))):
            first, *others = sorted(names, key=in_order.index)
            inner = _Below(
                f"{path}.{first}", self._definition(reference.removeprefix(_REF_PREFIX)), names=tuple(others)
            )
            below.append(inner)
            yield Row(first, "mapping", NONE, inner.schema["description"], inner.path)

    def _chosen(self, path: str, value: Schema, below: list[_Below]) -> tuple[str, str]:
        """The first list of all choices describes them; a later one, inside one of them, says which it leaves out."""
        many = "items" in value
        union = value["items"] if many else value
        branches = [self._definition(branch["$ref"].removeprefix(_REF_PREFIX)) for branch in union["oneOf"]]
        by_choice = {branch["properties"]["type"]["const"]: branch for branch in branches}
        if not self._choices[1]:
            self._choices = (path + ITEM, list(by_choice))
            common = [key for key in branches[0]["properties"] if all(key in each["properties"] for each in branches)]
            shared = {key: branches[0]["properties"][key] for key in common if key != "type"}
            choice = {"enum": list(by_choice), "description": _TYPE}
            entry = {"description": _ENTRY, "properties": {**shared, "type": choice}, "required": common}
            below.append(_Below(path + ITEM, entry))
            below += [_Below(path + ITEM, each, choice=name, without=tuple(common)) for name, each in by_choice.items()]
            return "list of policies, at least one", path + ITEM
        left_out = [choice for choice in self._choices[1] if choice not in by_choice]
        kind = "list of policies, at least one" if many else "policy"
        return f"{kind}, of any type but {', '.join(f'`{each}`' for each in left_out)}", self._choices[0]

    def _definition(self, name: str) -> Schema:
        definition: Schema = self._root["$defs"][name]
        return definition


def _merged(paths: list[str]) -> str:
    parts = zip_longest(*(path.split(".") for path in paths), fillvalue="")
    return ".".join(same[0] if len(set(same)) == 1 else ANY for same in parts)
