from __future__ import annotations

import phonenumbers
import pytest

from processors.pii.recognizers.national_phone import NationalPhoneRecognizer
from processors.pii.recognizers.phone import PHONE_NUMBER
from tests.processors.pii.recognizers.tables import found, is_linear, uncovered

BOTH = (PHONE_NUMBER, NationalPhoneRecognizer())

FOUND = [
    ("Nottingham, 0115 496 0331. 6 years in care", "0115 496 0331"),
    ("call me on 467 3395", "467 3395"),
    ("07700 900 123 is mine", "07700 900 123"),
    ("office (030) 123 4567 ext. 12", "(030) 123 4567 ext. 12"),
    ("her mobile: 5551234567", "5551234567"),
    ("my no is 9876550123", "9876550123"),
    ("Caller ID: LOPEZ ANA 9565550177", "9565550177"),
    ("Tel: (0)7700 900 456", "(0)7700 900 456"),
    ("it is 415-555-0100x1234 today", "415-555-0100x1234"),
    ("001-415-555-0100 ext 5", "001-415-555-0100 ext 5"),
    ("(415)555-0100", "(415)555-0100"),
    ("415.555.0100", "415.555.0100"),
    ("123.456.7890", "123.456.7890"),
    ("+46 (0)8-123 456 78", "+46 (0)8-123 456 78"),
    ("+(370) 12 345 678", "+(370) 12 345 678"),
    ("01.23.45.67.98 ou plus tard", "01.23.45.67.98"),
    ("06-12345678", "06-12345678"),
    ("0612345678", "0612345678"),
    ("07700900123", "07700900123"),
    ("080-1234-5678", "080-1234-5678"),
    ("20-12-34-56", "20-12-34-56"),
    ("60 123 45 67", "60 123 45 67"),
    ("601 234 567", "601 234 567"),
    ("912 34 567", "912 34 567"),
    ("11 1234-5678", "11 1234-5678"),
    ("Ann Lee\n4 Elm St\n512 3456\n", "512 3456"),
    ("Boston, MA 02110, 617 555 0199", "617 555 0199"),
    ("555-0199 works, too", "555-0199"),
    ("51234567 is my number", "51234567"),
    ("fax 044 668 18 00", "044 668 18 00"),
]

NOT_FOUND = [
    "## 4.12.0 (2025-03-18)",
    "Rechnung Nr. 2024-0917",
    "expiry 2027-08.",
    "NDC 2071-0155-23, boxed",
    "Bag tag: 0125 887341",
    "It took 12 345 678 ms and 9 000 tokens",
    "between 2019-2021 and on 2024-05-06",
    "on 06.05.2024 or 05/06/2024 at 12:30",
    "Order 5551234567 has shipped",
    "order 123-4567890-1234567 of yesterday",
    "ticket 4155550 and invoice 2024-000123",
    "ISBN 978-3-16-148410-0",
    "version 10.20.30.40 and 1.2.3",
    "a 3-2-1 rule, 100 200 300 400 500 600",
    "1 2 3 4 5 6 7 8 9 10",
    "10 20 30 40",
    "x = [12, 34, 56, 78, 90, 12]",
    "| 1200 | 3400 | 5600 |",
    "costs $1 250 000 or 12 500 000 EUR",
    "40.7128, -74.0060",
    "lat 52.520008 lon 13.404954",
    "1763703928 and 1763703928123",
    "prompt_tokens: 12345678, seed 42424242",
    "192.168.17.4:8080",
    "pi is 3.14159265",
    "a ratio of 123456/7890123",
    "0x0123456789 or 00000000",
    "id 0123456789",
    "pages 123-1456",
    "12:34:56.789",
    "1920 x 1080, 1280 720",
    "4111 1111 1111 1111",
    "2 + 2 = 4, 1000 - 7 = 993",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_numbers_to_call_are_found_whole(text: str, value: str) -> None:
    """By their groups, or by what is said around them; extensions belong to them."""
    assert uncovered(BOTH, "PHONE_NUMBER", text, value) == ""


@pytest.mark.parametrize("text", NOT_FOUND)
def test_numbers_to_count_stay(text: str) -> None:
    """Dates, amounts, versions, coordinates, times, lists, ids and tokens."""
    assert found(BOTH, text) == []


@pytest.mark.parametrize("form", ["INTERNATIONAL", "NATIONAL", "E164"])
def test_every_country(form: str) -> None:
    """The examples of libphonenumber for all regions, where somebody is told to call them."""
    missed = total = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            continue
        value = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, form))
        total += 1
        missed += uncovered(BOTH, "PHONE_NUMBER", f"You can reach me at {value} until five", value) != ""
    assert missed <= (0.04 * total if form == "NATIONAL" else 0), "short national numbers of a few islands are let go"


@pytest.mark.parametrize("piece", ["1", "1 ", "(1) ", "1-", "+1(", "call 1 ", "12 34 56 ", "\n1 2"])
def test_time_is_linear(piece: str) -> None:
    """Neither of the two tries the same characters over and over."""
    assert is_linear(BOTH, piece)
