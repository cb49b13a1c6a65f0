"""Dates of birth: a date that the words before it say somebody was born on. Any other date tells when, not who."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.dates import AFTER_DATE, DATE
from processors.pii.recognizers.recognizer import PatternRecognizer

_BIRTH: Final = re.compile(
    r"(?<![^\W_])(?:d\.?o\.?b\.?|born|birth[ _-]?dates?|birth[ _-]?days?|b-?day|dates?[ _-]of[ _-]birth|year[ _-]of[ _-]birth|birth"
    r"|b\.|geb(?:oren|\.|urtsdatum)?|née?|naissance|nacid[oa]|nacimiento|nat[oa]|nascita|nascimento|nascid[oa]|nasc\.|do\u011fum(?: tarihi)?|dogum|f\u00f8dt|f\u00f6dd)(?![^\W\d_])"
    r"(?:[^.;!?\n]{0,40}|[^.;!?\n\d]{0,50}\?[^.;!?\d]{0,30})$",
    re.IGNORECASE,
)
_YEAR: Final = (
    r"(?i:(?<=born in )|(?<=year of birth: )|(?<=year of birth )|(?<=year of birth is ))(?:18|19|20)\d\d(?!\w)"
)
_RUN: Final = r"(?<!\w)(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d)(?!\w)"

DATE_OF_BIRTH: Final = PatternRecognizer(
    "DATE_OF_BIRTH", re.compile(f"{DATE}{AFTER_DATE}|{_YEAR}|{_RUN}"), score=0.85, context=_BIRTH
)

_BEFORE_LONG: Final = re.compile(r"(?<!\d)(?:19\d\d|200\d)(?!\d)")
# A message that is a date and nothing else, as people write them, answers the question for it.
DATE_ALONE: Final = PatternRecognizer(
    "DATE_OF_BIRTH",
    re.compile(
        rf"\A\s*(?i:(?:yes|yeah|sure|ok|okay|hi)?[,.!]?\s?(?:it'?s|it is|its|that'?s|i was born|born)?(?: on)?\s?(?:the )?)(?P<value>(?!\d{{4}}-){DATE}{AFTER_DATE})[.!]?\s*\Z"
    ),
    lambda value: _BEFORE_LONG.search(value) is not None,
    score=0.6,
)
