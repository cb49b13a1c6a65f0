from __future__ import annotations

import re

import pytest

from processors.pii.pseudonyms import Pseudonyms, normalised
from processors.values import Secret


def test_one_value_one_token() -> None:
    """By type and by key."""
    one, other = Pseudonyms(Secret("a" * 32)), Pseudonyms(Secret("k2:" + "b" * 32))
    assert re.fullmatch(r"<PERSON:k1:[0-9a-f]{32}>", one.of("PERSON", "Ann"))
    assert one.of("PERSON", "Ann") == Pseudonyms(Secret("a" * 32)).of("PERSON", "Ann")
    assert one.of("PERSON", "Ann") != one.of("USER_ID", "Ann").replace("USER_ID", "PERSON")
    assert other.of("PERSON", "Ann").startswith("<PERSON:k2:")
    assert one.of("PERSON", "\ud800")


@pytest.mark.parametrize("key", ["short", "k2:" + "b" * 31])
def test_keys_that_are_too_short(key: str) -> None:
    """Could be found by trying."""
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Pseudonyms(Secret(key))


@pytest.mark.parametrize("keys", ["", " \n", f"{'a' * 32}\nk1:{'b' * 32}"])
def test_files_that_name_no_key_or_one_twice(keys: str) -> None:
    """Are errors, and none of the text is in them."""
    with pytest.raises(ValueError, match=r"key must not be empty|two pseudonym keys are named k1"):
        Pseudonyms(Secret(keys))


def test_rotation() -> None:
    """The first key makes tokens; the others still answer for what they made."""
    before = Pseudonyms(Secret("a" * 32))
    after = Pseudonyms(Secret(f"k2:{'b' * 32}\nk1:{'a' * 32}\n"))
    assert after.under_all_keys("PERSON", " ANN ") == [after.of("PERSON", "ann"), before.of("PERSON", "ann")]
    assert after.of("PERSON", "ann").startswith("<PERSON:k2:")


@pytest.mark.parametrize(
    ("entity_type", "spellings", "expected"),
    [
        ("EMAIL_ADDRESS", ("Ann@X.com", "ann\\u0040x.com", "ann%40x.com", " ANN@x.com"), "ann@x.com"),
        ("PERSON", ("Ann  Lee", "ann lee's", "Ann Lee.", "Ann Lee\u2019s"), "ann lee"),
        ("PHONE_NUMBER", ("+1 212 555-0187", "(212) 555 0187", "1-212-555-0187"), "2125550187"),
        ("PHONE_NUMBER", ("+44 (0)20 7946 0958", "0044 20 7946 0958"), "442079460958"),
        ("PHONE_NUMBER", ("212 555 0187 ext. 12", "212-555-0187 x12"), "2125550187x12"),
        ("IBAN_CODE", ("DE89 3704 0044", "de8937040044"), "de8937040044"),
        ("USER_ID", (" Ann%40 ",), "Ann%40"),
    ],
)
def test_spellings_of_one_value(entity_type: str, spellings: tuple[str, ...], expected: str) -> None:
    """Are made equal before they are hashed, so that they share a token."""
    assert {normalised(entity_type, spelling) for spelling in spellings} == {expected}
