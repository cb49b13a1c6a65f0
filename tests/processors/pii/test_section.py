from __future__ import annotations

import pytest
from pydantic import ValidationError

from processors.pii.section import PiiSection


def test_defaults_replace_people_remove_secrets_keep_dates() -> None:
    """Without any setting: identifying types are replaced, secrets removed, what helps debugging is kept."""
    section = PiiSection()
    actions = {name: section.action_for(name).action for name in ("PERSON", "API_KEY", "DATE_TIME", "URL", "MADE_UP")}
    assert actions == {
        "PERSON": "replace",
        "API_KEY": "remove",
        "DATE_TIME": "keep",
        "URL": "keep",
        "MADE_UP": "replace",
    }


def test_own_entries_go_over_the_defaults() -> None:
    """Listing one type leaves the others at their defaults, and `default` rules the types nobody listed."""
    section = PiiSection.model_validate(
        {"entities": {"CREDIT_CARD": {"action": "mask", "keep_last": 4}, "EMPLOYEE_ID": "remove", "default": "keep"}}
    )
    assert section.action_for("CREDIT_CARD").keep_last == 4
    assert section.action_for("EMPLOYEE_ID").action == "remove"
    assert section.action_for("PERSON").action == "replace"
    assert section.action_for("MADE_UP").action == "keep"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"entities": {"PERSON": "redact"}}, "'replace', 'mask', 'pseudonymize', 'remove' or 'keep'"),
        ({"entities": {"PERSON": {"action": "replace", "keep_last": 2}}}, "allowed with action: mask only"),
        ({"entities": {"person": "replace"}}, "is not an entity type; allowed:"),
        ({"entities": {"PERSON": {"action": "mask", "char": "x"}}}, "no letter, digit"),
        ({"entities": {"EMAIL_ADDRESS": "pseudonymize"}}, "pseudonym_key_file is required: EMAIL_ADDRESS"),
        ({"on_failure": "pass"}, "'drop_content' or 'reject_trace'"),
        ({"score_threshold": 2}, "less than or equal to 1"),
        ({"attributes": {"mask": []}}, "Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(setting: object, expected: str) -> None:
    """A wrong setting is an error that says what would be right."""
    with pytest.raises(ValidationError, match=expected.replace("(", r"\(")):
        PiiSection.model_validate(setting)


def test_pseudonyms_with_a_key_file_are_accepted() -> None:
    """The key itself comes in later; the section only asks for the file's name."""
    section = PiiSection.model_validate({"entities": {"PERSON": "pseudonymize"}, "pseudonym_key_file": "/run/key"})
    assert section.action_for("PERSON").action == "pseudonymize"
