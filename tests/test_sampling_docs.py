"""The examples on the pages about sampling are valid, and every policy type has one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from processors.sampling.policies import AnyPolicy
from processors.sampling.section import SamplingSection

DOCS = Path(__file__).parents[1] / "docs" / "processors"
PAGES = ("sampling.md", "sampling-rules.md", "sampling-shares.md", "sampling-llm.md", "agent-loop.md")
_YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(page: str) -> list[dict[str, Any]]:
    """A list is one of policies."""
    parsed = [yaml.safe_load(text) for text in _YAML.findall((DOCS / page).read_text())]
    return [{"policies": each} if isinstance(each, list) else each["sampling"] for each in parsed]


@pytest.mark.parametrize("page", PAGES)
def test_examples_are_valid(page: str) -> None:
    """As they stand, policies compiled."""
    found = examples(page)
    assert found
    for example in found:
        SamplingSection.model_validate(example).compile()


def test_every_type_has_an_example() -> None:
    """On the page of its family; the pages name all types that there are."""
    shown = {policy["type"] for page in PAGES for example in examples(page) for policy in example.get("policies", ())}
    union = get_args(AnyPolicy)[0]
    assert shown == {get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(union)}


def test_the_defaults_on_the_page_are_the_defaults() -> None:
    """`agent-loop.md` says that its example and the short form are the same."""
    (example,) = examples("agent-loop.md")
    short = {"policies": [{"name": "loops", "type": "agent_loop"}]}
    assert SamplingSection.model_validate(example).policies == SamplingSection.model_validate(short).policies
