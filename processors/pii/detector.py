"""Finds personal data in texts: a model for names and places, recognizers for everything with a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from processors.pii.findings import Finding
from processors.pii.model import name_model
from processors.pii.model.name_model import NameModel
from processors.pii.recognizers.exact import EXACT, find_exact
from processors.pii.recognizers.in_text import IN_TEXT, ON_DEMAND, find_in_text
from processors.pii.recognizers.recognizer import find_all
from processors.pii.section import PiiSection

if TYPE_CHECKING:
    from processors.pii.presidio import UserRecognizers

_SURROGATE_TO_MARK: Final = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Detector:
    """Made by `load`; holds the model. Not safe to share between threads."""

    def __init__(self, section: PiiSection, names: NameModel, users: UserRecognizers | None) -> None:
        self._threshold = section.score_threshold
        self._names = names if any(map(section.acts_on, names.entity_types)) else None
        self._users = users
        self._on_demand = tuple(each for each in ON_DEMAND if section.acts_on(each.entity_type))
        self.entity_types = frozenset(
            {recognizer.entity_type for recognizer in (*EXACT, *IN_TEXT, *ON_DEMAND)}
            | names.entity_types
            | (users.entity_types if users else frozenset())
        )
        """Every type that can come out of `detect`."""

    @classmethod
    def load(
        cls,
        section: PiiSection,
        recognizers: Mapping[str, Any] | None = None,
        names: Callable[[], NameModel] | None = None,
    ) -> Detector:
        """Loads the model, and Presidio where there are recognizers for it; opens no connection.

        `recognizers`: the content of `recognizers_file`. `names`: another model of names than `section.model` says.
        Raises ValueError for a recognizer or a model that cannot be used.
        """
        users = None
        if recognizers:
            from processors.pii.presidio import UserRecognizers  # noqa: PLC0415  # costs 60 MB, which only its user pays

            users = UserRecognizers(recognizers, section.score_threshold)
        return cls(section, names() if names else name_model.load(section.model), users)

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings in each text, in order of position, at or above the score threshold.

        They may overlap. Raises whatever goes wrong, `presidio.RegexTimeout` among it; messages hold no text.
        """
        clean = [text.translate(_SURROGATE_TO_MARK) if not _encodes(text) else text for text in texts]
        found = [self._by_form(text) for text in clean]
        if self._names is not None:
            for findings, named in zip(found, self._names.find(clean), strict=True):
                findings.update(named)
        return [
            sorted((f for f in findings if f.score >= self._threshold), key=lambda f: (f.start, f.end, f.entity_type))
            for findings in found
        ]

    def _by_form(self, text: str) -> set[Finding]:
        findings = {*find_exact(text), *find_in_text(text), *find_all(self._on_demand, text)}
        if self._users is not None:
            findings.update(self._users.find(text, in_context=True))
        return findings

    def detect_exact(self, text: str) -> list[Finding]:
        """What needs no model: forms that give themselves away, and the user's own recognizers. Raises RegexTimeout."""
        findings = [finding for finding in find_exact(text) if finding.score >= self._threshold]
        if self._users is not None:
            findings += self._users.find(text, in_context=False)
        return findings


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
