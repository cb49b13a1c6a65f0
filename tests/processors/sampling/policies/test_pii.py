from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.processors.sampling.build import Attribute, policy, section, span
from tests.processors.sampling.policies.llm import decided


@pytest.mark.parametrize(
    ("body", "attrs", "kept"),
    [
        ({"entity_types": ["CREDIT_CARD"]}, {"genai_sidecar.pii.credit_card": 1}, True),
        ({"entity_types": ["CREDIT_CARD"]}, {"genai_sidecar.pii.person": 1}, False),
        ({"entity_types": ["*"]}, {"genai_sidecar.pii.person": 1}, True),
        ({"entity_types": ["PERSON"], "min_findings": 3}, {"genai_sidecar.pii.person": 2}, False),
        ({"entity_types": ["PERSON"], "min_findings": 3}, {"genai_sidecar.pii.person": 3}, True),
        ({"entity_types": ["PERSON"]}, {"genai_sidecar.pii.person": "x"}, False),
    ],
)
def test_findings_of_a_sidecar_before_this_one(
    body: dict[str, object],
    attrs: dict[str, Attribute],
    kept: bool,  # noqa: FBT001  # a table's column
) -> None:
    """A gateway sees what was found and counted, and never the values."""
    of = section({"name": "found", "type": "pii", "pii": body})
    assert decided(of, [span()], [span(attrs=attrs)]).kept is kept


def test_types_are_spelled_as_everywhere() -> None:
    """A type in small letters would never match."""
    with pytest.raises(ValidationError):
        section(policy("pii", entity_types=["credit_card"]))
