"""Names to their end: what a hyphen, a particle or an initial joins to a found name belongs to it.

A tagger of tokens that knows `Maarten` may not know `Vries`; that `de Vries` goes on with the name is plain from its form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from processors.pii.findings import Finding

_CAPITAL: Final = r"[^\W\d_a-z\u00df-\u00f6\u00f8-\u00ff]"
_PARTICLE: Final = (
    r"(?:de|del|della|der|den|di|da|do|dos|das|du|van|von|zu|zum|zur|af|av|la|le|los|las|el|al|bin|ibn|bint|ter|ten|y)"
)
_NO_NAME_PARTS: Final = (
    "aged|and|area|authored|backed|based|born|bound|built|centric|controlled|driven|era|esque|free|funded|gate|held|inspired|internal|ish|led|like|local|made"
    "|next|only|on|or|owned|ready|related|run|san|side|signed|speaking|specific|style|to|trained|type|wide|year"
)
_AFTER_PERSON: Final = re.compile(
    rf"(?:\s{_PARTICLE}){{1,3}}\s{_CAPITAL}[\w'\u2019-]+|-(?!(?:{_NO_NAME_PARTS})(?!\w))[^\W\d_]{{2,12}}(?!\w)"
)
_AFTER_PLACE: Final = re.compile(
    rf"-(?:(?:on|upon|in|by|the|am|an|ob|der|sur|sous|de|du|le|la|les|en|l[eè]s|al|ad-)-){{1,2}}{_CAPITAL}\w+|-{_CAPITAL}[^\W\d_]+(?!\w)"
)
_INITIALS: Final = re.compile(rf"\s(?:{_CAPITAL}\.?\s){{1,2}}")
_MAX_STEPS: Final = 3


def joined(text: str, found: Sequence[Finding]) -> list[Finding]:
    """The findings, in order of position; none of them ends before it did."""
    result: list[Finding] = []
    for each in found:
        finding = each
        before = result[-1] if result else None
        if before is not None and finding.start < before.end and finding.entity_type == before.entity_type:
            if finding.end <= before.end:
                continue
            result[-1] = finding = before._replace(end=finding.end)
        elif (
            before is not None
            and before.entity_type == finding.entity_type == "PERSON"
            and _INITIALS.fullmatch(text, before.end, finding.start)
        ):
            result[-1] = finding = before._replace(end=finding.end, score=min(before.score, finding.score))
        else:
            result.append(finding)
        form = {"PERSON": _AFTER_PERSON, "LOCATION": _AFTER_PLACE}.get(finding.entity_type)
        for _ in range(_MAX_STEPS if form is not None else 0):
            more = form.match(text, finding.end) if form is not None else None
            if more is None:
                break
            result[-1] = finding = finding._replace(end=more.end())
    return result
