"""Check digit algorithms, each over a string of ASCII digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_VERHOEFF_MULTIPLY: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_PERMUTE: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def digits_of(value: str) -> str:
    """The ASCII digits of a value, without what stands between them."""
    return "".join(char for char in value if char in "0123456789")


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: whether the last digit is the check digit of the others."""
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of the digits, each times its weight; the shorter of the two sets the length."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def verhoeff(digits: str) -> bool:
    """Verhoeff's dihedral check, the check digit last."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_MULTIPLY[check][int(_VERHOEFF_PERMUTE[place % 8][int(digit)])])
    return check == 0


def mod_11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10, the check digit last."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def no_repetition(digits: str) -> bool:
    """Not one digit all along: such numbers stand in forms and examples, and pass most checks."""
    return len(set(digits)) > 1
