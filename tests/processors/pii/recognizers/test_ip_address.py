from __future__ import annotations

import pytest

from processors.pii.recognizers.ip_address import IpAddressRecognizer
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (IpAddressRecognizer(),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the host is 192.168.17.4 today", "192.168.17.4"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("http://10.1.2.3:8080/x", "10.1.2.3"),
        ("from 203.0.113.7.", "203.0.113.7"),
        ("2001:0db8:85a3::8a2e:0370:7334", "2001:0db8:85a3::8a2e:0370:7334"),
        ("[fe80::1ff:fe23:4567:890a]", "fe80::1ff:fe23:4567:890a"),
        ("proxy/203.0.113.7", "203.0.113.7"),
        ("::ffff:192.0.2.128", "192.0.2.128"),
    ],
)
def test_addresses_are_found(text: str, value: str) -> None:
    """Version 4 and 6, with a prefix length or a port."""
    assert ("IP_ADDRESS", value) in found(ROWS, text)


@pytest.mark.parametrize(
    "text",
    [
        "v1.2.3.4",
        "version 1.2.3.4",
        "Patch 4.12.0.1",
        "firmware 2.14.3.107",
        "1.2.3.4.5",
        "256.1.1.1",
        "12:34:56",
        "::1",
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104  # a text, nothing is bound
        "std::face::add",
        "a::b",
        "words[1::2]",
        "ab:cd",
        "0.1234.5678",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
    ],
)
def test_what_is_no_address_stays(text: str) -> None:
    """Versions, times, names in code, and the addresses every machine has."""
    assert found(ROWS, text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear(ROWS, piece) for piece in ("1.", "1", ":", "a:", "1:2:3:4:5:6:7:8 ", "10.0.0.1"))
