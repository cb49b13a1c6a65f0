"""Bearer tokens in a file, one a line: all are accepted, so that an old one stays good while clients move to the new."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from processors.values import Secret
from sidecar.credentials.credential import CredentialError, CredentialFiles, Files


@dataclass(frozen=True, slots=True)
class Tokens:
    secrets: tuple[Secret, ...]

    def out_of_date(self, unix_s: float) -> str:  # noqa: ARG002  # tokens carry no date
        return ""

    def fits(self, authorization: bytes) -> bool:
        """Whether an `authorization` value is `Bearer` and one of them; how long it takes says nothing about them."""
        scheme, _, given = authorization.partition(b" ")
        given = given.strip()
        matches = [hmac.compare_digest(given, secret.reveal().encode()) for secret in self.secrets]
        return scheme.lower() == b"bearer" and any(matches)


def token_file(used_by: str, path: Path, use: Callable[[Tokens], None]) -> CredentialFiles[Tokens]:
    return CredentialFiles(used_by, "token", {"bearer_token_file": path}, parse_tokens, use)


def parse_tokens(files: Files) -> Tokens:
    """Raises CredentialError (`invalid`) if there is none, or one that no header could carry."""
    ((key, content),) = files
    try:
        lines = [line.strip() for line in content.decode("utf-8").splitlines()]
    except UnicodeDecodeError:
        raise CredentialError("invalid", f"{key} holds bytes that are not UTF-8") from None
    tokens = tuple(Secret(line) for line in lines if line)
    if not tokens or not all(token.reveal().isprintable() for token in tokens):
        raise CredentialError("invalid", f"{key} holds no token")
    return Tokens(tokens)
