"""Dates of birth: a date that the words before it say somebody was born on. Any other date tells when, not who."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.dates import AFTER_DATE, DATE
from processors.pii.recognizers.recognizer import PatternRecognizer

_BIRTH: Final = re.compile(
    r"(?<![^\W_])(?:d\.?o\.?b\.?|born|birth[ _-]?dates?|birth[ _-]?days?|dates?[ _-]of[ _-]birth|year[ _-]of[ _-]birth|birth"
    r"|b\.|geb(?:oren|\.|urtsdatum)?|née?|naissance|nacid[oa]|nacimiento|nat[oa]|nascita)(?![^\W\d_])[^.;!?\n]{0,40}$",
    re.IGNORECASE,
)
_YEAR: Final = r"(?i:(?<=born in )|(?<=year of birth: )|(?<=year of birth is ))(?:18|19|20)\d\d(?!\w)"

DATE_OF_BIRTH: Final = PatternRecognizer(
    "DATE_OF_BIRTH", re.compile(f"{DATE}{AFTER_DATE}|{_YEAR}"), score=0.85, context=_BIRTH
)
