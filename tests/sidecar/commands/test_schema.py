from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from sidecar.cli import main
from sidecar.commands.schema import duration_text, json_schema
from tests.sidecar.commands.files import CONFIG, POLICY
from tests.support.json_schema import problems_of


@pytest.mark.parametrize(("of", "text"), [("config", CONFIG), ("policy", POLICY)])
def test_the_documented_files_are_valid(of: str, text: str) -> None:
    """As an editor with the schema sees them: `${env:NAME}` and durations included."""
    assert problems_of(yaml.safe_load(text), json_schema(of)) == []


@pytest.mark.parametrize(
    ("of", "data"),
    [
        ("policy", {"pii": {}}),
        ("policy", {"version": 1, "pie": {}}),
        ("policy", {"version": 1, "pii": {"score_threshold": 2}}),
        ("policy", {"version": 1, "sampling": {"decision_wait": 30}}),
        ("policy", {"version": 1, "sampling": {"policies": [{"name": "a", "type": "scor"}]}}),
        ("config", {}),
        ("config", {"exporters": {"otpl": {}}}),
        ("config", {"exporters": {"otlp/a": {"path": "x"}}}),
        ("config", {"exporters": {"debug": {}}, "storage": {"fsync": "never"}}),
    ],
)
def test_mistakes_are_found(of: str, data: Any) -> None:
    """Unknown keys, wrong types, values out of range, exporters of one type with another's keys."""
    assert problems_of(data, json_schema(of))


@pytest.mark.parametrize(
    "data",
    [
        {"version": 1, "pii": {"score_threshold": "${env:THRESHOLD}"}},
        {"version": 1, "pii": {"entities": {"PERSON": "mask", "CREDIT_CARD": {"action": "mask", "keep_last": 4}}}},
        {"version": 1, "pii": {"enabled": "${env:SCRUB:-true}"}},
        {"version": 1, "prompts": {"retain_content": {"default": "${env:SHARE}", "error": "${env:SHARE}"}}},
        {"version": 1, "sampling": {"decision_wait": "1m30s", "late_window": "0"}},
        {"version": 1, "pii": None},
    ],
)
def test_every_spelling_the_sidecar_takes_is_valid(data: Any) -> None:
    """Variables for numbers, short forms, sections without a body."""
    assert problems_of(data, json_schema("policy")) == []


@pytest.mark.parametrize("of", ["policy", "config"])
def test_it_is_printed_as_json_with_descriptions(of: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each top-level key says what it is for."""
    assert main(["schema", of]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all("description" in part for part in schema["properties"].values())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0"), (0.3, "300ms"), (2.0, "2s"), (90.0, "90s"), (600.0, "10m"), (7200.0, "2h"), (1.5, "1500ms")],
)
def test_default_durations_are_shown_with_their_unit(seconds: float, text: str) -> None:
    """As they are written in the file."""
    assert duration_text(seconds) == text
