from __future__ import annotations

import pytest

from processors.pii.recognizers.crypto_address import CRYPTO
from tests.processors.pii.recognizers.tables import found, is_linear

VALUES = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "0x52908400098527886E0F7030069857D2E4169EE7",
]


@pytest.mark.parametrize("value", VALUES)
def test_addresses_are_found(value: str) -> None:
    """Bitcoin's three kinds and Ethereum's."""
    assert found(CRYPTO, f"send it to {value}.") == [("CRYPTO", value)]


@pytest.mark.parametrize(
    "value", [*(f"{value[:-1]}{'8' if value[-1] != '8' else '9'}" for value in VALUES[:4]), VALUES[4] + "0"]
)
def test_a_wrong_checksum_is_none(value: str) -> None:
    """One character off is another string; a longer hexadecimal number is no address."""
    assert found(CRYPTO, value) == []


def test_time_is_linear() -> None:
    """No row tries the same characters over and over."""
    assert all(is_linear(CRYPTO, piece) for piece in ("1", "bc1", "0xa", "3A "))
