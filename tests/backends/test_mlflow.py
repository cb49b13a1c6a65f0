"""MLflow, over OTLP/HTTP: what its REST interface tells of traces that went through the sidecar."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from processors.genai.anyvalue import plain
from tests.backends.environment import program
from tests.backends.leaks import find
from tests.backends.road import INPUT_USD, OUTPUT_USD, Journey, family, send_through_the_sidecar
from tests.backends.server import Server, needs_backends
from tests.backends.traces import CANARY, EVERYTHING_PLANTED, past_the_sidecar

pytestmark = [needs_backends, pytest.mark.timeout(300)]

EXPERIMENT = "0"
"""The one that a new MLflow has."""
OWN_INPUT_USD = 3.0
OWN_OUTPUT_USD = 5.0
"""In the price list that this MLflow is given, for a million tokens of gpt-4o-mini."""


class MLflow(Server):
    """It would download its price list, so it has one of its own."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "/health")
        self._prices = directory / "prices"
        self._prices.mkdir()
        pricing = {"input_per_million_tokens": OWN_INPUT_USD, "output_per_million_tokens": OWN_OUTPUT_USD}
        catalog = {"schema_version": "1.0", "models": {"gpt-4o-mini": {"mode": "chat", "pricing": pricing}}}
        (self._prices / "openai.json").write_text(json.dumps(catalog))

    def command(self) -> Sequence[str]:
        return [
            *(program("mlflow"), "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"),
            *("--backend-store-uri", f"sqlite:///{self.directory / 'mlflow.db'}"),
            *("--default-artifact-root", str(self.directory / "artifacts")),
        ]

    def settings(self) -> Mapping[str, str]:
        return {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_MODEL_CATALOG_URI": self._prices.as_uri(),
        }

    def infos(self) -> dict[str, dict[str, Any]]:
        """By trace id in hex."""
        location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": EXPERIMENT}}
        answer = httpx2.post(
            f"{self.url}/api/3.0/mlflow/traces/search",
            json={"locations": [location], "max_results": 500},
            trust_env=False,
            timeout=30,
        )
        traces = answer.raise_for_status().json().get("traces", [])
        return {trace["trace_id"].removeprefix("tr-"): trace for trace in traces}

    def spans(self, trace_id: str) -> list[Span]:
        answer = httpx2.get(
            f"{self.url}/api/3.0/mlflow/traces/get",
            params={"trace_id": f"tr-{trace_id}"},
            trust_env=False,
            timeout=30,
        )
        return [ParseDict(span, Span()) for span in answer.raise_for_status().json()["trace"]["spans"]]


def attributes(span: Span) -> dict[str, Any]:
    return {item.key: plain(item.value) for item in span.attributes}


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MLflow]:
    with MLflow(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture(scope="module")
def journey(mlflow: MLflow, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    settings = f"endpoint: '{mlflow.url}', headers: {{x-mlflow-experiment-id: '{EXPERIMENT}'}}, signals: [traces]"
    exporter = f"  otlphttp/mlflow: {{{settings}}}"
    return send_through_the_sidecar(tmp_path_factory.mktemp("sidecar"), exporter)


@pytest.fixture(scope="module")
def infos(mlflow: MLflow, journey: Journey) -> dict[str, dict[str, Any]]:
    sent = {span.trace_id.hex() for span in journey.sent}
    return {trace_id: info for trace_id, info in mlflow.infos().items() if trace_id in sent}


@pytest.fixture(scope="module")
def stored(mlflow: MLflow, infos: Mapping[str, dict[str, Any]]) -> list[Span]:
    return [span for trace_id in infos for span in mlflow.spans(trace_id)]


@pytest.fixture(scope="module")
def past(mlflow: MLflow) -> str:
    """A trace that was sent past the sidecar; twice, as it happens when an answer is lost."""
    request = past_the_sidecar(random.Random(5))
    for _ in range(2):
        httpx2.post(
            f"{mlflow.url}/v1/traces",
            content=request.SerializeToString(),
            headers={"content-type": "application/x-protobuf", "x-mlflow-experiment-id": EXPERIMENT},
            trust_env=False,
            timeout=30,
        ).raise_for_status()
    return request.resource_spans[0].scope_spans[0].spans[0].trace_id.hex()


def test_every_span_is_there_under_its_parent(journey: Journey, stored: list[Span]) -> None:
    """As the app sent it: traces, names, parents, counts."""
    assert len(stored) == len(journey.sent)
    assert family(stored) == family(journey.sent)


def test_failures_are_marked(journey: Journey, infos: Mapping[str, dict[str, Any]], stored: list[Span]) -> None:
    """On the spans that failed; a trace is in error where its root is."""
    failed = {span.span_id: span for span in journey.sent if span.status.code == Status.STATUS_CODE_ERROR}
    assert len(failed) == 2
    found = {span.span_id: span for span in stored if span.status.code == Status.STATUS_CODE_ERROR}
    assert found.keys() == failed.keys()
    for span in found.values():
        assert "<EMAIL_ADDRESS>" in span.status.message
        assert any("<EMAIL_ADDRESS>" in str(plain(item.value)) for item in span.events[0].attributes)
    roots = {span.trace_id.hex() for span in failed.values() if not span.parent_span_id}
    assert {trace_id for trace_id, info in infos.items() if info["state"] == "ERROR"} == roots


def test_models_tokens_and_kinds_are_understood(journey: Journey, stored: list[Span]) -> None:
    """In all three dialects."""
    found = {span.span_id: attributes(span) for span in stored}
    calls = 0
    for span in journey.sent:
        had = attributes(span)
        model = had.get("gen_ai.response.model") or had.get("llm.model_name")
        if model is None:
            continue
        calls += 1
        got = found[span.span_id]
        assert got["mlflow.llm.model"] == model
        usage = got["mlflow.chat.tokenUsage"]
        assert usage["input_tokens"] == had.get("gen_ai.usage.input_tokens", had.get("llm.token_count.prompt"))
        assert usage["output_tokens"] == had.get("gen_ai.usage.output_tokens", had.get("llm.token_count.completion"))
    assert calls == 7
    kinds = {span.name: found[span.span_id].get("mlflow.spanType") for span in stored}
    assert kinds["invoke_agent support"] == "AGENT"
    assert kinds["execute_tool find_order"] == "TOOL"
    assert kinds["retrieve"] == "RETRIEVER"
    assert kinds["chat gpt-4o"] == "CHAT_MODEL"


def test_a_trace_has_the_tokens_of_its_calls(journey: Journey, infos: Mapping[str, dict[str, Any]]) -> None:
    """Each once, though the agent's span stands above them."""
    agent = next(span.trace_id.hex() for span in journey.sent if span.name == "invoke_agent support")
    usage = json.loads(infos[agent]["trace_metadata"]["mlflow.trace.tokenUsage"])
    assert (usage["input_tokens"], usage["output_tokens"]) == (930, 62)
    assert infos[agent]["trace_metadata"]["mlflow.trace.session"] == "conversation-1"


def test_costs_are_those_of_the_sidecar(
    journey: Journey, infos: Mapping[str, dict[str, Any]], stored: list[Span]
) -> None:
    """With the profile `mlflow`, for each call and summed up for the trace: MLflow's own list is not asked."""
    by_trace: dict[str, float] = defaultdict(float)
    for span in stored:
        got = attributes(span)
        cost = got.get("mlflow.llm.cost")
        if cost is None:
            assert "gen_ai.usage.cost" not in got
            continue
        assert cost["total_cost"] == got["gen_ai.usage.cost"]
        assert cost["total_cost"] == pytest.approx(cost["input_cost"] + cost["output_cost"])
        usage = got["mlflow.chat.tokenUsage"]
        if str(got["mlflow.llm.model"]).startswith("gpt-4o-mini"):
            assert cost["input_cost"] == pytest.approx(usage["input_tokens"] * INPUT_USD / 1e6)
            assert cost["output_cost"] == pytest.approx(usage["output_tokens"] * OUTPUT_USD / 1e6)
        by_trace[span.trace_id.hex()] += cost["total_cost"]
    assert len(by_trace) == 6
    shown = {
        trace_id: json.loads(info["trace_metadata"]["mlflow.trace.cost"])["total_cost"]
        for trace_id, info in infos.items()
        if "mlflow.trace.cost" in info.get("trace_metadata", {})
    }
    assert shown == pytest.approx(by_trace)


def test_scores_stay_on_their_spans(stored: list[Span]) -> None:
    """As attributes and as events; assessments, which it shows as such, come over its own interface only."""
    (chain,) = [attributes(span) for span in stored if span.name == "answer"]
    assert chain["annotations.0.annotation.score"] == 0.25
    assert "<EMAIL_ADDRESS>" in chain["annotations.0.annotation.explanation"]
    scores = [
        plain(item.value)
        for span in stored
        for event in span.events
        for item in event.attributes
        if item.key == "gen_ai.evaluation.score.value"
    ]
    assert scores == [0.2]


def test_what_the_sidecar_adds_is_there(infos: Mapping[str, dict[str, Any]], stored: list[Span]) -> None:
    """Its own attributes on the spans, and placeholders in the previews, which MLflow takes from the content."""
    found = [attributes(span) for span in stored]
    assert {got["genai_sidecar.sampling.policy"] for got in found} == {"errors", "low-score", "rest"}
    calls = [got for got in found if "mlflow.llm.model" in got]
    assert all(got["genai_sidecar.cost.source"] for got in calls)
    assert all("genai_sidecar.prompt.hash" in got for got in calls)
    previews = [info["request_preview"] for info in infos.values() if info.get("request_preview")]
    assert any("<EMAIL_ADDRESS>" in preview for preview in previews)


def test_without_the_profile_the_price_is_its_own(mlflow: MLflow, past: str) -> None:
    """`gen_ai.usage.cost` is nothing to it."""
    cost = json.loads(mlflow.infos()[past]["trace_metadata"]["mlflow.trace.cost"])
    assert cost["total_cost"] == pytest.approx(OWN_INPUT_USD + OWN_OUTPUT_USD)


def test_what_arrives_twice_is_there_once(mlflow: MLflow, past: str) -> None:
    """The sidecar repeats what was not acknowledged. Tokens are not doubled."""
    assert len(mlflow.spans(past)) == 1
    usage = json.loads(mlflow.infos()[past]["trace_metadata"]["mlflow.trace.tokenUsage"])
    assert (usage["input_tokens"], usage["output_tokens"]) == (1_000_000, 1_000_000)


def test_nothing_planted_is_in_its_files(mlflow: MLflow, stored: list[Span], past: str) -> None:
    """Database, artifacts and log; the same search finds what was sent past the sidecar."""
    assert find(mlflow.directory, [*EVERYTHING_PLANTED, CANARY]) == {CANARY}


def test_nothing_tried_to_leave(mlflow: MLflow, stored: list[Span]) -> None:
    """No connection went to the proxy that it was given."""
    assert mlflow.trap.caught == 0
