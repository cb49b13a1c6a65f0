"""docs/reference as Markdown: a heading, a table of keys and an example for each section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from processors.pii.section import DEFAULT_ENTITIES
from sidecar.commands.schema import json_schema
from tests.reference.examples import EXAMPLES
from tests.reference.sections import ANY, Row, Section, read_sections

DIRECTORY: Final = Path(__file__).parents[2] / "docs" / "reference"

_FILES: Final = {"config": "sidecar.yaml", "policy": "policy.yaml"}
_MORE: Final = {
    "config": {
        "": "configuration.md",
        "receivers": "receivers.md",
        "receivers.otlp.protocols.*.tls": "tls.md",
        "receivers.otlp.protocols.*.auth": "tls.md",
        "exporters": "exporters.md",
        "exporters.*.tls": "tls.md",
        "storage": "storage.md",
        "admin": "metrics.md",
    },
    "policy": {
        "": "policy.md",
        "pii": "processors/pii.md",
        "prompts": "processors/prompts.md",
        "sampling": "processors/sampling.md",
        "cost": "processors/cost.md",
    },
}
_BUILT_IN: Final = {"pii.entities": "[built in](#piientities)"}
"""Defaults that no schema names: they are filled up, not replaced."""
_INTRODUCTION: Final = """\
# Reference: {file}

<!-- Written by `make docs` from the models that read the file. Change their docstrings, not this page. -->

Every key of `{file}`. [{page}](../{page}) tells what they are for; `genai-sidecar schema {of}` prints the same
as JSON Schema.

- Headings are paths from the root of the file on, and keys go on from their heading. In a path, `*` is a name: your own,
  or one of several places; `[]` is an item of a list.
- A key that is **required** has no default. A dash as default: nothing is set.
- A duration has a unit: `300ms`, `30s`, `10m`, `1h30m`. A bare number is an error, except `0`.
- Any value, or part of one, may be `${{env:NAME}}` ([values](../configuration.md#values)). A secret is never shown.
"""


def page(of: str) -> str:
    """The page on `config` (sidecar.yaml) or `policy` (policy.yaml)."""
    sections = read_sections(json_schema(of))
    headings = {section.id: slug(_title(section)) for section in sections}
    introduction = _INTRODUCTION.format(of=of, file=_FILES[of], page=_MORE[of][""])
    return "\n".join([introduction, *(_section(of, section, headings) for section in sections)])


def slug(title: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _title(section: Section) -> str:
    if section.choice:
        return f"`{section.path}` of type `{section.choice}`"
    return f"`{section.path}`" if section.path else "Sections"


def _section(of: str, section: Section, headings: dict[str, str]) -> str:
    parts = [f"{'##' if section.depth < 2 else '###'} {_title(section)}"]
    parts += _paragraphs(of, section, headings)
    if section.rows:
        parts.append("\n".join(_table(section, headings)))
    example = EXAMPLES[of].get(section.id)
    if example:
        parts.append(f"```yaml\n{example.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def _paragraphs(of: str, section: Section, headings: dict[str, str]) -> Iterator[str]:
    description = _line(section.description)
    more = _MORE[of].get(section.path) if section.path and not section.choice else None
    if more:
        description = f"{description} More: [{Path(more).stem}](../{more})."
    if description:
        yield description
    if section.names:
        yield f"Also spelled {_either(section.names)}."
    if section.places:
        yield f"The same for {_either(section.places)}."
    if section.path == f"pii.entities.{ANY}":
        yield "Built in:\n\n" + "\n".join(_built_in_actions())


def _built_in_actions() -> Iterator[str]:
    for action in dict.fromkeys(DEFAULT_ENTITIES.values()):
        types = [f"`{name}`" for name, its in DEFAULT_ENTITIES.items() if its == action]
        yield f"- `{action}`: {', '.join(types)}"


def _table(section: Section, headings: dict[str, str]) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    for row in section.rows:
        default = _BUILT_IN.get(f"{section.path}.{row.key}", row.default)
        cells = (f"`{row.key}`", _kind(section, row, headings), default, row.description)
        yield f"| {' | '.join(map(_cell, cells))} |"


def _kind(section: Section, row: Row, headings: dict[str, str]) -> str:
    """With a link to the keys below, or to those of each choice."""
    if row.target and "`" in row.kind:
        return f"{row.kind} ([keys](#{headings[row.target]}))"
    if row.target:
        return f"[{row.kind}](#{headings[row.target]})"

    def link(name: re.Match[str]) -> str:
        anchor = headings.get(f"{section.path}:{name[1]}")
        return f"[{name[0]}](#{anchor})" if anchor else name[0]

    return re.sub(r"`(\w+)`", link, row.kind)


def _cell(text: str) -> str:
    return _line(text).replace("|", r"\|")


def _line(text: str) -> str:
    """Docstrings are wrapped; a cell of a table is one line."""
    return " ".join(text.split())


def _either(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
