from __future__ import annotations

import math

import pytest

from sidecar.documents.scalar import Scalar, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("64", 64),
        ("-7", -7),
        ("0x1f", 31),
        ("0o17", 15),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
    ],
)
def test_the_core_schemas_words_and_numbers_are_typed(text: str, value: Scalar) -> None:
    """YAML 1.2.2, section 10.3.2."""
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize("text", ["no", "off", "yes", "y", "1:30", "1_000", "2024-01-01", "10s", "=", "0b1", "1" * 301])
def test_what_only_yaml_1_1_types_stays_text(text: str) -> None:
    """A host called `no` and a port mapping such as `1:30` are not turned into something else."""
    assert resolve(text) == text


def test_a_leading_zero_does_not_make_a_number_octal() -> None:
    """0123 is 123, not 83."""
    assert resolve("0123") == 123
