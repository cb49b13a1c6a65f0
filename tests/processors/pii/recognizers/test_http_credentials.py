from __future__ import annotations

import pytest

from processors.pii.recognizers.http_credentials import HTTP_CREDENTIALS
from tests.processors.pii.recognizers.tables import found, is_linear, uncovered

FOUND = [
    ("Authorization: Bearer abc.def-123", "abc.def-123"),
    ("authorization='Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
    ('{"Authorization": "Bearer 8f14e45fceea167a5a36dedd4bea2543"}', "8f14e45fceea167a5a36dedd4bea2543"),
    ("{'authorization': 'token abcdefgh'}", "abcdefgh"),
    ("('Authorization', b'Bearer abcd1234')", "abcd1234"),
    ('Authorization: Digest username="Mufasa", realm="x", nonce="dcd98b", response="6629fae4"', "dcd98b"),
    ('Authorization: Digest username="Mufasa", realm="x", response="6629fae4"\nHost: x', "6629fae4"),
    ("Authorization: AWS4-HMAC-SHA256 Credential=AKID/20130524/us, SignedHeaders=host, Signature=fe5f80f7", "fe5f80f7"),
    ("Proxy-Authorization: Basic Zm9vOmJhcg==", "Zm9vOmJhcg=="),
    ("Authorization: 9f86d081884c7d659a2f", "9f86d081884c7d659a2f"),
    ("curl -H 'X-Api-Key: 12345abcde' https://x.example", "12345abcde"),
    ("x-goog-api-key=abc1234567", "abc1234567"),
    ("api-key: 0123456789abcdef", "0123456789abcdef"),
    ("PRIVATE-TOKEN: abc123def456", "abc123def456"),
    ("Cookie: session=abc123; theme=dark", "session=abc123; theme=dark"),
    ("Set-Cookie: id=a3fWa; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "a3fWa"),
    ("{'cookie': 'sid=31d4d96e407aad42'}", "31d4d96e407aad42"),
    ("https://x.example/cb?state=1&access_token=abcdef123&y=2", "abcdef123"),
    ("https://acct.blob.core.windows.net/c?sv=2022-11-02&sig=ab%2Bc%3D&se=1", "ab%2Bc%3D"),
    ("GET /items?api_key=abcdef HTTP/1.1", "abcdef"),
    ("curl -u admin:s3cret https://x.example", "s3cret"),
    ("a bearer eyJhbGciOiJub25lIn0123456789 token", "eyJhbGciOiJub25lIn0123456789"),
]

NOT_FOUND = [
    "bearer of bad news everyone",
    "the token limit is 4096 and basic arithmetic",
    "basic understanding of internationalization",
    "Authorization: required",
    "the Authorization header must be set",
    "HTTP 401 Unauthorized: authorization failed",
    "cookie recipes: 200 g of flour",
    "cookies: none",
    '{authorization: "Bearer ${env:TOKEN}"}',
    '("authorization", "x-amz-content-sha256")',
    "https://x.example/search?q=shoes&page=2&color=red",
    "x-request-id: 4bf92f3577b34da6",
    "max_tokens=4096, top_k=40",
    "token usage: 12345",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_credentials_are_found_whole(text: str, value: str) -> None:
    """Each scheme and header, as HTTP, Python, JSON and curl write it."""
    assert uncovered(HTTP_CREDENTIALS, "API_KEY", text, value) == ""


@pytest.mark.parametrize("text", NOT_FOUND)
def test_words_about_credentials_stay(text: str) -> None:
    """Names of headers and schemes, and other parameters, are none."""
    assert found(HTTP_CREDENTIALS, text) == []


def test_the_scheme_stays() -> None:
    """What kind of credential it was helps debugging."""
    assert found(HTTP_CREDENTIALS, "Authorization: Bearer abc.def-123, x")[0] == ("API_KEY", "abc.def-123")


@pytest.mark.parametrize(
    "piece",
    [
        "authorization: ",
        "bearer ",
        "cookie: a=",
        "?key=",
        "x-a-",
        "curl ",
        "authorization: digest a",
        "a",
        "curl -u a:",
    ],
)
def test_time_is_linear(piece: str) -> None:
    """No row tries the same characters over and over."""
    assert is_linear(HTTP_CREDENTIALS, piece)
