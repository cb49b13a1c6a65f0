"""User names that the words before them announce: `username: jdoe42`, `logged in as jdoe`, `my handle is @jane_d`."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_NO_NAMES_AS_TEXT: Final = (
    "and or is the not are was field must should cannot can has have with for from already taken invalid required missing null none string "
    "str your their his her you name names password unknown undefined true false value optional exists empty text input here too long short "
    "incorrect wrong correct valid does will that this which admin root user user_id userid user_name username guest anonymous int number varchar self request data"
)
_NO_NAMES: Final = frozenset(_NO_NAMES_AS_TEXT.split())


def _is_name(value: str) -> bool:
    return value.lower().strip("@._-") not in _NO_NAMES and any(map(str.isalnum, value))


USER_NAME: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?<![^\W_])(?i:(?:user[ _-]?names?|user[ _]login|log[ -]?in(?:[ _]?(?:name|id))?|logon|screen ?name|nick ?name|(?:twitter|github|instagram|slack|discord|telegram|skype) (?:handle|name|user)|handle)"
        r"['\"\\]{0,3}(?:\s{0,2}[:=]>?\s{0,2}|\s{1,2}(?:is|was|as)(?:\s{1,2}|:\s{0,2}))|(?:logged|signed|log|sign)[ -]?in\s{1,2}as\s{1,2}(?:user\s{1,2})?|--user(?:name)?[ =])"
        r"['\"\\`\u201c]{0,3}(?P<value>@?[^\W_][\w.@+-]{1,63}(?<![.@+-]))(?![\w(\[])"
    ),
    _is_name,
    score=0.7,
)
# `user: jdoe, role: admin` and `user id 4711`, where the value stands alone and looks like no word of a sentence.
USER_FIELD: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?:^|(?<=[\s{,('\"]))(?i:user(?:(?P<id> ids?(?: is| was|:)? )|['\"\\]{0,3}\s{0,2}[:=]\s{0,2}))['\"\\`]{0,3}"
        r"(?P<value>(?(id)(?=[\w.@-]{0,62}\d)[^\W_][\w.@-]{2,63}|(?i:@?[a-z])[\w.-]{2,63}(?=['\"\\`]{0,3}\s{0,2}(?:[,;/|)\]}\n]|$)))"
        r"(?<![.-]))(?![\w(\[]|\.\w)"
    ),
    _is_name,
    score=0.6,
)
