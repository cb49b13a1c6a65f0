from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.pii.actions import Rewriter
from processors.pii.findings import Finding
from processors.pii.section import PiiSection
from processors.values import Secret

KEY = Secret("0123456789abcdef0123456789abcdef")


def rewriter(**entities: object) -> Rewriter:
    return Rewriter(PiiSection.model_validate({"entities": entities, "pseudonym_key_file": "key"}), KEY)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("replace", "card <CREDIT_CARD>."),
        ("remove", "card ."),
        ("keep", "card 4111-1111-1111-1234."),
        ("mask", "card ****-****-****-****."),
        ({"action": "mask", "keep_last": 4}, "card ****-****-****-1234."),
        ({"action": "mask", "keep_last": 4, "char": "#"}, "card ####-####-####-1234."),
    ],
)
def test_each_action(action: object, expected: str) -> None:
    """What each action makes of a card number."""
    counts: Counter[str] = Counter()
    text = "card 4111-1111-1111-1234."
    found = rewriter(CREDIT_CARD=action).rewrite(text, [Finding("CREDIT_CARD", 5, 24, 1.0)], counts)
    assert found == expected
    assert counts == ({} if action == "keep" else {"CREDIT_CARD": 1})


def test_mask_never_shows_more_than_half() -> None:
    """A short value is not given away by keep_last."""
    text = rewriter(PERSON={"action": "mask", "keep_last": 8}).rewrite("Ann", [Finding("PERSON", 0, 3, 1)], Counter())
    assert text == "**n"


def test_pseudonyms_are_keyed_stable_and_long() -> None:
    """The same value gives the same token, whatever its case; another key, type or value gives another."""
    text, findings = "Ann@X.com", [Finding("EMAIL_ADDRESS", 0, 9, 1.0)]
    one = rewriter(EMAIL_ADDRESS="pseudonymize").rewrite(text, findings, Counter())
    assert one == rewriter(EMAIL_ADDRESS="pseudonymize").rewrite(text.lower(), findings, Counter())
    kind, key_id, digest = one.strip("<>").split(":")
    assert (kind, key_id, len(digest)) == ("EMAIL_ADDRESS", "k1", 32)
    section = PiiSection.model_validate({"entities": {"EMAIL_ADDRESS": "pseudonymize"}, "pseudonym_key_file": "key"})
    other = Rewriter(section, Secret("k7:another key, and long enough to be one")).rewrite(text, findings, Counter())
    assert other.startswith("<EMAIL_ADDRESS:k7:")
    assert digest not in other


@pytest.mark.parametrize("key", [None, Secret(""), Secret("short"), Secret("k1:" + "x" * 31)])
def test_pseudonyms_without_a_proper_key_are_refused(key: Secret | None) -> None:
    """A missing or short key is an error at start; nothing falls back to an unkeyed hash."""
    section = PiiSection.model_validate({"entities": {"PERSON": "pseudonymize"}, "pseudonym_key_file": "key"})
    with pytest.raises(ValueError, match="pseudonym key"):
        Rewriter(section, key)


def test_allowed_values_stay() -> None:
    """A value on the allow list is no finding, in whatever case it comes."""
    allowing = Rewriter(PiiSection(allow=("support@example.com",)), None)
    text = "Support@Example.com"
    assert allowing.rewrite(text, [Finding("EMAIL_ADDRESS", 0, len(text), 1.0)], Counter()) == text


@pytest.mark.parametrize(
    "sentinel",
    ["<REDACTED>", "[REDACTED]", "__REDACTED__", "<PERSON>", "<BLOB>", f"<EMAIL_ADDRESS:k1:{'4f0c' * 8}>", "<removed>"],
)
def test_sentinels_are_left_alone(sentinel: str) -> None:
    """A finding over something that redaction wrote changes nothing and counts nothing."""
    counts: Counter[str] = Counter()
    text = f"a {sentinel} b"
    assert rewriter().rewrite(text, [Finding("PERSON", 2, len(text) - 2, 0.85)], counts) == text
    assert not counts


def test_a_made_up_sentinel_is_none() -> None:
    """Brackets around a value do not protect it."""
    text = "<ADA_LOVELACE>"
    assert rewriter().rewrite(text, [Finding("PERSON", 1, len(text) - 1, 0.85)], Counter()) == "<<PERSON>>"


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_nothing_of_a_replaced_finding_stays(text: str, one: int, other: int) -> None:
    """Outside the finding the text is the same; of the finding, only the type's name stands there."""
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    rewritten = rewriter().rewrite(text, [Finding("PERSON", start, end, 0.85)], Counter())
    if any(map(str.isalnum, text[start:end])):
        assert rewritten == text[:start] + "<PERSON>" + text[end:]
    else:
        assert rewritten == text
