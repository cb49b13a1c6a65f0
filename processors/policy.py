"""policy.yaml as a typed model: one section a processor, each defined beside its processor.

Without any section this is the built-in policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from processors.attribution import AttributionSection
from processors.cost import CostSection
from processors.pii.section import PiiSection
from processors.prompts import PromptsSection
from processors.sampling.section import SamplingSection
from processors.section import StrictModel
from processors.values import Secret

_SECTIONS: Final = ("pii", "prompts", "sampling", "cost", "attribution")


class Policy(StrictModel):
    """What happens to telemetry."""

    version: Literal[1]
    """Version of this file's format."""
    pii: PiiSection = Field(default_factory=PiiSection)
    """Personal data and secrets: what is looked for, and what replaces it."""
    prompts: PromptsSection = Field(default_factory=PromptsSection)
    """Fingerprints of prompts and answers, and which traces keep their text."""
    sampling: SamplingSection = Field(default_factory=SamplingSection)
    """Which traces are kept."""
    cost: CostSection = Field(default_factory=CostSection)
    """What each model call cost."""
    attribution: AttributionSection = Field(default_factory=AttributionSection)
    """Whose calls they are, and what for."""

    @model_validator(mode="before")
    @classmethod
    def _empty_section_is_the_default(cls, data: Any) -> Any:
        """`pii:` with nothing under it, or with all of it commented out."""
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in _SECTIONS}

    @model_validator(mode="after")
    def _key_for_user_ids(self) -> Self:
        if self.attribution.enabled and self.attribution.user == "pseudonymize" and not self.pii.pseudonym_key_file:
            raise ValueError("attribution.user: pseudonymize needs pii.pseudonym_key_file")
        return self


@dataclass(frozen=True, slots=True)
class PolicyKeys:
    """What the policy's sections name by file, read by whoever may read files."""

    pseudonym: Secret | None = None
    """`pii.pseudonym_key_file`."""
    prompt_hash: Secret | None = None
    """`prompts.hash.key_file`."""
    recognizers: Mapping[str, Any] | None = None
    """`pii.recognizers_file`: Presidio's recognizer registry configuration."""
