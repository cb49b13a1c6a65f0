"""Presidio's analyzer as this project runs it: the recognizers in the list below, a model already in memory, a time
limit that fails, and no connection.

Importing this module costs some 100 MB: only a worker process should, through `Detector.load`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import regex  # type: ignore[import-untyped]  # it ships no types
from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
    predefined_recognizers,
)
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from spacy.language import Language
from spacy.tokens import Doc

PHONE_REGIONS: Final = ("US", "GB", "DE", "FR", "IN")
"""National forms that are looked for; international ones are found whatever the country."""

_BUILT_IN: Final[tuple[Callable[[], EntityRecognizer], ...]] = (
    predefined_recognizers.CreditCardRecognizer,
    predefined_recognizers.CryptoRecognizer,
    predefined_recognizers.DateRecognizer,
    predefined_recognizers.IpRecognizer,
    predefined_recognizers.MacAddressRecognizer,
    predefined_recognizers.MedicalLicenseRecognizer,
    predefined_recognizers.NhsRecognizer,
    predefined_recognizers.UkNinoRecognizer,
    predefined_recognizers.UrlRecognizer,
    predefined_recognizers.UsBankRecognizer,
    predefined_recognizers.UsItinRecognizer,
    predefined_recognizers.UsLicenseRecognizer,
    predefined_recognizers.UsPassportRecognizer,
    predefined_recognizers.UsSsnRecognizer,
    predefined_recognizers.UuidRecognizer,
    lambda: predefined_recognizers.PhoneRecognizer(supported_regions=PHONE_REGIONS),
    lambda: predefined_recognizers.SpacyRecognizer(
        supported_entities=["PERSON", "LOCATION", "NRP", "ORGANIZATION", "DATE_TIME"]
    ),
)
"""Presidio's e-mail recognizer is not here: it may fetch a list of public suffixes and lets internal hosts pass."""

_MODEL_LABELS: Final = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "NORP": "NRP",
    "FAC": "LOCATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "ORG": "ORGANIZATION",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
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


class _Artifacts(NlpArtifacts):
    """What recognizers read of a model's output; without the keywords, which nothing here uses and cost a lot."""

    @staticmethod
    def set_keywords(nlp_engine: object, lemmas: object, language: object) -> list[str]:
        del nlp_engine, lemmas, language
        return []


class _LoadedModel(SpacyNlpEngine):
    """An engine around a model that is already in memory, so that Presidio never looks for one to download."""

    def __init__(self, model: Language) -> None:
        super().__init__(ner_model_configuration=NerModelConfiguration(labels_to_ignore=[]))
        self.nlp = {"en": model}  # type: ignore[assignment]  # declared by its first value, None


class _PrecedingWords(ContextAwareEnhancer):
    """Raises the score of a result that a context word of its recognizer precedes.

    Whole words, read off the text: no lemmas are needed, and `lic` does not match `public`.
    """

    def __init__(self) -> None:
        super().__init__(_CONTEXT_BOOST, _MIN_SCORE_IN_CONTEXT, _CONTEXT_WORDS, 0)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: object,
        recognizers: list[EntityRecognizer],
        context: object = None,
    ) -> list[RecognizerResult]:
        del nlp_artifacts, context
        contexts = {recognizer.id: recognizer.context for recognizer in recognizers if recognizer.context}
        for result in raw_results:
            words = contexts.get(result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY])
            if words and result.score < 1 and _any_precedes(words, text, result.start):
                result.score = min(max(result.score + _CONTEXT_BOOST, _MIN_SCORE_IN_CONTEXT), 1.0)
        return raw_results


def _any_precedes(context: Iterable[str], text: str, start: int) -> bool:
    before = text[max(0, start - _CONTEXT_CHARS) : start].lower()
    words = _WORD.findall(before)[-_CONTEXT_WORDS:]
    said = f" {' '.join(words)} "
    return any(f" {' '.join(_WORD.findall(word.lower()))} " in said for word in context)


class Analyzer:
    """Presidio over texts that a spaCy model has read."""

    def __init__(
        self, model: Language, custom: Sequence[EntityRecognizer], wanted: Callable[[str], bool], threshold: float
    ) -> None:
        # Presidio logs what it matched when a check fails.
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL + 1)
        self._engine_model = _LoadedModel(model)
        built_in = [make() for make in _BUILT_IN]
        recognizers = [r for r in (*built_in, *custom) if any(map(wanted, r.supported_entities))]
        for recognizer in recognizers:
            _bound(recognizer)
        self._engine = AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=recognizers, supported_languages=["en"]),
            nlp_engine=self._engine_model,
            supported_languages=["en"],
            default_score_threshold=threshold,
            context_aware_enhancer=_PrecedingWords(),
        )
        self.entity_types = frozenset(kind for r in recognizers for kind in r.supported_entities)

    def analyze(self, doc: Doc) -> Iterator[tuple[str, int, int, float]]:
        """Type, start, end and score of each finding. Raises RegexTimeout."""
        ents = [ent for ent in doc.ents if ent.label_ in _MODEL_LABELS]
        for ent in ents:
            ent.label_ = _MODEL_LABELS[ent.label_]
        artifacts = _Artifacts(
            entities=ents,
            tokens=doc,
            tokens_indices=[],
            lemmas=[],
            nlp_engine=self._engine_model,
            language="en",
        )
        for result in self._engine.analyze(doc.text, "en", nlp_artifacts=artifacts):
            yield result.entity_type, result.start, result.end, result.score


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
