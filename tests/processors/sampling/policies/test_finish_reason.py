from __future__ import annotations

import pytest

from tests.processors.sampling.build import Attribute, policy, section
from tests.processors.sampling.policies.llm import call, decided


@pytest.mark.parametrize(
    ("attrs", "kept"),
    [
        ({"gen_ai__response__finish_reasons": '["length"]'}, True),
        ({"gen_ai__response__finish_reasons": "max_tokens"}, True),
        ({"llm__finish_reason": "MAX_TOKENS"}, True),
        ({"gen_ai__completion__0__finish_reason": "SAFETY"}, True),
        ({"gen_ai__response__finish_reasons": '["stop"]'}, False),
        ({}, False),
    ],
)
def test_reasons_in_every_spelling(attrs: dict[str, Attribute], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """A provider's own word, on the span and in the policy, means the common one."""
    of = section(policy("finish_reason", reasons=["max_tokens", "content_filter"]))
    assert decided(of, [call()], [call(**attrs)]).kept is kept
