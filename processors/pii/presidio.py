"""Presidio's recognizers, as a policy's `recognizers_file` names them: with a time limit that fails, and no connection.

The built-in types have recognizers of this project's own. Importing this module costs some 60 MB: only a worker
process should, through `Detector.load`, and only for a policy that has such a file.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import regex  # type: ignore[import-untyped]  # it ships no types
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, predefined_recognizers

from processors.pii.findings import Finding

_TIMEOUT_S: Final = 2.0
_CONTEXT_CHARS: Final = 80
_CONTEXT_WORDS: Final = 6
_CONTEXT_BOOST: Final = 0.35
_MIN_SCORE_IN_CONTEXT: Final = 0.4
_WORD: Final = re.compile(r"\w+")


class RegexTimeout(Exception):  # noqa: N818  # named for what happened
    """A pattern took too long. Presidio would go on without it; here the text counts as not scrubbed."""


class _Bounded:
    """A compiled pattern whose time limit raises an error that Presidio does not swallow."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def finditer(self, text: str, **_: object) -> list[Any]:
        try:
            return list(self._pattern.finditer(text, timeout=_TIMEOUT_S))
        except TimeoutError:
            raise RegexTimeout from None


class UserRecognizers:
    """The recognizers of one file. Raises ValueError for one that cannot be used."""

    def __init__(self, definitions: Mapping[str, Any], threshold: float) -> None:
        # Presidio logs what it matched when a check fails.
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL + 1)
        self._recognizers = custom_recognizers(definitions)
        self._threshold = threshold
        for recognizer in self._recognizers:
            _bound(recognizer)
        self.entity_types = frozenset(kind for r in self._recognizers for kind in r.supported_entities)

    def find(self, text: str, *, in_context: bool) -> Iterator[Finding]:
        """`in_context`: the text has sentences, whose words may raise a score. Raises RegexTimeout."""
        for recognizer in self._recognizers:
            for result in recognizer.analyze(text, recognizer.supported_entities, None):  # type: ignore[arg-type]  # no pattern needs a model's output
                score = result.score
                if (
                    in_context
                    and recognizer.context
                    and score < 1
                    and _any_precedes(recognizer.context, text, result.start)
                ):
                    score = min(max(score + _CONTEXT_BOOST, _MIN_SCORE_IN_CONTEXT), 1.0)
                if score >= self._threshold:
                    yield Finding(result.entity_type, result.start, result.end, score)


def _any_precedes(context: Iterable[str], text: str, start: int) -> bool:
    """Whole words, read off the text: no lemmas are needed, and `lic` does not match `public`."""
    before = text[max(0, start - _CONTEXT_CHARS) : start].lower()
    said = f" {' '.join(_WORD.findall(before)[-_CONTEXT_WORDS:])} "
    return any(f" {' '.join(_WORD.findall(word.lower()))} " in said for word in context)


def _bound(recognizer: EntityRecognizer) -> None:
    if not isinstance(recognizer, PatternRecognizer):
        return
    patterns: list[Any] = recognizer.patterns  # type: ignore[has-type]  # Presidio leaves it to be inferred
    for pattern in patterns:
        flags = recognizer.global_regex_flags
        pattern.compiled_regex = _Bounded(regex.compile(pattern.regex, flags=flags))
        pattern.compiled_with_flags = flags


def custom_recognizers(definitions: Mapping[str, Any]) -> list[EntityRecognizer]:
    """Recognizers from Presidio's YAML, loaded: patterns and deny lists, and Presidio's own pattern recognizers.

    Raises ValueError for what is neither: no other kind is known to open no connection.
    """
    entries = definitions.get("recognizers")
    if not isinstance(entries, list):
        raise ValueError("recognizers_file: expected a list under `recognizers`")  # noqa: TRY004  # a file's content is a value
    return [r for place, entry in enumerate(entries) for r in _custom(place, entry)]


def _custom(place: int, entry: object) -> list[EntityRecognizer]:
    where = f"recognizers_file: recognizers[{place}]"
    name = entry if isinstance(entry, str) else entry.get("name") if isinstance(entry, dict) else None
    if isinstance(entry, str):
        entry = {"name": entry, "type": "predefined"}
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: expected a mapping or the name of a recognizer")  # noqa: TRY004  # see above
    if entry.get("enabled", True) is False:
        return []
    if entry.get("type") == "predefined":
        kind: Any = getattr(predefined_recognizers, str(entry.get("class_name", name)), None)
        if (
            not isinstance(kind, type)
            or not issubclass(kind, PatternRecognizer)
            or kind is predefined_recognizers.EmailRecognizer
        ):
            raise ValueError(f"{where}: not one of Presidio's pattern recognizers that work without a connection")
        recognizer: EntityRecognizer = kind()  # type: ignore[call-arg]  # its subclasses need no argument
        return [recognizer]
    options = {key: entry[key] for key in ("deny_list", "context", "deny_list_score") if entry.get(key)}
    entity_type = entry.get("supported_entity")
    if not isinstance(entity_type, str) or not entity_type:
        raise ValueError(f"{where}: supported_entity is required")
    try:
        patterns = [Pattern.from_dict(pattern) for pattern in entry.get("patterns") or ()]
        return [PatternRecognizer(supported_entity=entity_type.upper(), name=name or "", patterns=patterns, **options)]
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{where}: {error}") from None
