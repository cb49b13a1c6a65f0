from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from processors.sampling.section import BUILT_IN_POLICIES, SamplingSection
from tests.processors.sampling.build import policy, section


def test_built_in_policy() -> None:
    """Errors kept, scores below 0.5 kept, 10 % of the rest; waits as documented."""
    built_in = SamplingSection()
    assert [each.name for each in built_in.policies] == ["errors", "low-score", "routine"]
    assert (built_in.decision_wait, built_in.decision_wait_after_root_received, built_in.late_window) == (30, 2, 600)
    written = """
      - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
      - {name: low-score, type: score, score: {below: 0.5}}
      - {name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}
    """
    assert SamplingSection.model_validate({"policies": yaml.safe_load(written)}).policies == BUILT_IN_POLICIES


def test_collector_spelling() -> None:
    """The Collector's own example policies of the types we know are read unchanged."""
    written = """
      - {name: test-policy-1, type: always_sample}
      - {name: test-policy-2, type: latency, latency: {threshold_ms: 5000, upper_threshold_ms: 0}}
      - {name: test-policy-3, type: numeric_attribute, numeric_attribute: {key: key1, min_value: 50, max_value: 100}}
      - {name: test-policy-4, type: probabilistic, probabilistic: {hash_salt: custom-salt, sampling_percentage: 0.1}}
      - {name: test-policy-5, type: status_code, status_code: {status_codes: [ERROR, UNSET]}}
      - {name: test-policy-6, type: string_attribute, string_attribute: {key: key2, values: [value1, value2]}}
      - name: test-policy-7
        type: string_attribute
        string_attribute: {key: key2, values: ['value1*', '^v$'], enabled_regex_matching: true, cache_max_size: 10}
      - {name: test-policy-8, type: boolean_attribute, boolean_attribute: {key: key4, value: true, invert_match: true}}
    """
    assert len(SamplingSection.model_validate({"policies": yaml.safe_load(written)}).policies) == 8


def test_root_wait_of_zero_is_off() -> None:
    """As in the Collector: 0 means that a root does not shorten the wait."""
    assert section(decision_wait="20s", decision_wait_after_root_received="0s").decision_wait_after_root_received == 20


BODY: dict[str, Any] = {"key": "k"}


@pytest.mark.parametrize(
    ("written", "location", "message"),
    [
        ([policy("nope")], (0,), "'always_sample', 'boolean_attribute', 'b"),
        ([{"name": "a"}], (0,), "discriminator 'type'"),
        ([{"type": "always_sample"}], (0, "always_sample", "name"), "Field required"),
        ([policy("always_sample", "")], (0, "always_sample", "name"), "at least 1 character"),
        ([policy("always_sample", " ")], (0, "always_sample", "name"), "pattern"),
        ([policy("always_sample", "x"), policy("always_sample", "x")], (), "unique; used more than once: x"),
        ([], (), "at least one is needed"),
        ([policy("latency")], (0, "latency", "latency"), "Field required"),
        ([policy("latency", threshold_ms=-1)], (0, "latency", "latency", "threshold_ms"), "greater than or equal"),
        (
            [policy("latency", threshold_ms=5, upper_threshold_ms=5)],
            (0, "latency", "latency"),
            "greater than threshold",
        ),
        ([policy("status_code", status_codes=[])], (0, "status_code", "status_code", "status_codes"), "at least one"),
        (
            [policy("status_code", status_codes=["FAILED"])],
            (0, "status_code", "status_code", "status_codes", 0),
            "'OK', 'ERROR' or 'UNSET'",
        ),
        (
            [policy("numeric_attribute", key="k", min_value=2, max_value=1)],
            (0, "numeric_attribute", "numeric_attribute"),
            "min_value must not be greater",
        ),
        ([policy("numeric_attribute", key="k")], (0, "numeric_attribute", "numeric_attribute"), "one of min_value"),
        (
            [policy("string_attribute", key="", values=["v"])],
            (0, "string_attribute", "string_attribute", "key"),
            "at least 1 character",
        ),
        (
            [policy("string_attribute", **BODY, values=["ok", "("], enabled_regex_matching=True)],
            (0, "string_attribute", "string_attribute"),
            "values[1] is not a regular expression",
        ),
        (
            [policy("string_attribute", **BODY, values=["(?=a)"], enabled_regex_matching=True)],
            (0, "string_attribute", "string_attribute"),
            "values[0] is not a regular expression (RE2 syntax): invalid perl operator: (?=",
        ),
        (
            [policy("boolean_attribute", key="k", value="yes")],
            (0, "boolean_attribute", "boolean_attribute", "value"),
            "valid boolean",
        ),
        (
            [policy("probabilistic", sampling_percentage="lots")],
            (0, "probabilistic", "probabilistic", "sampling_percentage"),
            "valid number",
        ),
        (
            [policy("probabilistic", sampling_percentage=float("nan"))],
            (0, "probabilistic", "probabilistic", "sampling_percentage"),
            "finite number",
        ),
        ([policy("score", names=["x"])], (0, "score", "score"), "one of below, above and labels"),
        ([policy("score", below=0.7, above=0.3)], (0, "score", "score"), "below must not be greater"),
        ([policy("score", belwo=0.7, below=0.1)], (0, "score", "score", "belwo"), "Extra inputs"),
    ],
)
def test_mistakes(written: list[dict[str, Any]], location: tuple[str | int, ...], message: str) -> None:
    """Each mistake is one error, at its place, that says what is allowed."""
    with pytest.raises(ValidationError) as caught:
        SamplingSection.model_validate({"policies": written})
    (error,) = caught.value.errors()
    assert error["loc"] == ("policies", *location)
    assert message in error["msg"]


def test_body_of_another_type() -> None:
    """The body that is missing and the one that does not belong are both named."""
    with pytest.raises(ValidationError) as caught:
        SamplingSection.model_validate({"policies": [{"name": "a", "type": "latency", "status_code": {}}]})
    assert [(error["type"], error["loc"][-1]) for error in caught.value.errors()] == [
        ("missing", "latency"),
        ("extra_forbidden", "status_code"),
    ]


def test_the_collectors_other_keys_are_errors() -> None:
    """A key that would change nothing is not taken in silence."""
    with pytest.raises(ValidationError, match="expected_new_traces_per_sec"):
        section(expected_new_traces_per_sec=100)


def test_schema_can_be_written() -> None:
    """`genai-sidecar schema` needs JSON, defaults included."""
    assert "sampling_percentage" in json.dumps(SamplingSection.model_json_schema())


def test_same_section_same_bits() -> None:
    """Observer and Decider compile apart and must agree on every bit."""
    made = section(
        policy("string_attribute", "a", key="k", values=["v"]),
        policy("score", "b", below=1.0, attributes=["q.*"]),
        policy("boolean_attribute", "c", key="k", value=True),
    )
    assert [rule for _, rule in made.compile()[1]] == [rule for _, rule in made.compile()[1]]
