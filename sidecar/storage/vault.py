"""Encryption of what waits on disk: one master key, one derived key for each segment file and for each run of the outbox.

Invariants
  1. A derived key belongs to one purpose and one random salt, and its salt is used by one process only.
  2. Under a derived key each number seals once: it is the nonce (NIST SP 800-38D, 8.2.1: deterministic construction).
  3. What was sealed opens only with the same purpose, salt, number and associated data, and unchanged.

Keys are derived with HKDF-SHA-256 (RFC 5869), data is sealed with AES-256-GCM.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT_BYTES: Final = 32
KEY_ID_BYTES: Final = 16
TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Damaged(Exception):  # noqa: N818  # named for the state of the data
    """It is not what was sealed: changed, torn, or sealed under another key."""


class Cipher:
    """Seals and opens under one derived key."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, number: int, data: bytes, associated: bytes) -> bytes:
        """`data` and TAG_BYTES more. `number` must not have been used under this key before."""
        return self._aead.encrypt(number.to_bytes(_NONCE_BYTES, "big"), data, associated)

    def open(self, number: int, sealed: bytes, associated: bytes) -> bytes:
        """Raises Damaged."""
        try:
            return self._aead.decrypt(number.to_bytes(_NONCE_BYTES, "big"), sealed, associated)
        except InvalidTag:
            raise Damaged from None


class Vault:
    """`master` is the key file's content: at least 32 bytes, in whatever form."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self.key_id: Final = _derive(master, b"", "key id", KEY_ID_BYTES)
        """Tells keys apart without telling anything of them."""

    def __repr__(self) -> str:
        return "Vault([REDACTED])"

    @staticmethod
    def new_salt() -> bytes:
        return secrets.token_bytes(SALT_BYTES)

    def cipher(self, purpose: str, salt: bytes) -> Cipher:
        return Cipher(_derive(self._master, salt, purpose, _KEY_BYTES))


def _derive(master: bytes, salt: bytes, purpose: str, length: int) -> bytes:
    info = f"genai-sidecar storage 1: {purpose}".encode()
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(master)
