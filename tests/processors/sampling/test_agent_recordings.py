"""What real agent frameworks send when an agent goes round in circles, and when it only looks so."""

from __future__ import annotations

from functools import cache

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from processors.genai.matcher import MATCHER
from processors.genai.roles import CONTENT_ROLES, Role
from processors.otlp.signal import Signal
from processors.sampling.agent_steps import AgentSteps
from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from tests.corpus import recording as corpus_recording
from tests.corpus.agents.recording import RECORDINGS, read
from tests.corpus.agents.scripts import LOOPS
from tests.corpus.agents.table import RUNS
from tests.corpus.table import ROWS
from tests.processors.sampling.build import TRACE_ID, section

NAMES = [run.row for run in RUNS]
SECTION = section({"name": "loops", "type": "agent_loop"})
SAYS = {"same_call": "same_call", "failing": "failures_in_a_row", "ping_pong": "handoffs", "depth": "depth"}


@cache
def recorded(name: str) -> dict[str, list[ExportTraceServiceRequest]]:
    return read(name)


def facts_of(requests: list[ExportTraceServiceRequest]) -> TraceFacts:
    """As they come in, one after the other."""
    observer, facts = Observer(SECTION), TraceFacts()
    for request in requests:
        for more in observer.traces(request).facts.values():
            facts.merge(more)
    return facts


def verdict(facts: TraceFacts) -> tuple[bool, dict[str, object]]:
    (said,) = Decider(SECTION).verdicts(TRACE_ID, facts)
    return said.kept, said.saw


def test_every_run_is_recorded_and_small() -> None:
    """And nothing else is there."""
    sizes = {path.name.partition(".")[0]: path.stat().st_size for path in RECORDINGS.iterdir()}
    assert sizes.keys() == set(NAMES)
    assert max(sizes.values()) < 60 * 1024


@pytest.mark.parametrize("name", NAMES)
def test_loops_are_found_and_look_alikes_are_not(name: str) -> None:
    """With the defaults; also one span at a time, the last first. It says what kind of loop it saw."""
    wrong = {}
    for scenario, requests in recorded(name).items():
        facts, reversed_facts = facts_of(requests), facts_of(requests[::-1])
        kept, saw = verdict(facts)
        assert verdict(reversed_facts) == (kept, saw)
        defaults = SECTION.policies[0].agent_loop  # type: ignore[union-attr]  # it is this one
        limits = {"depth": defaults.max_depth + 1}
        limits |= {key: getattr(defaults, key) for key in ("same_call", "failures_in_a_row", "handoffs")}
        over = {key for key, value in saw.items() if isinstance(value, int) and value >= limits[key]}
        if over != ({SAYS[scenario]} if scenario in LOOPS else set()) or kept != bool(over):
            wrong[scenario] = saw
    assert wrong == {}


@pytest.mark.parametrize("name", ["openinference_openai_agents", "genai_langchain", "pydantic_ai_v5"])
def test_loops_show_in_what_models_ask_for_where_tools_have_no_spans(name: str) -> None:
    """The same calls and the handoffs; and of the look-alikes still none."""
    found = set()
    for scenario, requests in recorded(name).items():
        facts = facts_of(requests)
        assert facts.steps is not None
        models = {span: step for span, step in facts.steps.by_span.items() if step.operation != "execute_tool"}
        facts.steps = AgentSteps(models)
        if verdict(facts)[0]:
            found.add(scenario)
    assert found <= set(LOOPS)
    assert {"same_call", "ping_pong"} <= found


@pytest.mark.parametrize("name", NAMES)
def test_repeated_calls_show_in_the_spans_of_tools_alone(name: str) -> None:
    """Where models are called out of sight."""
    repeated = {}
    for scenario, requests in recorded(name).items():
        facts = facts_of(requests)
        assert facts.steps is not None
        steps = AgentSteps({span: step for span, step in facts.steps.by_span.items() if not step.asked})
        repeated[scenario] = steps.most_repeated_call()
    assert repeated.pop("same_call") >= 5
    assert max(repeated.values()) < 5


@pytest.mark.parametrize("name", NAMES)
def test_without_content_nothing_is_mistaken_for_a_loop(name: str) -> None:
    """Where content is not recorded, depth and handoffs still show, and calls without arguments are not compared."""
    for scenario, requests in recorded(name).items():
        bare = []
        for request in requests:
            copy = ExportTraceServiceRequest.FromString(request.SerializeToString())
            scope = copy.resource_spans[0].scope_spans[0]
            span = scope.spans[0]
            kept = [each for each in span.attributes if not _is_content(scope.scope.name, each)]
            del span.attributes[:]
            span.attributes.extend(kept)
            for event in span.events:
                if event.name != "exception":
                    del event.attributes[:]
            bare.append(copy)
        kept_as_loop, saw = verdict(facts_of(bare))
        assert saw["same_call"] == 0
        assert not kept_as_loop or scenario in LOOPS, scenario
        assert kept_as_loop or scenario not in ("depth", "ping_pong"), scenario


def _is_content(scope: str, attribute: KeyValue) -> bool:
    match = MATCHER.for_scope(scope).role(attribute.key)
    return match is not None and match.role in CONTENT_ROLES and match.role is not Role.TOOL_DEFS


def test_nothing_in_the_corpus_is_taken_for_a_loop() -> None:
    """Some hundred traces of short, healthy conversations, in every dialect."""
    kept = []
    for row in ROWS:
        traces = [request for signal, request in corpus_recording.read(row.name).requests if signal is Signal.TRACES]
        facts: dict[bytes, TraceFacts] = {}
        for request in traces:
            assert isinstance(request, ExportTraceServiceRequest)
            for trace_id, more in Observer(SECTION).traces(request).facts.items():
                facts.setdefault(trace_id, TraceFacts()).merge(more)
        kept += [row.name for of_trace in facts.values() if verdict(of_trace)[0]]
    assert kept == []
