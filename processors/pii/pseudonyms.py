"""Keyed pseudonyms: the same value, the same token, in every span and on every replica that has the key.

    token = <TYPE:key id:first 128 bits, in hex, of HMAC-SHA-256(key, u16 length of type · type · normalised value)>

A key file has a key a line. The first one makes tokens; the others only answer which token a value had under them, so
that a person's records can be found across a rotation.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import Final

from processors.pii.escapes import Decoded
from processors.values import Secret

_MIN_KEY_BYTES: Final = 32
_HEX_DIGITS: Final = 32
_KEY: Final = re.compile(r"(?:(k[0-9]+):)?(.+)", re.DOTALL)
_NUMBERS: Final = frozenset(
    {"CREDIT_CARD", "IBAN_CODE", "US_SSN", "US_ITIN", "UK_NHS", "UK_NINO", "US_BANK_NUMBER", "MAC_ADDRESS"}
)
_EXTENSION: Final = re.compile(r"(?:x|ext\.?|extension|#)[ .:]*(\d+)$")


class Pseudonyms:
    def __init__(self, keys: Secret) -> None:
        """Raises ValueError if there is no key, one is too short, or two have the same name."""
        self._keys = _read(keys)

    def of(self, entity_type: str, normal: str) -> str:
        """The token of a value that is `normalised` already, under the current key."""
        return _token(entity_type, normal, *self._keys[0])

    def under_all_keys(self, entity_type: str, value: str) -> list[str]:
        """The tokens of a value however it is written, the current key's first."""
        normal = normalised(entity_type, value)
        return [_token(entity_type, normal, key_id, key) for key_id, key in self._keys]


def _token(entity_type: str, normal: str, key_id: str, key: bytes) -> str:
    kind = entity_type.encode()
    message = len(kind).to_bytes(2) + kind + normal.encode("utf-8", "surrogatepass")
    return f"<{entity_type}:{key_id}:{hmac.new(key, message, hashlib.sha256).hexdigest()[:_HEX_DIGITS]}>"


def normalised(entity_type: str, value: str) -> str:
    """Spellings of one value made equal, so that they share a token: escapes, case, width, spaces, number punctuation.

    A telephone number loses `(0)`, a leading `00` for `+` and the `1` of North America; its extension stays.
    A user id is what a program made it, letter by letter.
    """
    if entity_type == "USER_ID":
        return value.strip()
    folded = unicodedata.normalize("NFKC", Decoded(value).text).casefold()
    if entity_type == "PHONE_NUMBER":
        return _phone(folded.strip())
    if entity_type in _NUMBERS:
        return "".join(filter(str.isalnum, folded))
    if entity_type == "PERSON":
        folded = folded.strip(" .,;:").removesuffix("'s").removesuffix("\u2019s")
    return " ".join(folded.split())


def _phone(value: str) -> str:
    extension = _EXTENSION.search(value)
    body = value[: extension.start()] if extension else value
    digits = "".join(filter(str.isdigit, body.replace("(0)", "")))
    if not body.startswith("+"):
        digits = digits.removeprefix("00")
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    return f"{digits}x{extension[1]}" if extension else digits


def _read(keys: Secret) -> tuple[tuple[str, bytes], ...]:
    read: dict[str, bytes] = {}
    for line in filter(None, map(str.strip, keys.reveal().splitlines())):
        match = _KEY.fullmatch(line)
        if match is None or len(match[2].encode()) < _MIN_KEY_BYTES:
            raise ValueError(f"pii: the pseudonym key must be at least {_MIN_KEY_BYTES} bytes long")
        name = match[1] or "k1"
        if name in read:
            raise ValueError(f"pii: two pseudonym keys are named {name}; write k2: and so on in front of the others")
        read[name] = match[2].encode()
    if not read:
        raise ValueError("pii: the pseudonym key must not be empty")
    return tuple(read.items())
