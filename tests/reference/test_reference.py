from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from processors.policy import Policy
from sidecar.commands.schema import json_schema
from sidecar.config import Config
from tests.reference.examples import EXAMPLES
from tests.reference.pages import DIRECTORY, page, slug
from tests.reference.sections import Section, read_sections
from tests.reference.values import default_text, kind_text
from tests.support.json_schema import problems_of

BOTH = pytest.mark.parametrize("of", ["config", "policy"])
REST: dict[str, dict[str, Any]] = {"config": {"exporters": {"debug": {}}}, "policy": {"version": 1}}


@BOTH
def test_the_page_is_up_to_date(of: str) -> None:
    """What a model says of its keys is what the page says."""
    written = (DIRECTORY / f"{of}.md").read_text(encoding="utf-8")
    assert written == page(of), f"docs/reference/{of}.md is out of date with the models: run `make docs`"


def keys(schema: Any) -> Iterator[str]:
    """Of all mappings, wherever they are defined; read without regard to what leads there."""
    if isinstance(schema, list):
        for inner in schema:
            yield from keys(inner)
    elif isinstance(schema, Mapping):
        properties = schema.get("properties", {})
        if isinstance(properties, Mapping):
            yield from properties
        for inner in schema.values():
            yield from keys(inner)


@BOTH
def test_every_key_is_in_a_table(of: str) -> None:
    """As its row's last part, or on the way to it."""
    rows = re.findall(r"^\| `([^`]+)` \|", page(of), re.MULTILINE)
    listed = {part for row in rows for part in row.split(".")}
    assert set(keys(json_schema(of))) - listed == set()


@BOTH
def test_every_default_value_of_the_file_is_a_row_away(of: str) -> None:
    """Each full path that a file without settings has, by the models, is one that the page leads to."""
    model = Policy(version=1) if of == "policy" else Config.model_validate(REST["config"])
    named = {f"{section.path}.{row.key}".lstrip(".") for section in sections(of) for row in section.rows}
    paths = set(leaves(model.model_dump(mode="json", by_alias=True)))
    assert paths
    assert {path for path in paths if not (path in named or shared(path) in named)} == set()


def leaves(data: Any, path: str = "") -> Iterator[str]:
    """Lists, and mappings by names of the user's own, are left alone."""
    for key, value in data.items():
        below = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and below != "pii.entities":
            yield from leaves(value, below)
        else:
            yield below


def shared(path: str) -> str:
    """Where the page has what several places share."""
    return re.sub(r"^exporters\.\w+\.(retry_on_failure|sending_queue|tls)\b", r"exporters.*.\1", path)


def sections(of: str) -> list[Section]:
    return read_sections(json_schema(of))


@BOTH
def test_every_key_is_described(of: str) -> None:
    """By the docstring of its attribute; and every section by that of its class."""
    silent = [f"{section.id}.{row.key}" for section in sections(of) for row in section.rows if not row.description]
    silent += [section.id for section in sections(of) if not section.description]
    assert silent == []


@BOTH
def test_every_section_stands_once_and_every_link_leads_to_one(of: str) -> None:
    """Anchors as GitHub makes them."""
    text = page(of)
    anchors = [slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    assert sorted(set(anchors)) == sorted(anchors)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(anchors)


@BOTH
def test_every_row_has_the_columns_of_its_table(of: str) -> None:
    """A `|` inside a cell is escaped."""
    rows = [line for line in page(of).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}


@pytest.mark.parametrize(("of", "id_"), [(of, id_) for of, examples in EXAMPLES.items() for id_ in examples])
def test_the_examples_are_valid(of: str, id_: str) -> None:
    """To an editor that has the schema, and to the sidecar."""
    data = {**REST[of], **yaml.safe_load(EXAMPLES[of][id_])}
    assert problems_of(data, json_schema(of)) == []
    filled = yaml.safe_load(re.sub(r"\$\{env:\w+\}", "backend:4317", yaml.safe_dump(data)))
    assert (Policy if of == "policy" else Config).model_validate(filled)


@BOTH
def test_examples_are_of_sections_that_are_there(of: str) -> None:
    """Nor is any type of exporter or of sampling policy without one."""
    ids = {section.id for section in sections(of)}
    assert EXAMPLES[of].keys() - ids == set()
    types = {id_ for id_ in ids if ":" in id_ or re.fullmatch(r"exporters\.\w+", id_)}
    assert types - EXAMPLES[of].keys() == set()


def test_the_example_of_sampling_has_the_defaults() -> None:
    """As it says."""
    data = yaml.safe_load(EXAMPLES["policy"]["sampling"])
    assert Policy.model_validate({"version": 1, **data}) == Policy(version=1)


@pytest.mark.parametrize(
    ("schema", "kind", "default"),
    [
        (
            {"type": "integer", "exclusiveMinimum": 0, "default": 2**26},
            "whole number, at least 1",
            "`67108864` (64 MiB)",
        ),
        ({"type": "number", "minimum": 0, "maximum": 1, "default": 1.0}, "number, 0 to 1", "`1`"),
        ({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"\$\{[^{}]*\}"}]}, "number", "-"),
        ({"anyOf": [{"type": "string", "writeOnly": True}, {"type": "null"}], "default": None}, "secret text", "-"),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1}, "list of `a` or `b`, at least one", "-"),
        ({"type": "boolean", "default": False}, "`true` or `false`", "`false`"),
        ({"type": "string", "default": ""}, "text", '`""`'),
    ],
)
def test_what_a_schema_allows_is_said_in_words(schema: dict[str, Any], kind: str, default: str) -> None:
    """Bounds, choices, secrets; defaults as they are written."""
    assert (kind_text(schema), default_text(schema)) == (kind, default)
