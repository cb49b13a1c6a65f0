"""Columns of tables in text, whose head says what stands in them: CSV, TSV, Markdown, columns set apart by blanks.

In a cell there are no words around a value, and the head is rows away. The head is read as the key of a JSON field
would be, and a cell has to look like what the head announces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from processors.pii import hints
from processors.pii.findings import Finding
from processors.pii.recognizers.dates import DATE
from processors.pii.recognizers.user_name import is_user_name

_SEPARATORS: Final = tuple(map(re.compile, (r"\|", r"\t", r";", r",", r" {2,}")))
_QUOTED: Final = re.compile(r'"[^"\n]{0,200}"')
_HEAD: Final = re.compile(r"#|[^\W\d_][\w .'/-]{1,30}")
_WORTH: Final = re.compile(
    r"(?i:name|phone|mobile|cell|fax|tel|mail|birth|dob|d\.o\.b|b-?day|born|geburt|naissance|nacim|nascit|nascim|ssn|social|nhs|nino|passport|licen[cs]e|account"
    r"|iban|city|town|village|ort|ville|ciudad|citt\u00e0|cidade|address|street|zip|post|user|login|passw|pwd|token|secret|key|nom|apellido|aadhaar|cpf|pesel|card)"
)
_LINE: Final = re.compile(r"[|\s]{0,3}[\w .'/\"*`#-]{1,40}(?:[|\t;,]|  )[\w .'/\"*`#|\t;,-]+\r?")
_RULE: Final = re.compile(r"[\s|:+=-]+")
_PERSON: Final = re.compile(
    r"[^\W\d_][^\W\d_.,'\u2019-]{0,40}[.,]?(?:[ '\u2019-]{1,2}[^\W\d_][^\W\d_.,'\u2019-]{0,40}[.,]?){0,5}"
)
_PLACE: Final = re.compile(r"[^\W\d_][^\W\d_'\u2019.-]+(?:[ '\u2019.-]{1,2}[^\W\d_]+){0,4}")
_CELLS: Final = {
    "DATE_OF_BIRTH": re.compile(
        rf"{DATE}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d\d?[./-]\d\d?[./-]\d\d"
    ),
    "PHONE_NUMBER": re.compile(r"[+(]?\d[\d ()./-]{5,22}\d(?:\s?(?:x|ext\.?)\s?\d{1,6})?"),
    "PERSON": _PERSON,
    "USERNAME": re.compile(r"@?[^\W_][\w.@+-]{1,62}"),
    "PASSWORD": re.compile(r"(?=[^\s]*[\d!#$%^*@])[^\s|]{4,64}"),
    "API_KEY": re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[^\s|]{16,512}"),
    "LOCATION": re.compile(r"(?=.*\w)[\w .,'\u2019/#()-]{3,120}"),
    "US_BANK_NUMBER": re.compile(r"\d[\d -]{4,19}\d"),
}
_NUMBER: Final = re.compile(r"(?=(?:[^\d\n]*\d){5})[A-Z\d](?:[ .-]?[A-Z\d]){4,24}")
_TOWN: Final = frozenset(
    {
        "city",
        "town",
        "village",
        "birthplace",
        "hometown",
        "place of birth",
        "ort",
        "ville",
        "ciudad",
        "citt\u00e0",
        "cidade",
    }
)
_NAMES: Final = frozenset({"name", "names", "customer", "patient", "employee", "guest", "passenger", "tenant", "student"})  # fmt: skip
_FOREIGN: Final = {
    "nachname": "PERSON", "vorname": "PERSON", "nom": "PERSON", "pr\u00e9nom": "PERSON", "nombre": "PERSON", "apellido": "PERSON",
    "apellidos": "PERSON", "cognome": "PERSON", "born": "DATE_OF_BIRTH", "b-day": "DATE_OF_BIRTH", "bday": "DATE_OF_BIRTH",
    "d.o.b.": "DATE_OF_BIRTH", "d.o.b": "DATE_OF_BIRTH", "geburtsdatum": "DATE_OF_BIRTH", "date de naissance": "DATE_OF_BIRTH",
    "fecha de nacimiento": "DATE_OF_BIRTH", "data di nascita": "DATE_OF_BIRTH", "data de nascimento": "DATE_OF_BIRTH",
    "tel": "PHONE_NUMBER", "telefon": "PHONE_NUMBER", "t\u00e9l\u00e9phone": "PHONE_NUMBER", "tel\u00e9fono": "PHONE_NUMBER", "cell": "PHONE_NUMBER",
    "address": "LOCATION", "login": "USERNAME",
}  # fmt: skip
_PERSONAL: Final = frozenset(
    {"DATE_OF_BIRTH", "PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN", "UK_NHS", "PASSPORT", "CREDIT_CARD"}
)
_MAX_ROWS: Final = 10_000
_MIN_CELLS: Final = 2
_MAX_CELLS: Final = 60
_MAX_HEAD_CHARS: Final = 1_000


class TableColumnRecognizer:
    entity_type: Final = "DATE_OF_BIRTH"
    """One of those it finds: the type is that of the column."""

    def find(self, text: str) -> Iterator[Finding]:
        if _WORTH.search(text) is None:
            return
        lines = _lines(text)
        place = 0
        while place < len(lines) - 1:
            start, end = lines[place]
            place += 1
            if (
                end - start > _MAX_HEAD_CHARS
                or not _LINE.fullmatch(text, start, end)
                or _WORTH.search(text, start, end) is None
            ):
                continue
            head = _head(text, start, end)
            if head is None:
                continue
            separator, columns = head
            for low, high in lines[place : place + _MAX_ROWS]:
                if low < high and _RULE.fullmatch(text, low, high):
                    place += 1
                    continue
                cells = _cells(text, low, high, separator)
                if len(cells) != len(columns) or _is_labelled(text, cells, columns):
                    break
                place += 1
                yield from _found(text, cells, columns)


def _head(text: str, start: int, end: int) -> tuple[re.Pattern[str], list[str | None]] | None:
    """What sets the columns apart and which type each has, if the line is the head of such a table."""
    for separator in _SEPARATORS:
        cells = _cells(text, start, end, separator)
        if _MIN_CELLS <= len(cells) <= _MAX_CELLS and all(_HEAD.fullmatch(text[low:high]) for low, high in cells):
            columns = _types([text[low:high] for low, high in cells])
            return (separator, columns) if any(columns) else None
    return None


def _lines(text: str) -> list[tuple[int, int]]:
    lines = []
    at = 0
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    return lines


def _cells(text: str, start: int, end: int, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the cells of a line stand, without quotes and blanks; what is quoted is in one piece."""
    quoted = [match.span() for match in _QUOTED.finditer(text, start, end)] if '"' in text[start:end] else []
    bounds = [start]
    for match in separator.finditer(text, start, end):
        if not any(low < match.start() < high for low, high in quoted):
            bounds += match.span()
    bounds.append(end)
    cells = [_stripped(text, low, high) for low, high in zip(bounds[::2], bounds[1::2], strict=True)]
    if separator.pattern == r"\|" and len(cells) > _MIN_CELLS:
        # The bars at both ends of a row of Markdown.
        cells = cells[cells[0][0] >= cells[0][1] : len(cells) - (cells[-1][0] >= cells[-1][1])]
    return cells


def _stripped(text: str, low: int, high: int) -> tuple[int, int]:
    while low < high and text[low] in " \t\r\"'*`":
        low += 1
    while high > low and text[high - 1] in " \t\r\"'*`":
        high -= 1
    return low, high


def _types(heads: Sequence[str]) -> list[str | None]:
    types = [_type_of(head) for head in heads]
    if any(kind in _PERSONAL for kind in types):
        types = [
            kind or ("PERSON" if head.lower() in _NAMES else None) for kind, head in zip(types, heads, strict=True)
        ]
    return types


def _type_of(head: str) -> str | None:
    lower = head.lower()
    if lower in _TOWN:
        return "TOWN"
    return _FOREIGN.get(lower) or hints.type_of_key(head.replace(".", ""))


def _is_labelled(text: str, cells: Sequence[tuple[int, int]], columns: Sequence[str | None]) -> bool:
    """Whether a column goes on with another label: then the line read as a head is one of `Name | Ann Lee`."""
    return any(
        kind is not None and low < high and _type_of(text[low:high]) is not None
        for (low, high), kind in zip(cells, columns, strict=True)
    )


def _found(text: str, cells: Sequence[tuple[int, int]], columns: Sequence[str | None]) -> Iterator[Finding]:
    for (low, high), kind in zip(cells, columns, strict=True):
        if kind is None or low == high or not hints.is_said(text[low:high]) or not is_user_name(text[low:high]):
            continue
        form = _PLACE if kind == "TOWN" else _CELLS.get(kind, _NUMBER)
        if kind != "EMAIL_ADDRESS" and form.fullmatch(text[low:high]):
            yield Finding("LOCATION" if kind == "TOWN" else kind, low, high, 0.7)
