from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.processors.sampling.build import section
from tests.processors.sampling.policies.llm import call, decided


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"input_above": 299}, True),
        ({"input_above": 300}, False),
        ({"output_above": 29}, True),
        ({"output_above": 30}, False),
        ({"total_above": 329}, True),
        ({"total_above": 330}, False),
        ({"input_above": 1000, "output_above": 1}, True),
    ],
)
def test_tokens_of_all_calls(body: dict[str, int], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """Summed over the trace and its requests; any limit that is exceeded keeps it."""
    one = call(gen_ai__usage__input_tokens=100, gen_ai__usage__output_tokens=10)
    two = call(llm__token_count__prompt=200, llm__token_count__completion=20)
    of = section({"name": "large", "type": "tokens", "tokens": body})
    assert decided(of, [one], [two]).kept is kept


def test_a_limit_is_needed() -> None:
    """Else it would keep nothing, or everything."""
    with pytest.raises(ValidationError, match="one of input_above"):
        section({"name": "none", "type": "tokens", "tokens": {}})
