from __future__ import annotations

import json
import pickle

import pytest
from pydantic import BaseModel, TypeAdapter

from processors.values import Secret, glob_regex, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("300ms", 0.3), ("30s", 30.0), ("10m", 600.0), ("1h30m", 5400.0), ("0", 0.0), (0, 0.0), ("1.5s", 1.5)],
)
def test_a_duration_with_its_unit_becomes_seconds(text: object, seconds: float) -> None:
    """Go's spelling, as in the Collector."""
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", [30, "30", "ten seconds", "", "-5s", "5 s", None, "5d"])
def test_anything_else_is_no_duration(text: object) -> None:
    """A number without a unit is the classic mistake."""
    with pytest.raises(ValueError, match="allowed"):
        parse_duration(text)


def test_a_secret_never_shows_its_value() -> None:
    """Whatever formats it, and it cannot be pickled at all."""
    secret = Secret("hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", str([secret]), f"{secret:>20}"]
    assert all("hunter2" not in text for text in shown)
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_model_reads_a_secret_and_does_not_write_it() -> None:
    """Dumping a configuration, as a log line or as JSON, shows no secret."""

    class Model(BaseModel):
        token: Secret

    model = Model.model_validate({"token": "hunter2"})
    assert model.token.reveal() == "hunter2"
    assert json.loads(model.model_dump_json()) == {"token": "[REDACTED]"}
    assert "hunter2" not in repr(model)
    assert TypeAdapter(Secret).json_schema()["writeOnly"]


@pytest.mark.parametrize(
    ("patterns", "text", "matches"),
    [
        (("app.*",), "app.note", True),
        (("app.*",), "xapp.note", False),
        (("a?", "b"), "ab", True),
        (("a?", "b"), "b", True),
        (("[ab]",), "c", False),
    ],
)
def test_globs_match_whole_names(patterns: tuple[str, ...], text: str, matches: bool) -> None:  # noqa: FBT001  # a table
    """Several globs become one pattern."""
    pattern = glob_regex(patterns)
    assert pattern is not None
    assert bool(pattern.match(text)) is matches


def test_no_globs_give_no_pattern() -> None:
    """So that callers can skip the look-up."""
    assert glob_regex(()) is None
