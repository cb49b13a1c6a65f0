"""A detector without a model and a content table of three keys, for everything that is not about the model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.genai.roles import Standing
from processors.pii.findings import Finding
from processors.pii.recognizers.exact import find_exact

NAMES = re.compile(r"Ada Lovelace|Jörg Müller|Nguyen")


class NameDetector:
    """Finds three names and all exact forms; breaks on texts that hold the word `poison`."""

    entity_types = frozenset({"PERSON"})

    def __init__(self) -> None:
        self.read: list[str] = []

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        self.read += texts
        if any("poison" in text for text in texts):
            raise RuntimeError("the detector broke")
        return [
            [*find_exact(text), *(Finding("PERSON", *match.span(), 0.85) for match in NAMES.finditer(text))]
            for text in texts
        ]

    def detect_exact(self, text: str) -> list[Finding]:
        if "venom" in text:
            raise RuntimeError("the detector broke")
        return list(find_exact(text))


class ContentTable:
    """Content is what the key says it is, under any scope."""

    speakers = ()

    def for_scope(self, scope: str) -> ContentTable:
        del scope
        return self

    def standing(self, key: str, event: str | None) -> Standing:
        content = key in {"gen_ai.input.messages", "gen_ai.output.messages"} or (
            key == "content" and event == "gen_ai.user.message"
        )
        return Standing.CONTENT if content else Standing.UNKNOWN

    def role(self, key: str, event: str | None) -> None:
        """It knows none."""

    def is_content_event(self, event_name: str) -> bool:
        return event_name == "gen_ai.user.message"

    def is_marker(self, key: str) -> bool:
        return key.startswith("gen_ai.")
