"""Telephone numbers in national spelling: `07700 063 966`, `0490 75 40 81 ext. 5`, `call me on 467 3395`.

For text only, where words tell a number to call from a number to count: as an attribute it would be an id. A number is
found by the way it is grouped, or by words around it that speak of calling; words such as `order` before it, units behind
it and further numbers beside it tell that it is something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.phone import EXTENSION
from processors.pii.recognizers.recognizer import words

_GAP: Final = r"[ \u00a0\u2009]{0,2}(?:\.(?! )|[/\u2010-\u2015-][ ]?)?"
_CANDIDATE: Final = re.compile(
    rf"(?<![\w$\u20ac\u00a3\u00a5%/.+-])(?<!\d[,:])(?:\(0\) ?)?(?:\(?\d++\)?)(?:(?=[ \u00a0\u2009./(\u2010-\u2015-]){_GAP}\(?\d++\)?)*+"
    rf"(?P<ext>{EXTENSION})(?![\w%\u20ac\u00a3/]|[.,:]\d)",
    re.IGNORECASE,
)
_GROUP: Final = re.compile(r"\d+")
_DATE: Final = re.compile(
    r"(?:19|20)\d\d[-./ ]{1,3}\d\d?[-./ ]{1,3}\d\d?|\d\d?[-./ ]{1,3}\d\d?[-./ ]{1,3}(?:19|20)\d\d|\(?(?:18|19|20)\d\d ?[-\u2013/] ?(?:18|19|20)\d\d\)?"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])|(?:[\d. ]{3,16} ?\()?(?:19|20)\d\d-\d\d-\d\d\)?"
)
_CALLING: Final = words(
    r"(?:tele)?phones?", r"(?:tele)?phoned", r"fax(?:ed)?", r"tel", r"telefon\w*", r"t\u00e9l\w*", r"tel\u00e9fono", r"ph", r"cell(?:s|phones?|ular)?",
    r"mobiles?", r"m\u00f3vil", r"handy(?:nummer)?", r"caller(?: |_)?id", r"call ?back\w*", r"call(?:s|ed|ing|er)?", r"dial(?:l?ed|l?ing)?", r"ring", r"rang", r"sms",
    r"text(?:ed|ing)?", r"whats\W?app", r"signal", r"telegram", r"viber", r"reach(?:ed|able)?", r"contact(?:ed|s)?", r"hotline",
    r"landline", r"voice ?mail", r"pager", r"helpline", r"toll[- ]free", r"extension", r"numbers? (?:is|was|to|i|you|we)",
    r"my number", r"my no(?:\.|(?= is| \d))", r"(?:his|her|their|your|our|new|home|work|office|direct|emergency) (?:number|line)", r"get (?:hold of|back to) (?:me|us)",
)  # fmt: skip
_PERHAPS_CALLING: Final = words(
    r"numbers?", r"nr", r"num", r"lines?", r"desk", r"front desk", r"reception", r"reservations?", r"hours", r"emergency", r"doctor", r"home",
    r"office", r"work", r"e-?mail", r"address", r"website", r"message", r"voice", r"support", r"appointment", r"answer(?:ed|s)?", r"speak",
    r"talk(?:ed)?", r"at", r"on", r"out", r"touch",
)  # fmt: skip
_OTHER: Final = words(
    r"orders?", r"invoices?", r"tickets?", r"cases?", r"ref(?:erence)?s?", r"ids?", r"account", r"acct", r"tracking", r"versions?",
    r"sku", r"isbn", r"issn", r"doi", r"models?", r"serial", r"parts?", r"items?", r"products?", r"builds?", r"ports?", r"pid", r"tokens?",
    r"epoch", r"timestamps?", r"commit", r"card", r"iban", r"bank", r"routing", r"sort", r"ssn", r"passport", r"licen[cs]e", r"code", r"zip",
    r"postcode", r"policy", r"claim", r"batch", r"lot", r"coordinates?", r"lat(?:itude)?", r"lon(?:gitude)?", r"gps", r"score", r"page", r"pages",
    r"hash", r"nhs", r"vat", r"siret", r"no", r"seed", r"requests?", r"bug", r"issue", r"ndc", r"tags?", r"rechnung\w*", r"beleg\w*", r"auftrag\w*", r"kunden\w*", r"factura", r"facture", r"fattura", r"pr", r"size", r"total", r"sum", r"population", r"flight",
)  # fmt: skip
_UNIT: Final = re.compile(
    r"\s?(?:tokens?|ms|\u00b5s|ns|seconds?|minutes?|hours?|days?|years?|bytes|[kmgt]i?b|usd|eur|gbp|chf|dollars|euros|pounds|km|kg|cm|mm|m|g|ml"
    r"|people|inhabitants|users|items|rows|lines|times|percent|points|votes|units|pieces|[\u00b0])(?!\w)",
    re.IGNORECASE,
)
_NUMBER_BEFORE: Final = re.compile(r"(?:\d[ ./-]?)+[,;]? ?$")
_NUMBER_AFTER: Final = re.compile(r"[,;]?\s?-?\d|\s?[=<>*+^]")
_MOBILE: Final = re.compile(r"0(?:[67]\d{8}|7\d{9}|1[5-7]\d{8,9}|4\d{8}|[789]0\d{8}|5\d{8})")
_BEFORE_CHARS: Final = 60
_AFTER_CHARS: Final = 30
_OTHER_CHARS: Final = 24
_NEAR_CHARS: Final = 40
_SENTENCE_END: Final = re.compile(r"[.!?;]\s|\n")


class NationalPhoneRecognizer:
    entity_type: Final = "PHONE_NUMBER"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _CANDIDATE.finditer(text):
            number = match[0]
            if len(number) < 6:
                continue
            extension = match["ext"]
            body = number.removesuffix(extension) if extension else number
            groups = _GROUP.findall(body)
            digits = sum(map(len, groups))
            if not 6 <= digits <= 15 or _DATE.fullmatch(body) or _is_decimal_or_version(body, groups):
                continue
            if _UNIT.match(text, match.end()):
                continue
            if _spoken_of(text, *match.span()):
                if digits >= 7 or len(groups) > 1:
                    yield Finding(self.entity_type, *match.span(), 0.6)
            elif (extension and digits >= 7) or (
                (
                    _grouped_to_call(body, groups, digits)
                    or (
                        _may_be_called(body, groups, digits)
                        and (_alone_on_its_line(text, *match.span()) or _perhaps_spoken_of(text, match.start()))
                    )
                )
                and not _OTHER.search(text, max(0, match.start() - _OTHER_CHARS), match.start())
                and (body[0] in "(0" or not _is_in_a_list(text, match.start(), groups))
                and not _NUMBER_AFTER.match(text, match.end())
            ):
                yield Finding(self.entity_type, *match.span(), 0.6)


def _spoken_of(text: str, start: int, end: int) -> bool:
    """Whether the sentence around speaks of calling, and nothing nearer speaks of something else."""
    low = max(0, start - _BEFORE_CHARS)
    calling = [match.end() for match in _CALLING.finditer(text, low, start)]
    if calling:
        return _OTHER.search(text, calling[-1], start) is None
    stop = _SENTENCE_END.search(text, end)
    after = min(end + _AFTER_CHARS, stop.start() if stop else len(text))
    return _CALLING.search(text, end, after) is not None and not _OTHER.search(
        text, max(low, start - _OTHER_CHARS), start
    )


def _is_in_a_list(text: str, start: int, groups: Sequence[str]) -> bool:
    """Whether a number of the same form, or of several groups, stands before: one number alone may be a postcode."""
    low = max(0, start - _OTHER_CHARS)
    if start == 0 or text[start - 1] not in " ,;0123456789":
        return False
    before = _NUMBER_BEFORE.search(text[low:start])
    if before is None:
        return False
    others = _GROUP.findall(before[0])
    return len(others) > 1 or list(map(len, others)) == list(map(len, groups))


def _perhaps_spoken_of(text: str, start: int) -> bool:
    return _PERHAPS_CALLING.search(text, max(0, start - _NEAR_CHARS), start) is not None


def _alone_on_its_line(text: str, start: int, end: int) -> bool:
    before = text.rfind("\n", 0, start)
    return before >= 0 and not text[before:start].strip() and not text[end : end + 2].strip(" ,;.")[:1].isalnum()


def _may_be_called(body: str, groups: Sequence[str], digits: int) -> bool:
    """Whether such a number could be a telephone number at all: groups that are neither a count nor a list."""
    sizes = tuple(map(len, groups))
    if len(groups) == 1:
        return False
    return 7 <= digits <= 12 and min(sizes[1:]) >= 2 and not _is_thousands(body, sizes) and not _is_list(groups)


def _is_decimal_or_version(body: str, groups: Sequence[str]) -> bool:
    if "." not in body or " " in body or "-" in body:
        return False
    return len(groups) == 2 or (
        max(map(len, groups)) < 4 and (len(groups) == 4 or max(map(len, groups)) < 3) and body[0] != "0"
    )


def _grouped_to_call(body: str, groups: Sequence[str], digits: int) -> bool:
    """Whether the groups are those of a telephone number in some country, and not of a count or a list."""
    sizes = tuple(map(len, groups))
    if body.startswith("("):
        return digits >= 8 and sizes[0] >= 2 and len(groups) > 1
    if body.startswith("00"):
        return digits >= 10 and len(groups) > 2
    if len(groups) == 1:
        return _MOBILE.fullmatch(body) is not None and len(set(body)) > 4
    if body.startswith("0"):
        return 9 <= digits <= 12 and (len(groups) > 2 or (sizes[0] >= 2 and sizes[-1] >= 5)) and not _is_list(groups)
    if sizes == (3, 4):
        return body[0] in "23456789" and body[3] in " -\u2011\u00a0" and not body.endswith("00")
    if not 8 <= digits <= 12 or _is_list(groups) or "/" in body:
        return False
    if sizes == (3, 3, 3):
        return "." not in body
    if _is_thousands(body, sizes):
        return False
    if all(size == 3 for size in sizes[1:]) and len(sizes) == 3:
        return sizes[0] < 5
    if sizes[-1] == 4:
        return sizes[-2] >= 3 and len(groups) >= 3 and digits >= 9 and sizes[0] < 4
    if sizes == (3, 2, 3):
        return True
    return len(groups) >= 4 and sizes[-1] == sizes[-2] == 2 and (len(set(sizes)) > 1 or " " not in body)


def _is_thousands(body: str, sizes: Sequence[int]) -> bool:
    return sizes[0] < 4 and all(size == 3 for size in sizes[1:]) and "-" not in body


def _is_list(groups: Sequence[str]) -> bool:
    """`10 20 30 40`: steps of one size; `1 2 3 4 5 6`: single digits."""
    numbers = list(map(int, groups))
    steps = {after - before for before, after in pairwise(numbers)}
    return (len(groups) > 2 and len(steps) == 1) or max(map(len, groups)) < 2
