from __future__ import annotations

import pytest

from processors.values import Secret
from sidecar.credentials.credential import CredentialError
from sidecar.credentials.tokens import Tokens, parse_tokens


@pytest.mark.parametrize(
    ("sent", "passes"),
    [
        (b"Bearer tok\xc3\xa9n", True),
        (b"bearer  tok\xc3\xa9n ", True),
        (b"Bearer second", True),
        (b"Bearer token", False),
        (b"Bearer", False),
        (b"", False),
        (b"Bearer tok\xc3\xa9n2", False),
        (b"Bearer tok\xc3\xa9n second", False),
        (b"Basic second", False),
        (b"tok\xc3\xa9n", False),
    ],
)
def test_which_values_fit(sent: bytes, *, passes: bool) -> None:
    """The scheme is case-insensitive (RFC 9110, 11.1), the token is not."""
    assert Tokens((Secret("tokén"), Secret("second"))).fits(sent) is passes


def test_a_file_holds_a_token_a_line() -> None:
    """Blank lines and the space around a token are no matter."""
    tokens = parse_tokens((("bearer_token_file", b"one\r\n\n  two \n"),))
    assert tokens == Tokens((Secret("one"), Secret("two")))
    assert "one" not in repr(tokens)


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff", b"a\x00b"])
def test_a_file_without_a_token_is_an_error(content: bytes) -> None:
    """It must not come to mean that an empty token, or none, lets everybody in."""
    with pytest.raises(CredentialError) as caught:
        parse_tokens((("bearer_token_file", content),))
    assert caught.value.reason == "invalid"
