"""Bearer tokens of one receiver, from the configuration or from a file that is read again when it changes."""

from __future__ import annotations

from sidecar.credentials.credential import CredentialFiles
from sidecar.credentials.tokens import Tokens, token_file
from sidecar.receivers.config import BearerAuth


class Auth:
    """Without a configuration, everybody is let in."""

    def __init__(self, config: BearerAuth | None, used_by: str) -> None:
        self.files: CredentialFiles[Tokens] | None = None
        self._tokens: Tokens | None = None
        if config is not None and config.bearer_token is not None:
            self._tokens = Tokens((config.bearer_token,))
        elif config is not None and config.bearer_token_file is not None:
            self._tokens = Tokens(())
            self.files = token_file(used_by, config.bearer_token_file, self._use)

    def start(self) -> None:
        """Raises OSError if the file cannot be used."""
        if self.files is not None:
            self._use(self.files.load())

    def allows(self, authorization: bytes) -> bool:
        """Whether this `authorization` value lets a request in."""
        return self._tokens is None or self._tokens.fits(authorization)

    def _use(self, tokens: Tokens) -> None:
        self._tokens = tokens
