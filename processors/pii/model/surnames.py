"""A name found in part: the uncommon word with a capital behind a first name is the surname, the initials before a surname
are of the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from processors.pii.findings import Finding
from processors.pii.model.no_names import without_no_names

_SURE: Final = 0.6
_NEXT: Final = re.compile(r"[ \u00a0]([^\W\d_](?:[^\W\d_]|['\u2019-](?=[^\W\d_])){2,30})(?![\w@/:(=-])")
_INITIALS: Final = re.compile(r"(?<=[^\n.?!:] )(?:[A-Z]\.\s?){1,2}$|(?<=[^\n.?!:] [(\"'])(?:[A-Z]\.\s?){1,2}$")
_NEAR_CHARS: Final = 10


def with_surnames(
    text: str, found: Sequence[Finding], is_rare: Callable[[Sequence[str]], Sequence[bool]]
) -> list[Finding]:
    """The findings, people's made longer; in order of position, and none within another one's."""
    result: list[Finding] = []
    for place, each in enumerate(found):
        finding = each
        if finding.entity_type == "PERSON":
            end = found[place + 1].start if place + 1 < len(found) else len(text)
            low = result[-1].end if result else 0
            finding = _to_surname(text, _from_initials(text, finding, low), end, is_rare)
        result.append(finding)
    return result


def _from_initials(text: str, finding: Finding, low: int) -> Finding:
    initials = _INITIALS.search(text[max(low, finding.start - _NEAR_CHARS) : finding.start])
    return finding if initials is None else finding._replace(start=finding.start - len(initials[0]))


def _to_surname(text: str, finding: Finding, end: int, is_rare: Callable[[Sequence[str]], Sequence[bool]]) -> Finding:
    name = text[finding.start : finding.end]
    if finding.score < _SURE or not (name.isalpha() and name.istitle() and len(name) > 2):
        return finding
    surname = _NEXT.match(text, finding.end)
    if surname is None or surname.end() > end or not surname[1][0].isupper():
        return finding
    longer = finding._replace(end=surname.end())
    alone = finding._replace(start=surname.start(1), end=surname.end())
    return longer if without_no_names(text, [alone]) and all(is_rare([surname[1]])) else finding
