"""The skeleton of a prompt: what is left of a text when all that varies from call to call has gone.

Each of these becomes `{}`: the slots of a template (`{name}`, `{{name}}`, `${name}`, `<<name>>`), the values of known
prompt variables, what personal data was replaced by (`<PERSON>`), quoted values, words with a digit in them, e-mail
addresses, links, names of days and months. Then runs of `{}` become one, and runs of blanks one blank.
A template and the text it was filled into have the same skeleton where its variables are known, or are of these kinds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_MIN_VARIABLE_CHARS: Final = 3
"""The values of shorter variables stand anywhere in a text."""
_MAX_VARIABLES: Final = 64
_SLOT: Final = "{}"
# Every alternative begins with a character of its own, so that the engine skips all text between them.
_SPANS: Final = re.compile(
    r"\{\{\{?[^{}\n]{0,80}\}?\}\}|\{[^{}\n]{0,80}\}|\$\{[^{}\n]{0,80}\}|<<[\w .-]{1,80}>>|<[A-Z][A-Z0-9_]{2,60}[0-9a-f]{0,32}>"
    r'|"[^"\n]{1,200}"|“[^”\n]{1,200}”|\'(?<!\w\')[^\'\n]{1,200}\'(?!\w)'
)
_VARIES: Final = re.compile(r"[0-9@]|://")
_CALENDAR: Final = frozenset(
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ]  # two lines rather than forty
)
_PUNCTUATION: Final = ".,;:!?()[]"
_RUNS: Final = re.compile(r"\{\}(?:[\s,.:/-]*\{\})+")


def skeleton(text: str, variables: Sequence[str] = ()) -> str:
    for value in sorted(variables, key=len, reverse=True)[:_MAX_VARIABLES]:
        if len(value) >= _MIN_VARIABLE_CHARS:
            text = text.replace(value, _SLOT)
    words = _SPANS.sub(_SLOT, text).split()
    return _RUNS.sub(
        _SLOT, " ".join(word if word.isalpha() and word not in _CALENDAR else _without_value(word) for word in words)
    )


def _without_value(word: str) -> str:
    core = word.strip(_PUNCTUATION)
    return word.replace(core, _SLOT) if core in _CALENDAR or _VARIES.search(core) else word
