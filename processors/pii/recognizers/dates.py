"""Dates as people write them, with a day, a month and a year; and as a type of their own, for policies that act on it."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_MONTH: Final = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?"
    r"|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_MONTH_NUMBER: Final = r"(?:1[0-2]|0?[1-9])"
_YEAR: Final = r"(?:19|20)\d\d"
DATE: Final = (
    r"(?<![\w.,-])(?:"
    rf"{_YEAR}(?P<s>[-/. ]){_MONTH_NUMBER}(?P=s){_DAY}"
    rf"|(?:{_DAY}(?P<t>[-/. ]){_MONTH_NUMBER}|{_MONTH_NUMBER}(?P<u>[-/. ]){_DAY})(?:(?P=t)|(?P=u))(?:{_YEAR}|\d\d)"
    rf"|(?i:{_DAY}(?:st|nd|rd|th|\.)?(?:\s|-|\sof\s|\sde\s){_MONTH}(?:,|\sde)?(?:\s|-){_YEAR})"
    rf"|(?i:{_MONTH}\s{_DAY}(?:st|nd|rd|th)?,?\s{_YEAR})"
    r")"
)
"""A piece of a regular expression; `AFTER_DATE` belongs behind it. Bounded, so that its time is linear."""

AFTER_DATE: Final = r"(?![\w-]|[./]\d)"
_TIME: Final = (
    r"(?:[T ]?[ ]?(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:\s?[AaPp]\.?[Mm]\.?|Z|[+-]\d\d:?\d\d)?)"
)
DATE_TIME: Final = PatternRecognizer(
    "DATE_TIME",
    re.compile(
        rf"{DATE}{_TIME}?(?![\w-]|[./]\d)|(?<![\w:.]){_TIME}(?![\w:])"
        rf"|(?<!\w)(?i:{_DAY}(?:st|nd|rd|th|\.)?\s(?:of\s)?{_MONTH}|{_MONTH}\s(?:{_DAY}(?:st|nd|rd|th)?|{_YEAR}))(?!\w)"
    ),
    score=0.6,
)
