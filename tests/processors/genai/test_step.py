from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.step import handoff, read_step
from tests.processors.sampling.build import attributes


def span(name: str = "x", **attrs: Any) -> Span:
    return Span(name=name, attributes=attributes({key.replace("__", "."): value for key, value in attrs.items()}))


@pytest.mark.parametrize(
    ("of", "operation", "name"),
    [
        (span(gen_ai__operation__name="execute_tool", gen_ai__tool__name="search"), "execute_tool", "search"),
        (span("execute_tool search", gen_ai__operation__name="execute_tool"), "execute_tool", "search"),
        (span(openinference__span__kind="TOOL", tool__name="search"), "execute_tool", "search"),
        (span(traceloop__span__kind="tool", traceloop__entity__name="search"), "execute_tool", "search"),
        (span(gen_ai__operation__name="invoke_agent", gen_ai__agent__name="planner"), "invoke_agent", "planner"),
        (span(openinference__span__kind="AGENT", agent__name="planner"), "invoke_agent", "planner"),
        (span("chat", gen_ai__operation__name="chat"), "chat", "chat"),
    ],
)
def test_steps_in_several_dialects(of: Span, operation: str, name: str) -> None:
    """What the span does, and the agent's or tool's name, from the attribute or else from the span's name."""
    step = read_step(of)
    assert step is not None
    assert (step.operation, step.name) == (operation, name)


@pytest.mark.parametrize("of", [span(), span("GET /", http__route="/"), span(gen_ai__operation__name="evaluate")])
def test_other_spans_are_no_steps(of: Span) -> None:
    """HTTP requests, functions, judges."""
    assert read_step(of) is None


def test_the_same_arguments_have_one_fingerprint() -> None:
    """However the JSON is spelled and in whatever dialect; different ones differ, none are None."""
    one = json.dumps({"q": "cats", "n": 2})
    other = json.dumps({"n": 2, "q": "cats"}, indent=1)
    tool = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "s"}
    found = [
        read_step(span(**tool, gen_ai__tool__call__arguments=one)),
        read_step(span(**tool, gen_ai__tool__call__arguments=other)),
        read_step(span(openinference__span__kind="TOOL", tool__name="s", input__value=other)),
        read_step(span(**tool, gen_ai__tool__call__arguments=one.replace("cats", "dogs"))),
        read_step(span(**tool)),
    ]
    fingerprints = [step.arguments for step in found if step is not None]
    assert fingerprints[0] is not None
    assert fingerprints[0] == fingerprints[1] == fingerprints[2] != fingerprints[3]
    assert fingerprints[4] is None


def test_errors_that_the_status_does_not_show() -> None:
    """A tool that answers with an error is a failed step."""
    failed = read_step(span(gen_ai__operation__name="execute_tool", error__type="tool_error"))
    assert failed is not None
    assert failed.error is not None
    of = span(gen_ai__operation__name="execute_tool")
    of.status.code = of.status.STATUS_CODE_ERROR
    by_status = read_step(of)
    assert by_status is not None
    assert by_status.error is not None


def test_a_schema_is_no_arguments() -> None:
    """OpenInference has the definition of the parameters beside what was passed in them."""
    schema = json.dumps({"type": "object", "properties": {"q": {"type": "string"}}})
    steps = [
        read_step(span(openinference__span__kind="TOOL", tool__parameters=schema, input__value=value))
        for value in ('{"q": "x"}', '{"q": "y"}', '{"q":"x"}')
    ]
    hashes = [step.arguments for step in steps if step is not None]
    assert hashes[0] == hashes[2] != hashes[1]
    only = read_step(span(openinference__span__kind="TOOL", tool__parameters=schema))
    assert only is not None
    assert only.arguments is None


def test_what_goes_in_is_told_from_what_stands_around_it() -> None:
    """OpenLLMetry writes LangChain's input with the ids of the run."""
    steps = [
        read_step(
            span(
                traceloop__span__kind="tool",
                traceloop__entity__input=json.dumps({"input_str": "{'q': 'x'}", "metadata": {"step": number}}),
            )
        )
        for number in range(2)
    ]
    assert steps[0] == steps[1]


def test_a_failure_that_only_the_result_tells() -> None:
    """The span's status is unset: the model was told, and went on."""
    step = read_step(span(gen_ai__operation__name="execute_tool", gen_ai__tool__call__result='{"isError": true}'))
    assert step is not None
    assert step.error is not None


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("transfer_to_critic", (True, "critic")),
        ("transfer_back_to_lead", (True, "lead")),
        ("handoff to writer", (True, "writer")),
        ("transfer_to_agent", (True, None)),
        ("handoff_to_agent", (True, None)),
        ("transfer_money", (False, None)),
        (None, (False, None)),
    ],
)
def test_handoffs(tool: str | None, expected: tuple[bool, str | None]) -> None:
    """By the name of the tool."""
    assert handoff(tool) == expected
