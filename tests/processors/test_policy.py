from __future__ import annotations

import pytest
from pydantic import ValidationError

from processors.policy import Policy, PolicyKeys
from processors.sampling.section import BUILT_IN_POLICIES
from processors.values import Secret


def test_the_version_alone_is_the_built_in_policy() -> None:
    """Everything is on: personal data replaced, failures and low scores kept, and a part of the rest."""
    policy = Policy.model_validate({"version": 1})
    assert all(section.enabled for section in (policy.pii, policy.prompts, policy.sampling, policy.cost))
    assert policy.sampling.policies == BUILT_IN_POLICIES


def test_the_version_is_required() -> None:
    """A file without it may be anything."""
    with pytest.raises(ValidationError, match="version"):
        Policy.model_validate({"pii": {}})


@pytest.mark.parametrize("section", ["pii", "prompts", "sampling", "cost"])
def test_a_section_without_a_body_has_its_defaults(section: str) -> None:
    """All of it may be commented out."""
    assert Policy.model_validate({"version": 1, section: None}) == Policy(version=1)


@pytest.mark.parametrize("section", ["pii", "prompts", "sampling", "cost"])
def test_every_section_can_be_switched_off(section: str) -> None:
    """With `enabled: false`, and without touching the others."""
    policy = Policy.model_validate({"version": 1, section: {"enabled": False}})
    disabled = [name for name in ("pii", "prompts", "sampling", "cost") if not getattr(policy, name).enabled]
    assert disabled == [section]


def test_the_policy_cannot_be_changed() -> None:
    """A new policy is a new object, put in force whole."""
    with pytest.raises(ValidationError):
        Policy(version=1).version = 1  # type: ignore[misc]  # what is tested


def test_keys_do_not_show() -> None:
    """In a log or a traceback."""
    assert "s3cr3t" not in repr(PolicyKeys(Secret("s3cr3t"), Secret("s3cr3t")))
