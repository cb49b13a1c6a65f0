from __future__ import annotations

import pytest

from processors.pii.recognizers.mac_address import MacAddressRecognizer
from tests.processors.pii.recognizers.tables import found


@pytest.mark.parametrize("value", ["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7", "001b.4411.3ab7"])
def test_hardware_addresses_are_found(value: str) -> None:
    """In all three spellings."""
    assert found((MacAddressRecognizer(),), f"mac {value}, up") == [("MAC_ADDRESS", value)]


@pytest.mark.parametrize(
    "text",
    [
        "00:00:00:00:00:00",
        "ff:ff:ff:ff:ff:ff",
        "12:34:56",
        "9f:86:d0:81:88:4c:7d:65",
        "1234.5678.90123",
        "00:1B:44:11:3A:GG",
    ],
)
def test_other_hexadecimal_stays(text: str) -> None:
    """Times, fingerprints, and addresses of nobody."""
    assert found((MacAddressRecognizer(),), text) == []
