from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.documents.environment import expand

ENVIRON = {"HOST": "backend", "EMPTY": "", "DOLLAR": "${env:HOST}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${env:HOST}", "backend"),
        ("${HOST}", "backend"),
        ("http://${env:HOST}:4317/", "http://backend:4317/"),
        ("${env:HOST}${env:HOST}", "backendbackend"),
        ("${env:NONE:-other}", "other"),
        ("${env:NONE:-}", ""),
        ("${env:EMPTY:-other}", "other"),
        ("${env:EMPTY}", ""),
        ("${env:NONE:-a:-b}", "a:-b"),
        ("$${env:HOST}", "${env:HOST}"),
        ("$$$${env:HOST}", "$${env:HOST}"),
        ("cost: 5$", "cost: 5$"),
        ("^a$", "^a$"),
        ("$HOST", "$HOST"),
        ("${env:DOLLAR}", "${env:HOST}"),
    ],
)
def test_references_are_replaced(text: str, expected: str) -> None:
    """`$$` is a plain `$`; what a variable holds is not expanded again."""
    expansion = expand(text, ENVIRON)
    assert expansion.text == expected
    assert expansion.problems == ()


@pytest.mark.parametrize(
    "text", ["${env:NONE}", "${env:1A}", "${file:/etc/passwd}", "${env:}", "${}", "${env:HOST", "${"]
)
def test_what_cannot_be_replaced_is_a_problem(text: str) -> None:
    """An unset variable without a default, another source than the environment, and broken references."""
    assert len(expand(text, ENVIRON).problems) == 1


def test_every_problem_of_one_value_is_told() -> None:
    """Two unset variables give two problems, each with the variable's name."""
    first, second = expand("${env:A}-${env:B}", {}).problems
    assert "A is not set" in first
    assert "B is not set" in second


@given(st.text())
def test_escaped_text_comes_out_as_it_went_in(text: str) -> None:
    """Doubling every `$` switches expansion off."""
    expansion = expand(text.replace("$", "$$"), {})
    assert (expansion.text, expansion.problems, expansion.expanded) == (text, (), False)
