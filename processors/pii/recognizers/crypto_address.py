"""Addresses of Bitcoin (Base58Check, Bech32 and Bech32m, all with their checksums) and Ethereum (40 hex digits)."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from processors.pii.recognizers.recognizer import Gated, PatternRecognizer

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_SUMS: Final = (1, 0x2BC830A3)


def is_base58check(value: str) -> bool:
    """Whether it is 21 bytes and the first four bytes of their double SHA-256."""
    number = 0
    for char in value:
        number = number * 58 + _BASE58.index(char)
    if number >= 1 << 200:
        return False
    raw = number.to_bytes(25)
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def is_bech32(value: str) -> bool:
    """BIP 173 and BIP 350."""
    prefix, _, data = value.lower().rpartition("1")
    check = 1
    for part in (*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *map(_BECH32.index, data)):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ part
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check in _BECH32_SUMS


CRYPTO: Final = (
    Gated(PatternRecognizer("CRYPTO", re.compile(rf"(?<!\w)[13][{_BASE58}]{{25,34}}(?!\w)"), is_base58check), digits=1),
    Gated(PatternRecognizer("CRYPTO", re.compile(rf"(?<!\w)(?i:bc1[{_BECH32}]{{11,71}})(?!\w)"), is_bech32), ("bc1",)),
    Gated(PatternRecognizer("CRYPTO", re.compile(r"(?<!\w)0x[0-9a-fA-F]{40}(?!\w)"), score=0.85), ("0x",)),
)
