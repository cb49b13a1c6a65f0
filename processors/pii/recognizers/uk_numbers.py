"""UK National Health Service numbers (check digit modulo 11) and National Insurance numbers (allocated prefixes)."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.check_digits import digits_of, no_repetition, weighted
from processors.pii.recognizers.recognizer import PatternRecognizer, words


def is_nhs_number(value: str) -> bool:
    digits = digits_of(value)
    return (
        len(digits) == 10
        and no_repetition(digits)
        and (11 - weighted(digits, range(10, 1, -1)) % 11) % 11 == int(digits[9])
    )


UK_NHS: Final = PatternRecognizer(
    "UK_NHS", re.compile(r"(?<![\w+.-])\d{3} \d{3} \d{4}(?![\w-]|\.\d)"), is_nhs_number, score=0.85
)
UK_NHS_IN_CONTEXT: Final = PatternRecognizer(
    "UK_NHS",
    re.compile(r"(?<![\w+.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-]|\.\d)"),
    is_nhs_number,
    context=words("nhs", r"national health(?: service)?", "patient", "hospital"),
)
UK_NINO: Final = PatternRecognizer(
    "UK_NINO",
    re.compile(
        r"(?<![0-9A-Za-z])(?!(?i:BG|GB|NK|KN|TN|NT|ZZ))(?:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:\d{6}|[ -]?\d\d[ -]\d\d[ -]\d\d[ -]?)"
        r"|[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z](?:\d{6}| ?\d\d \d\d \d\d ?)(?=[a-d])|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{6} ?)"
        r"[A-Da-d](?![0-9A-Za-z])"
    ),
)
