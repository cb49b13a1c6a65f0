from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.sampling.ottl.compiler import compile_condition
from processors.sampling.ottl.grammar import MAX_CHARACTERS, ConditionError, parse

_PIECES = ("name", "attributes", '["k"]', "[0]", "(", ")", "==", "<", "and", "or", "not", "1", ".5", '"s"', "nil", "true",
           "IsMatch", "Len", ",", "+", "-", "*", "[", "]", ".", "0xff", "SPAN_KIND_CLIENT", " ", "\n", "$", '"', "é")  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join))
@settings(max_examples=60)
def test_any_text_parses_or_is_refused(text: str) -> None:
    """Whatever stands in a policy file gives a condition or an error of one kind."""
    with suppress(ConditionError):
        compile_condition(text, "span")


def test_length() -> None:
    """The longest condition parses, one character more is refused."""
    text = "true".ljust(MAX_CHARACTERS)
    parse(text)
    with pytest.raises(ConditionError, match="longer than"):
        parse(text + " ")
