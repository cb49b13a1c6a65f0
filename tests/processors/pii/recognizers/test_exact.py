from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.pii.recognizers.exact import EXACT, find_exact

PLANTED = [
    ("EMAIL_ADDRESS", "jane.doe+tag@example.com"),
    ("EMAIL_ADDRESS", "user@corp.internal"),
    ("EMAIL_ADDRESS", "root@localhost"),
    ("EMAIL_ADDRESS", "o'brien@example.ie"),
    ("EMAIL_ADDRESS", "jörg@müller.example"),
    ("EMAIL_ADDRESS", "john%40example.com"),
    ("EMAIL_ADDRESS", "admin@10.0.0.5"),
    ("CREDIT_CARD", "4111 1111 1111 1111"),
    ("CREDIT_CARD", "4111111111111111"),
    ("CREDIT_CARD", "5500-0000-0000-0004"),
    ("CREDIT_CARD", "378282246310005"),
    ("IBAN_CODE", "GB82 WEST 1234 5698 7654 32"),
    ("IBAN_CODE", "DE89370400440532013000"),
    ("IBAN_CODE", "gb82west12345698765432"),
    ("US_SSN", "514-69-0360"),
    ("US_ITIN", "912-70-1234"),
    ("UK_NINO", "AB123456C"),
    ("UK_NINO", "JG 10 37 59 A"),
    ("MAC_ADDRESS", "00:1B:44:11:3A:B7"),
    ("CRYPTO", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("PHONE_NUMBER", "+49 30 1234567"),
    ("PHONE_NUMBER", "+14155550100"),
    ("PHONE_NUMBER", "+44 (0) 20 7946 0958"),
    ("PHONE_NUMBER", "(415) 555-0100"),
    ("PHONE_NUMBER", "415-555-0100"),
    ("PHONE_NUMBER", "1-415-555-0100"),
    ("API_KEY", "sk-proj-abcDEF1234567890abcd"),
    ("API_KEY", "sk-abcdefghijklmnopqrstuvwxyz"),
    ("API_KEY", "sk-ant-api03-AAAAAAAAAA"),
    ("API_KEY", "AKIAIOSFODNN7EXAMPLE"),
    ("API_KEY", "ASIAIOSFODNN7EXAMPLE"),
    ("API_KEY", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
    ("API_KEY", "ghp_abcdefghijklmnopqrst1234567890abcdef"),
    ("API_KEY", "github_pat_11ABCDEFG0abcdefghijkl_mnop"),
    ("API_KEY", "glpat-abcdefghij1234567890"),
    ("API_KEY", "xoxb-123456789012-abcdefghijkl"),
    ("API_KEY", "sk_live_abcdefghij1234567890"),
    ("API_KEY", "sk_test_abcdefghij1234567890"),
    ("API_KEY", "rk_live_abcdefghij1234567890"),
    ("API_KEY", "hf_abcdefghijklmnopqrstuvwxyz12345678"),
    ("API_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN"),
    ("API_KEY", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"),
]

WITHIN = [
    ("API_KEY", "Authorization: Bearer abc.def-123", "abc.def-123"),
    ("API_KEY", "authorization='Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
    ("PASSWORD", "postgres://svc:p@ssw0rd@db.internal:5432/x", "p@ssw0rd"),
    ("API_KEY", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("API_KEY", "OPENAI_API_KEY=abcd1234efgh", "abcd1234efgh"),
    ("PASSWORD", "{'password': 'hunter2!'}", "hunter2!"),
    ("API_KEY", "-----BEGIN PRIVATE KEY-----\nMIIEow and cut", "-----BEGIN PRIVATE KEY-----\nMIIEow and cut"),
]  # fmt: skip

HARMLESS = [
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "550e8400-e29b-41d4-a716-446655440000",
    "41111111-1111-1111-1111-111111111111",
    "gpt-4o-2024-08-06",
    "gpt-3.5-turbo-0125",
    "claude-sonnet-4-5-20250929",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "chatcmpl-AbC123456789",
    "call_abc1234567890",
    "resp_68a1b2c3d4e5f6",
    "toolu_01A09q90qw90lq917835lq9",
    "2026-11-21T05:45:28.123456789+00:00",
    "2026-11-21 05:45:28",
    "2024-10-01-preview",
    "1700000000000000000",
    "1763703928123456",
    "1763703928",
    "0.4111111111111111",
    "12:34:56",
    "1.2.3.4",
    "v1.30.2+k3s1",
    "react@18.2.0",
    "image@sha256:9f86d081884c7d659a2feaa0c55ad015",
    "app-7d9f8b6c5d-x2x4z",
    "payments-api-5b7c9d4f6-4111x",
    "ip-10-0-0-12.ec2.internal",
    "max_tokens: 12345678",
    "gen_ai.usage.input_tokens",
    "task-scheduler",
    "scikit-learn",
    "bearer of bad news everyone",
    "the password is required",
    "key: value",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet",
    "https://api.openai.com/v1/chat/completions",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    "12 345 678 tokens in 9 000 ms",
    "@mention and a @ b",
]


@pytest.mark.parametrize(("entity_type", "value"), PLANTED)
@pytest.mark.parametrize("frame", ["{}", "x {} y", "<{}>", "v={}", "({}),", '"{}"', "at: {}\n"])
def test_planted_values_are_covered_whole(entity_type: str, value: str, frame: str) -> None:
    """Every letter and digit of the value is covered, in whatever it is wrapped, by a finding of its type."""
    text = frame.format(value)
    start = text.index(value)
    found = list(find_exact(text))
    covered = {i for finding in found for i in range(finding.start, finding.end)}
    assert all(i in covered for i in range(start, start + len(value)) if text[i].isalnum())
    assert entity_type in {finding.entity_type for finding in found}


@pytest.mark.parametrize(("entity_type", "text", "secret"), WITHIN)
def test_secrets_in_their_context(entity_type: str, text: str, secret: str) -> None:
    """What follows a name for secrets, or stands before the host of a URL, is a secret; the name itself stays."""
    assert (entity_type, secret) in {(f.entity_type, text[f.start : f.end]) for f in find_exact(text)}


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("frame", ["{}", "id={} ok", "[{}]"])
def test_ids_times_and_names_are_not_damaged(text: str, frame: str) -> None:
    """What a trace needs to be found and read again is no finding."""
    assert list(find_exact(frame.format(text))) == []


@given(st.uuids().map(str) | st.binary(min_size=8, max_size=16).map(bytes.hex))
def test_no_random_id_is_a_finding(text: str) -> None:
    """Trace ids, span ids and UUIDs, whatever their digits. All digits alone may be a card number, and only that."""
    assert [f for f in find_exact(text) if not text.isdigit()] == []


@given(st.integers(1_500_000_000, 2_100_000_000), st.sampled_from([1, 1000, 10**6, 10**9]))
def test_no_time_since_1970_is_a_finding(seconds: int, unit: int) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds between 2017 and 2036."""
    assert list(find_exact(str(seconds * unit))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111 1111 1111 1111 4111 1111 1111 1111", ["4111 1111 1111 1111"] * 2),
        ("2 4111111111111111 12/27 123", ["4111111111111111"]),
        ("jane@example.com_old", ["jane@example.com"]),
        ("a@b.com@c.com", ["a@b.com"]),
        ("a@b.co,c@d.co", ["a@b.co", "c@d.co"]),
        ("514-69-0360 514-69-0361", ["514-69-0360", "514-69-0361"]),
    ],
)
def test_neighbours_do_not_hide_a_value(text: str, expected: list[str]) -> None:
    """A value is found next to another one, to a count, or to more letters."""
    assert sorted(text[f.start : f.end] for f in find_exact(text)) == sorted(expected)


@given(st.from_regex(r"4[0-9]{14}", fullmatch=True))
def test_exactly_one_check_digit_makes_a_card_number(digits: str) -> None:
    """Of the ten numbers with the same first fifteen digits, one is found."""
    found = [d for d in "0123456789" if any(f.entity_type == "CREDIT_CARD" for f in find_exact(digits + d))]
    assert len(found) == 1


@given(st.text(alphabet="aA0 @.-_+:/=ki\\\"'\n", max_size=80))
def test_every_finding_lies_in_the_text(text: str) -> None:
    """Whatever comes, findings have a place in the text and are not empty."""
    assert all(0 <= f.start < f.end <= len(text) for f in find_exact(text))


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "@", "a@", "a.", "@a.", "-", "sk-", "password=", "http://a", "eyJ", "+1(", "GB82 ", "-----BEGIN ",
     "bearer ", "a_key", "-----BEGIN PRIVATE KEY-----", "secret_", "4111 "],
)  # fmt: skip
def test_time_is_linear(piece: str) -> None:
    """A text made to be slow is read in the time of any other: no pattern tries the same characters over and over."""
    text = piece * (50_000 // len(piece))
    started = time.process_time()
    assert len(list(find_exact(text))) >= 0
    assert time.process_time() - started < 2


def test_every_recognizer_is_reached() -> None:
    """No recognizer sits behind a filter that hides what it would find."""
    found = {finding.entity_type for _, value in PLANTED for finding in find_exact(value)} | {
        "PASSWORD"
    }  # in its context, see WITHIN
    assert found == {recognizer.entity_type for recognizer in EXACT}
