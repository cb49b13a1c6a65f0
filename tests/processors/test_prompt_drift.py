from __future__ import annotations

import json
from typing import Any

import pytest

from processors.processor import SystemPrompt
from processors.prompt_drift import LEARNING_S, MAX_FORMS, MAX_SERVICES, PromptDrift

NOW = 1.8e9
LATER = NOW + LEARNING_S


def prompt(form: str, service: str = "chat") -> SystemPrompt:
    return SystemPrompt(service, form, f"hash of {form}")


def learned(*services: str, max_per_hour: int = 9) -> PromptDrift:
    """Each knows the form `old`, and is past its first minutes at `LATER`."""
    drift = PromptDrift(max_per_hour)
    found = drift.observe([prompt("old", service) for service in services or ("chat",)], NOW)
    assert not found.new
    return drift


def test_a_form_that_a_service_never_had_is_new_once() -> None:
    """From its first ten minutes on; what another service sends says nothing of this one."""
    drift = learned("chat", "mail")
    assert drift.observe([prompt("early")], LATER - 1).new == []
    assert drift.observe([prompt("new"), prompt("old"), prompt("early")], LATER).new == [prompt("new")]
    assert drift.observe([prompt("new")], LATER + 1).new == []
    assert drift.observe([prompt("new", "mail")], LATER + 1).new == [prompt("new", "mail")]


def test_a_service_seen_for_the_first_time_is_learned_first() -> None:
    """However long this process runs already."""
    drift = learned()
    assert drift.observe([prompt("any", "fresh")], LATER + 9).new == []
    assert drift.observe([prompt("other", "fresh")], LATER + 9 + LEARNING_S).new == [prompt("other", "fresh")]


def test_at_most_so_many_an_hour() -> None:
    """What is withheld is known from then on; an hour later there is room again, and when the clock went back, too."""
    drift = learned(max_per_hour=2)
    found = drift.observe([prompt(form) for form in "abcd"], LATER)
    assert (len(found.new), found.withheld) == (2, 2)
    assert drift.observe([prompt("d")], LATER + 3600).new == []
    assert len(drift.observe([prompt("e")], LATER + 3600).new) == 1
    assert len(drift.observe([prompt("f")], LATER + 60).new) == 1


def test_a_service_that_composes_its_prompts_is_left_alone() -> None:
    """Every call brings another one: nothing is new there, and memory stays bounded."""
    drift = learned(max_per_hour=10**6)
    forms = [prompt(str(number)) for number in range(MAX_FORMS + 50)]
    assert len(drift.observe(forms, LATER).new) == MAX_FORMS - 1
    assert drift.observe([prompt("another")], LATER).new == []
    assert len(drift.state()["chat"]["forms"]) == MAX_FORMS


def test_services_are_bounded() -> None:
    """The one that was silent for longest is forgotten."""
    drift = learned("quiet", "chat")
    drift.observe([prompt("old")], NOW + 1)
    drift.observe([prompt("x", f"service {number:03}") for number in range(MAX_SERVICES - 1)], NOW + 2)
    assert len(drift.state()) == MAX_SERVICES
    assert "quiet" not in drift.state()
    assert "chat" in drift.state()


def test_what_is_known_outlives_the_process() -> None:
    """As JSON: no learning anew, and nothing is told twice."""
    state = json.loads(json.dumps(learned().state()))
    drift = PromptDrift(9, state)
    assert drift.observe([prompt("old"), prompt("new")], LATER).new == [prompt("new")]


@pytest.mark.parametrize(
    "entry", [None, 3, [], {"since": "x", "forms": []}, {"since": 1.0}, {"since": 1, "forms": "x"}]
)
def test_a_state_that_is_wrong_is_left_out(entry: Any) -> None:
    """Entry by entry."""
    state = {"bad": entry, **learned().state(), "odd": {"since": 1, "forms": [None, "a"]}}
    drift = PromptDrift(9, state)
    assert set(drift.state()) == {"chat", "odd"}
    assert drift.state()["odd"]["forms"] == ["a"]
