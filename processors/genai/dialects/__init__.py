"""The dialects that are understood, in the order in which they are believed where a span speaks several."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.dialects.openinference import OPENINFERENCE
from processors.genai.dialects.openllmetry import OPENLLMETRY
from processors.genai.dialects.otel import OTEL
from processors.genai.dialects.otel_legacy import OTEL_LEGACY
from processors.genai.dialects.reported_cost import REPORTED_COST

DIALECTS: Final[tuple[Dialect, ...]] = (
    OTEL,
    OTEL_LEGACY,
    OPENINFERENCE,
    OPENLLMETRY,
    REPORTED_COST,
)

__all__ = ["DIALECTS", "ContentEvent", "Dialect", "Key"]
