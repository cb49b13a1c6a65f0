"""The `pii:` section of policy.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from processors.section import Section, StrictModel

ActionName = Literal["replace", "mask", "pseudonymize", "remove", "keep"]

_ENTITY_TYPE: Final = re.compile(r"[A-Z][A-Z0-9_]*")


class Action(StrictModel):
    """What happens to a finding: written as the name alone, or as a mapping where `mask` has options."""

    action: ActionName
    """replace: `<PERSON>`; mask: `****`; pseudonymize: `<PERSON:k1:…>`, keyed; remove: nothing stays; keep: untouched."""
    keep_last: Annotated[int, Field(ge=0, le=8)] = 0
    """mask: how many letters and digits at the end stay readable; never more than half of them."""
    char: Annotated[str, Field(min_length=1, max_length=1)] = "*"
    """mask: what stands for each letter or digit."""

    @model_validator(mode="after")
    def _options_belong_to_mask(self) -> Action:
        if self.action != "mask" and self.model_fields_set & {"keep_last", "char"}:
            raise ValueError("keep_last and char are allowed with action: mask only")
        if self.char.isalnum() or not self.char.isprintable() or self.char in '"\\':
            raise ValueError("char must be a printable sign that is no letter, digit, quote or backslash")
        return self


def _spelled_out(value: object) -> object:
    return {"action": value} if isinstance(value, str) else value


ActionSetting = Annotated[Action, BeforeValidator(_spelled_out, json_schema_input_type=ActionName | Action)]

DEFAULT_ENTITIES: Final[dict[str, ActionName]] = {
    "PERSON": "replace",
    "LOCATION": "replace",
    "EMAIL_ADDRESS": "replace",
    "PHONE_NUMBER": "replace",
    "CREDIT_CARD": "replace",
    "IBAN_CODE": "replace",
    "US_SSN": "replace",
    "US_ITIN": "replace",
    "US_PASSPORT": "replace",
    "US_DRIVER_LICENSE": "replace",
    "US_BANK_NUMBER": "replace",
    "UK_NHS": "replace",
    "UK_NINO": "replace",
    "IP_ADDRESS": "replace",
    "MAC_ADDRESS": "replace",
    "CRYPTO": "replace",
    "DATE_OF_BIRTH": "replace",
    "USERNAME": "replace",
    "PASSPORT": "replace",
    "MEDICAL_LICENSE": "replace",
    "API_KEY": "remove",
    "PASSWORD": "remove",
    "DATE_TIME": "keep",
    "URL": "keep",
    "UUID": "keep",
    "ORGANIZATION": "keep",
    "NRP": "keep",
    "default": "replace",
}
"""What a policy file need not say: identifying types go, secrets go without a trace, the rest helps debugging."""


class Attributes(StrictModel):
    """Globs over attribute keys. The content attributes of all known dialects are scrubbed without being listed."""

    scrub: tuple[str, ...] = ()
    """Globs: also looked through for every entity type, as content is."""
    drop: tuple[str, ...] = ()
    """Globs: removed whole."""
    keep: tuple[str, ...] = ()
    """Globs: never touched; `drop` wins over it."""


class PiiSection(Section):
    """What counts as personal data and what happens to it."""

    entities: dict[str, ActionSetting] = Field(default_factory=dict, validate_default=True)
    """Entity type (Presidio's spelling) to action; `default` stands for every type not listed. What is listed goes over the
    built-in actions, one type at a time."""
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.4
    """Findings below this score are ignored."""
    model: Annotated[str | None, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] = None
    """Who finds names and places: an installed spaCy pipeline by its package's name, such as `en_core_web_sm`; without it,
    the model that comes with the project."""
    pseudonym_key_file: str | None = None
    """Path of the file with the key for `pseudonymize`, at least 32 bytes of text; `k2:` in front of it names the key.
    Older keys may follow, one a line: they make no tokens, but `genai-sidecar scrub --pseudonym-of` reads by them."""
    allow: tuple[str, ...] = ()
    """Values that are never findings; compared whole, case-insensitively."""
    recognizers_file: str | None = None
    """Path of a Presidio recognizer YAML, added to the built-in recognizers."""
    media: Literal["remove", "keep"] = "remove"
    """Images, audio and other base64 data in content, which are never looked into: they are removed, or pass as they are."""
    attributes: Attributes = Attributes()
    """Attribute keys treated apart."""
    on_failure: Literal["drop_content", "reject_trace"] = "drop_content"
    """What becomes of a value that could not be scrubbed: it is removed, or its whole trace is held back."""

    @field_validator("entities", mode="before")
    @classmethod
    def _over_defaults(cls, value: Any) -> Any:
        return {**DEFAULT_ENTITIES, **value} if isinstance(value, dict) else value

    @field_validator("entities")
    @classmethod
    def _spelled_as_entity_types(cls, value: dict[str, Action]) -> dict[str, Action]:
        for name in value:
            if name != "default" and not _ENTITY_TYPE.fullmatch(name):
                raise ValueError(
                    f"{name!r} is not an entity type; allowed: `default`, or capitals, digits and _, such as PERSON"
                )
        return value

    @model_validator(mode="after")
    def _key_for_pseudonyms(self) -> PiiSection:
        users = sorted(name for name, action in self.entities.items() if action.action == "pseudonymize")
        if users and not self.pseudonym_key_file:
            raise ValueError(f"pseudonym_key_file is required: {', '.join(users)} is set to pseudonymize")
        return self

    def action_for(self, entity_type: str) -> Action:
        """The action set for the type, or the default."""
        return self.entities.get(entity_type) or self.entities["default"]

    def acts_on(self, entity_type: str) -> bool:
        return self.action_for(entity_type).action != "keep"
