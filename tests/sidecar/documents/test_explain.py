from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from processors.section import StrictModel
from processors.values import Duration, Secret
from sidecar.documents import DocumentErrors, parse, validate


class Bounds(StrictModel):
    below: float = Field(ge=0, le=1)


class ScoreRule(StrictModel):
    name: str
    type: Literal["score"]
    score: Bounds


class LatencyRule(StrictModel):
    name: str
    type: Literal["latency"]
    threshold_ms: int


class Masking(StrictModel):
    action: Literal["mask"]
    keep_last: Annotated[int, Field(ge=0)] = 0


class Model(StrictModel):
    rules: list[Annotated[ScoreRule | LatencyRule, Field(discriminator="type")]] = Field(default=[])
    actions: dict[str, Literal["keep", "remove"] | Masking] = Field(default={})
    wait: Duration = 1.0
    headers: dict[str, Secret] = Field(default={})
    token: Secret | None = None
    phrase: Secret | None = None
    share: float = Field(0.5, ge=0, le=1)
    limit: int = 1
    enabled: bool = True
    title: str = ""
    tags: list[str] = Field(default=[], max_length=2)

    @model_validator(mode="after")
    def _not_both(self) -> Model:
        if self.title == "a" and self.tags:
            raise ValueError("title a has no tags; allowed: another title")
        return self


class Strict(StrictModel):
    must: int
    nested: Bounds


ENVIRON = {"NUMBER": "12345", "WORD": "word"}


def messages(text: str, model: type[StrictModel] = Model) -> list[str]:
    try:
        validate(parse(text.encode(), "f.yaml", ENVIRON), model)
    except DocumentErrors as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("enabeld: true", "enabeld: unknown key; did you mean enabled? allowed: rules, actions, wait, headers, token"),
        ("zzz: secret-value", "zzz: unknown key; allowed: rules"),
        ("limit: many", "limit: wrong type (value 'many'); allowed: a whole number"),
        ("limit: 1.5", "limit: wrong type (value 1.5); allowed: a whole number"),
        ("limit:", "limit: no value is given; allowed: a whole number"),
        ("limit: [1]", "limit: a list is not allowed here; allowed: a whole number"),
        ("tags: {a: 1}", "tags: a mapping is not allowed here; allowed: a list"),
        ("tags: [a, 3]", "tags[1]: wrong type (value 3); allowed: text, here in quotes"),
        ("tags: [a, b, c]", "tags: out of range; allowed: a list, at most 2 items"),
        ("share: 1.5", "share: out of range (value 1.5); allowed: a number, at least 0 and at most 1"),
        ("enabled: maybe", "enabled: wrong type (value 'maybe'); allowed: true or false"),
        ("wait: 30", "wait: not a duration (value 30); allowed: a number with a unit, such as 300ms"),
        ("wait: soon", "wait: not a duration (value 'soon'); allowed: a number with a unit, such as 300ms"),
        (
            "rules: [{name: a, type: scor}]",
            "rules[0 \"a\"].type: unknown type (value 'scor'); did you mean score? allowed",
        ),
        ("rules: [{name: a}]", 'rules[0 "a"].type: required, but missing; allowed: score or latency'),
        (
            "rules: [{name: a, type: score, score: {below: 3}}]",
            'rules[0 "a"].score.below: out of range (value 3); allowed: a number, at least 0 and at most 1',
        ),
        ("rules: [{name: a, type: score, score: {}}]", 'rules[0 "a"].score.below: required, but missing'),
        ("rules: [{name: a, type: score}]", 'rules[0 "a"].score: required, but missing; allowed: a mapping'),
        ("rules: [{type: score, score: {below: 1}}]", "rules[0].name: required, but missing; allowed: text"),
        (
            "rules: [{name: a, type: latency, threshold_ms: 1, score: {}}]",
            'rules[0 "a"].score: unknown key; allowed: name, type, threshold_ms',
        ),
        (
            "actions: {URL: kepe}",
            "actions.URL: not one of the allowed values (value 'kepe'); did you mean keep? allowed:",
        ),
        ("actions: {URL: [keep]}", "actions.URL: a list is not allowed here; allowed: keep, remove or a mapping"),
        ("actions: {URL: {action: mask, keep_last: -1}}", "actions.URL.keep_last: out of range (value -1)"),
        ("actions: {URL: {action: mask, zzz: 1}}", "actions.URL.zzz: unknown key; allowed: action, keep_last"),
        ("title: a\ntags: [b]", "title a has no tags; allowed: another title"),
        ("- 1", "a list is not allowed here; allowed: a mapping"),
    ],
)
def test_each_mistake_is_said_in_one_line(text: str, message: str) -> None:
    """File, line, key, what is wrong with which value, and what is allowed instead."""
    found = messages(text)
    assert len(found) == 1
    assert found[0].startswith(f"f.yaml:1: {message}")


def test_five_mistakes_are_five_messages_with_their_lines() -> None:
    """Of the YAML and of the model, in the order of the file."""
    text = """\
rules:
  - {name: a, type: score, score: {below: 0.5}}
  - name: b
    type: score
    score:
      below: 7
limit: ${env:UNSET}
enabeld: false
wait: 10
enabled: true
enabled: false
"""
    assert [message.split(": ")[:2] for message in messages(text)] == [
        ["f.yaml:6", 'rules[1 "b"].score.below'],
        ["f.yaml:7", "limit"],
        ["f.yaml:8", "enabeld"],
        ["f.yaml:9", "wait"],
        ["f.yaml:11", "enabled"],
    ]


def test_missing_keys_are_reported_at_their_parent() -> None:
    """The root's are in line 1, also for an empty file."""
    assert [m.split("; ")[0] for m in messages("nested:\n  x: 1\n", Strict)] == [
        "f.yaml:1: must: required, but missing",
        "f.yaml:1: nested.below: required, but missing",
        "f.yaml:2: nested.x: unknown key",
    ]
    assert [m.split("; ")[0] for m in messages("", Strict)] == [
        "f.yaml:1: must: required, but missing",
        "f.yaml:1: nested: required, but missing",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "headers: {authorization: [s3cr3t]}",
        "headers: s3cr3t",
        "headers: {x: {y: s3cr3t}}",
        "token: [s3cr3t]",
        "tokne: s3cr3t",
        "phrase: 53337",
        "limit: https://user:s3cr3t@host/",
        "limit: ${env:SECRET}",
        "wait: 'x${env:SECRET}'",
        "rules: [{name: a, type: '${env:SECRET}'}]",
        "actions: {URL: '${env:SECRET}'}",
    ],
)
def test_a_secret_is_never_shown(text: str) -> None:
    """Neither under a secret's key, nor under a mistyped one, nor from a variable that went to the wrong key."""
    with pytest.raises(DocumentErrors) as caught:
        validate(parse(text.encode(), "f.yaml", {"SECRET": "s3cr3t"}), Model)
    assert caught.value.messages
    for secret in ("s3cr3t", "53337"):
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value)


def test_the_cause_of_the_errors_holds_no_input() -> None:
    """A traceback that prints the chain shows nothing of the file either."""
    with pytest.raises(DocumentErrors) as caught:
        validate(parse(b"limit: sensitive", "f.yaml", {}), Model)
    assert caught.value.__suppress_context__


def test_a_variable_fits_the_type_that_is_wanted() -> None:
    """A token made of digits stays text, and a number becomes one."""
    text = "title: ${env:NUMBER}\nlimit: ${env:NUMBER}\nheaders:\n  a: ${env:NUMBER}\n"
    found = validate(parse(text.encode(), "f.yaml", ENVIRON), Model)
    assert (found.title, found.limit, found.headers["a"].reveal()) == ("12345", 12345, "12345")


def test_a_variable_with_leading_zeros_reaches_text_unchanged() -> None:
    """What was in the variable is passed on, not the number it was taken for at first."""
    found = validate(parse(b"title: ${env:N}", "f.yaml", {"N": "00120"}), Model)
    assert found.title == "00120"


def test_a_wrong_value_from_a_variable_is_shown_as_written() -> None:
    """`${env:WORD}` tells where it came from, without telling what it is."""
    assert messages("limit: ${env:WORD}") == [
        "f.yaml:1: limit: wrong type (value '${env:WORD}'); allowed: a whole number",
    ]


def test_an_unset_variable_is_one_mistake_not_two() -> None:
    """That the empty value does not fit either is no news."""
    found = messages("limit: ${env:UNSET}\nshare: ${env:UNSET}")
    assert [message.split("; ")[0] for message in found] == [
        "f.yaml:1: limit: environment variable UNSET is not set",
        "f.yaml:2: share: environment variable UNSET is not set",
    ]


def test_long_values_are_cut() -> None:
    """A whole file pasted into one value does not flood the terminal."""
    (message,) = messages(f"limit: {'x' * 500}")
    assert len(message) < 200
