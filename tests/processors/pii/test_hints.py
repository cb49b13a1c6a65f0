from __future__ import annotations

import pytest

from processors.pii import hints


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("last_name", "Ng", "PERSON"),
        ("user.lastName", "Ng", "PERSON"),
        ("dateOfBirth", "1985-03-12", "DATE_OF_BIRTH"),
        ("dob", "12 March", "DATE_OF_BIRTH"),
        ("username", "jdoe", "USERNAME"),
        ("db.password", "x", "PASSWORD"),
        ("X-API-Key", "x", "API_KEY"),
        ("street", "Elm St", "LOCATION"),
        ("name", "get_weather", None),
        ("password", "null", None),
        ("phone", "x" * 500, None),
        (None, "x", None),
        ("home_phone", "07700 900123", "PHONE_NUMBER"),
        ("phone", "iPhone 15", None),
        ("applicantDateOfBirth", "1 May 1980", "DATE_OF_BIRTH"),
        ("dob", "not collected", None),
        ("nhs_number", "9434765919", "UK_NHS"),
        ("passport_no", "AA3456789", "PASSPORT"),
        ("license", "D4471902", "US_DRIVER_LICENSE"),
        ("license", "Apache-2.0", None),
        ("city", "Swindon", "LOCATION"),
        ("zip", "04101", "LOCATION"),
        ("zip", "archive.zip", None),
        ("bic", "NDEAFIHH", "SWIFT_CODE"),
        ("bic", "a pen", None),
        ("SessionToken", "FwoGZXIvYXdzEBYaDK4", "API_KEY"),
        ("my_service_token", "a8f5f167f44f4964e6c998de", "API_KEY"),
        ("my_service_token", "enabled", None),
        ("next_page_token", "a8f5f167f44f4964e6c998de", None),
        ("full_name_count", "12", None),
        ("temporary_password", "Maple-Elm-4471", "PASSWORD"),
        ("forgot_password", "https://example.com/reset1", None),
        ("requires_password", "always", None),
        ("cp", "03940", "LOCATION"),
        ("cp", "cp -r a b", None),
        ("birth", "1979-10-02", "DATE_OF_BIRTH"),
        ("birth", "in 3 weeks", None),
        ("login", "nordlicht_ida", "USERNAME"),
        ("login", "failed", None),
        ("login", "2025-01-01", None),
        ("function_calls.first_name", "get_weather", None),
    ],
)
def test_what_a_key_says_of_its_value(key: str | None, value: str, expected: str | None) -> None:
    """In content; in whatever way the key is written, and as the last part of a longer one."""
    assert hints.entity_type_of(key, value, content=True) == expected


@pytest.mark.parametrize(
    ("key", "expected"), [("address.street", None), ("user.name.username", None), ("app.password", "PASSWORD")]
)
def test_outside_content(key: str, expected: str | None) -> None:
    """There an address is a network address, and a user name is what traces are found by."""
    assert hints.entity_type_of(key, "value", content=False) == expected


def test_what_is_structure() -> None:
    """Identifiers of the message format and names of tools are nothing for a model."""
    assert hints.is_structure("role", "user")
    assert hints.is_structure(None, "get_weather")
    assert not hints.is_structure("role", "Ann")
    assert hints.is_identifier("gpt-4o")
    assert not hints.is_identifier("Ann Lee")
