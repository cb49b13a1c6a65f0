"""What replaces a finding: a type name, a mask, a pseudonym, or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from processors.pii.findings import Finding, Region, regions, without
from processors.pii.pseudonyms import Pseudonyms, normalised
from processors.pii.section import Action, PiiSection
from processors.values import Secret

BLOB: Final = "<BLOB>"
"""Stands for base64 and other opaque data: neither looked into nor passed on."""
REMOVED: Final = "<removed>"
"""Stands for a value that could not be scrubbed where something must stand."""

USER_ID: Final = "USER_ID"
"""Type of the pseudonyms that stand for user ids (`processors/attribution.py`)."""

_SENTINEL: Final = re.compile(
    r"<(?P<type>[A-Z][A-Z0-9_]*)(?::k[0-9]+:[0-9a-f]{32})?>"
    r"|\[REDACTED\]|__REDACTED__|<removed>|<elided>|<not serializable>"
    r"|\[Scrubbed due to [^\[\]\n]{0,80}\]|@@@langfuseMedia:[^@\s]{1,300}@@@|\[TRUNCATED: original length \d+\]"
)


class Rewriter:
    """Applies a policy's actions to texts whose findings are known."""

    def __init__(self, section: PiiSection, pseudonym_key: Secret | None) -> None:
        """Raises ValueError if a pseudonym is asked for and the key is missing or too short."""
        self._section = section
        self._acts_on = section.acts_on
        self._allow = frozenset(value.casefold() for value in section.allow)
        self._pseudonyms = _pseudonyms(section, pseudonym_key)
        self._types = {"BLOB", "REDACTED", "REMOVED", USER_ID, *section.entities} - {"default"}

    def learn(self, entity_types: Iterable[str]) -> None:
        """Names of further entity types, so that their `<TYPE>` is known as something written by this processor."""
        self._types.update(entity_types)

    def rewrite(self, text: str, findings: Iterable[Finding], counts: Counter[str]) -> str:
        """The text with every finding acted on; adds to `counts` what was done, by entity type."""
        pieces: list[str] = []
        done = 0
        for region in self.to_rewrite(text, findings):
            pieces += text[done : region.start], self.replacement(text, region)
            done = region.end
            counts[region.value.entity_type] += 1
        return "".join((*pieces, text[done:])) if pieces else text

    def untouched(self, text: str, findings: Iterable[Finding]) -> list[tuple[int, int, int]]:
        """The parts of the text that `rewrite` leaves: where each starts in the text and in the result, and its length."""
        parts: list[tuple[int, int, int]] = []
        done = shift = 0
        for region in self.to_rewrite(text, findings):
            parts.append((done, done + shift, region.start - done))
            shift += len(self.replacement(text, region)) - (region.end - region.start)
            done = region.end
        return [*parts, (done, done + shift, len(text) - done)]

    def to_rewrite(self, text: str, findings: Iterable[Finding]) -> list[Region]:
        """The regions to act on: without allowed values, sentinels, and parts that hold no letter or digit."""
        candidates = [f for f in findings if not self._allow or text[f.start : f.end].casefold() not in self._allow]
        if not candidates:
            return []
        candidates = without(candidates, self._sentinels(text))
        return regions((f for f in candidates if any(map(str.isalnum, text[f.start : f.end]))), self._acts_on)

    def replacement(self, text: str, region: Region) -> str:
        entity_type = region.value.entity_type
        action = self._section.action_for(entity_type)
        value = text[region.value.start : region.value.end]
        match action.action:
            case "remove":
                return ""
            case "mask":
                return _masked(text[region.start : region.end], action, action.keep_last if region.alone else 0)
            case "pseudonymize" if self._pseudonyms is not None:
                return self._pseudonyms.of(entity_type, normalised(entity_type, value))
            case _:
                return f"<{entity_type}>"

    def _sentinels(self, text: str) -> list[tuple[int, int]]:
        return [m.span() for m in _SENTINEL.finditer(text) if m["type"] is None or m["type"] in self._types]


def _masked(value: str, action: Action, keep_last: int) -> str:
    """Letters and digits are masked; what stands between them stays, and shows the form of the value."""
    places = [i for i, char in enumerate(value) if char.isalnum()]
    shown = set(places[len(places) - min(keep_last, len(places) // 2) :])
    return "".join(action.char if c.isalnum() and i not in shown else c for i, c in enumerate(value))


def _pseudonyms(section: PiiSection, key: Secret | None) -> Pseudonyms | None:
    if not any(action.action == "pseudonymize" for action in section.entities.values()):
        return None
    if key is None:
        raise ValueError("pii: an action is pseudonymize, but there is no pseudonym key")
    return Pseudonyms(key)
