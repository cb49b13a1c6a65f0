"""Bank accounts that have no check of their own, routing numbers, sort codes and BICs, where words announce them."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.check_digits import digits_of, no_repetition, weighted
from processors.pii.recognizers.recognizer import PatternRecognizer, words

_COUNTRY: Final = (
    "A[DELTUZ]|B[AEGHRY]|C[AHLNORYZ]|D[EKO]|E[EGS]|F[IR]|G[BEIR]|H[KRU]|I[ELNRST]|J[OP]|K[RWZ]|L[BITUV]|M[CDEKTUXY]|N[GLOZ]"
    "|OM|P[AEHKLT]|QA|R[OSU]|S[AEGIKM]|T[HNRW]|U[AKSY]|V[EN]|ZA"
)


def is_routing_number(value: str) -> bool:
    digits = digits_of(value)
    return no_repetition(digits) and weighted(digits, (3, 7, 1, 3, 7, 1, 3, 7, 1)) % 10 == 0


US_BANK_NUMBER: Final = PatternRecognizer(
    "US_BANK_NUMBER",
    re.compile(r"(?<![\w$\u20ac\u00a3.,-])\d(?:[ -]?\d){5,16}(?![\w%]|[.,-]\d)"),
    no_repetition,
    score=0.7,
    context=words(
        r"(?:bank(?:ing)?|checking|cheque|savings?|current|giro|deposit|my|his|her|their|your|beneficiary) (?:account|acct|acc|a/c)(?: (?:number|num|no|nr))?",
        r"(?:account|acct|acc|a/c)(?: (?:number|num|no|nr)\b\.?|#| #|\.? ?no\.)", r"kontonummer", r"konto", r"bban", r"bank details",
    ),
)  # fmt: skip
ABA_ROUTING_NUMBER: Final = PatternRecognizer(
    "ABA_ROUTING_NUMBER",
    re.compile(r"(?<![\w.-])[0123678]\d{3}-?\d{4}-?\d(?![\w-]|\.\d)"),
    is_routing_number,
    context=words(r"routing", r"aba", r"rtn", r"transit"),
)
UK_SORT_CODE: Final = PatternRecognizer(
    "UK_SORT_CODE",
    re.compile(r"(?<![\w-])\d\d[- ]?\d\d[- ]?\d\d(?![\w-])"),
    score=0.8,
    context=words(r"sort[ -]?code"),
)
UK_ACCOUNT: Final = PatternRecognizer(
    "US_BANK_NUMBER",
    # Named like any account, but beside the code of a bank.
    re.compile(r"(?i:(?<![\w-])(?:account|acct?)\.?:?\s(?P<value>\d{8})(?=[^\w\n]{1,3}(?:and |with )?sort[ -]?code))"),
    score=0.7,
)
SWIFT_CODE: Final = PatternRecognizer(
    "SWIFT_CODE",
    re.compile(rf"(?<![\w-])[A-Z]{{4}}(?:{_COUNTRY})[A-Z0-9]{{2}}(?:[A-Z0-9]{{3}})?(?![\w-])"),
    score=0.8,
    context=words(r"swift(?:[ /-](?:bic|code))?", r"bic"),
)
