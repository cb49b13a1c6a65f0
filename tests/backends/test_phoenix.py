"""Arize Phoenix, over OTLP/gRPC: what its REST and GraphQL interfaces tell of traces that went through the sidecar."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
import httpx2
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.backends.environment import program
from tests.backends.leaks import find
from tests.backends.road import INPUT_USD, OUTPUT_USD, TRACE_EXPORT, Journey, family, send_through_the_sidecar
from tests.backends.server import Server, needs_backends
from tests.backends.traces import CANARY, EVERYTHING_PLANTED, PROJECT, past_the_sidecar
from tests.support.backend import attributes, wait_until
from tests.support.ports import free_ports

pytestmark = [needs_backends, pytest.mark.timeout(300)]


class Phoenix(Server):
    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "/readyz")
        (self.grpc_port,) = free_ports(1)

    def command(self) -> Sequence[str]:
        return [program("phoenix"), "serve"]

    def settings(self) -> Mapping[str, str]:
        return {
            "PHOENIX_WORKING_DIR": str(self.directory),
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(self.port),
            "PHOENIX_GRPC_PORT": str(self.grpc_port),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
            "PHOENIX_DISABLE_AGENT_ASSISTANT": "true",
            "PHOENIX_ENABLE_MCP_SERVER": "false",
        }

    def spans(self, project: str = PROJECT) -> list[dict[str, Any]]:
        answer = httpx2.get(f"{self.url}/v1/projects/{project}/spans", params={"limit": 1000}, trust_env=False)
        return [] if answer.status_code == 404 else list(answer.raise_for_status().json()["data"])

    def cost(self, span_id: str) -> dict[str, Any] | None:
        query = """query ($id: String!) { getSpanByOtelId(spanId: $id) { costSummary {
            prompt { tokens cost } completion { tokens cost } total { tokens cost } } } }"""
        answer = httpx2.post(
            f"{self.url}/graphql", json={"query": query, "variables": {"id": span_id}}, trust_env=False
        )
        body = answer.raise_for_status().json()
        assert "errors" not in body, body
        summary: dict[str, Any] | None = body["data"]["getSpanByOtelId"]["costSummary"]
        return summary


@pytest.fixture(scope="module")
def phoenix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phoenix]:
    with Phoenix(tmp_path_factory.mktemp("phoenix")) as server:
        yield server


@pytest.fixture(scope="module")
def journey(phoenix: Phoenix, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    exporter = (
        f"  otlp/phoenix: {{endpoint: 127.0.0.1:{phoenix.grpc_port}, tls: {{insecure: true}}, signals: [traces]}}"
    )
    journey = send_through_the_sidecar(tmp_path_factory.mktemp("sidecar"), exporter)
    wait_until("Phoenix has stored them", lambda: len(phoenix.spans()) >= len(journey.left))
    return journey


@pytest.fixture(scope="module")
def stored(phoenix: Phoenix, journey: Journey) -> dict[str, dict[str, Any]]:
    return {span["context"]["span_id"]: span for span in phoenix.spans()}


@pytest.fixture(scope="module")
def past(phoenix: Phoenix) -> str:
    """A trace that was sent past the sidecar; twice, as it happens when an answer is lost."""
    request = past_the_sidecar(random.Random(5))
    with grpc.insecure_channel(f"127.0.0.1:{phoenix.grpc_port}") as channel:
        export = channel.unary_unary(TRACE_EXPORT, request_serializer=None, response_deserializer=None)
        for _ in range(2):
            export(request.SerializeToString(), timeout=10)
            wait_until("Phoenix has stored it", lambda: len(phoenix.spans("default")) > 0)
    return request.resource_spans[0].scope_spans[0].spans[0].trace_id.hex()


def test_every_span_is_there_under_its_parent(journey: Journey, stored: Mapping[str, dict[str, Any]]) -> None:
    """As the app sent it: traces, names, parents, counts."""
    assert len(stored) == len(journey.sent)
    assert family(journey.sent) == {
        (span["context"]["trace_id"], span_id, span["parent_id"] or "", span["name"])
        for span_id, span in stored.items()
    }


def test_failures_are_marked(journey: Journey, stored: Mapping[str, dict[str, Any]]) -> None:
    """With the exception beside them, scrubbed."""
    failed = {span.span_id.hex() for span in journey.sent if span.status.code == Status.STATUS_CODE_ERROR}
    assert len(failed) == 2
    assert {span_id for span_id, span in stored.items() if span["status_code"] == "ERROR"} == failed
    for span_id in failed:
        assert "<EMAIL_ADDRESS>" in stored[span_id]["status_message"]
        (event,) = stored[span_id]["events"]
        assert event["name"] == "exception"
        assert "<EMAIL_ADDRESS>" in event["attributes"]["exception.message"]


def test_models_tokens_and_kinds_are_understood(journey: Journey, stored: Mapping[str, dict[str, Any]]) -> None:
    """In OpenTelemetry's dialect and its own alike; OpenLLMetry's keys are read where OpenTelemetry shares them."""
    for span in journey.sent:
        had, found = attributes(span), stored[span.span_id.hex()]["attributes"]
        model = had.get("gen_ai.request.model") or had.get("llm.model_name")
        if model is None:
            continue
        assert stored[span.span_id.hex()]["span_kind"] == "LLM"
        assert found["llm.model_name"] == model
        tokens = (
            had.get("gen_ai.usage.input_tokens", had.get("llm.token_count.prompt")),
            had.get("gen_ai.usage.output_tokens", had.get("llm.token_count.completion")),
        )
        assert (found["llm.token_count.prompt"], found["llm.token_count.completion"]) == tokens
    kinds = {span["name"]: span["span_kind"] for span in stored.values()}
    assert kinds["invoke_agent support"] == "AGENT"
    assert kinds["execute_tool find_order"] == "TOOL"
    assert kinds["retrieve"] == "RETRIEVER"


def test_conversations_are_shown_scrubbed(stored: Mapping[str, dict[str, Any]]) -> None:
    """Messages are taken apart by Phoenix after the sidecar put placeholders into them."""
    calls = [span for span in stored.values() if span["span_kind"] == "LLM" and span["name"] != "openai.chat"]
    assert len(calls) == 6
    for span in calls:
        messages = [str(value) for key, value in span["attributes"].items() if key.startswith("llm.input_messages.")]
        assert any("<EMAIL_ADDRESS>" in message for message in messages), span["name"]


def test_what_the_sidecar_adds_is_there(stored: Mapping[str, dict[str, Any]]) -> None:
    """Its own attributes, and the costs of the profile `openinference`."""
    policies = {span["attributes"]["genai_sidecar.sampling.policy"] for span in stored.values()}
    assert policies == {"errors", "low-score", "rest"}
    calls = [span for span in stored.values() if span["span_kind"] == "LLM"]
    for span in calls:
        found = span["attributes"]
        assert "genai_sidecar.prompt.hash" in found
        assert found["genai_sidecar.pii.email_address"] >= 1
        assert found["llm.cost.total"] == found["gen_ai.usage.cost"]
        assert found["llm.cost.total"] == pytest.approx(found["llm.cost.prompt"] + found["llm.cost.completion"])
        if found["llm.model_name"] == "gpt-4o-mini":
            tokens = found["llm.token_count.prompt"], found["llm.token_count.completion"]
            assert found["llm.cost.total"] == pytest.approx((tokens[0] * INPUT_USD + tokens[1] * OUTPUT_USD) / 1e6)


def test_phoenix_shows_its_own_price(phoenix: Phoenix, stored: Mapping[str, dict[str, Any]]) -> None:
    """It reads no cost from spans: its figures are its own price list times the tokens. docs/backends.md says so."""
    calls = {span_id: span for span_id, span in stored.items() if span["span_kind"] == "LLM"}
    for span_id, span in calls.items():
        found = span["attributes"]
        tokens = found["llm.token_count.prompt"], found["llm.token_count.completion"]
        summary = phoenix.cost(span_id)
        assert summary is not None
        assert (summary["prompt"]["tokens"], summary["completion"]["tokens"]) == tokens
        if found["llm.model_name"] == "gpt-4o-mini":
            assert summary["total"]["cost"] == pytest.approx((tokens[0] * 0.15 + tokens[1] * 0.60) / 1e6)
            assert summary["total"]["cost"] != pytest.approx(found["llm.cost.total"])
        else:
            assert summary["total"]["cost"] == pytest.approx(found["llm.cost.total"]), "the lists agree on gpt-4o"


def test_scores_stay_on_their_spans(stored: Mapping[str, dict[str, Any]]) -> None:
    """As attributes and as events; annotations, which it shows as such, come over its own interface only."""
    (chain,) = [span for span in stored.values() if span["name"] == "answer"]
    assert chain["attributes"]["annotations.0.annotation.score"] == 0.25
    assert "<EMAIL_ADDRESS>" in chain["attributes"]["annotations.0.annotation.explanation"]
    scored = [event for span in stored.values() for event in span["events"] if "evaluation" in event["name"]]
    assert [event["attributes"]["gen_ai.evaluation.score.value"] for event in scored] == [0.2]


def test_what_arrives_twice_is_there_once(phoenix: Phoenix, past: str) -> None:
    """The sidecar repeats what was not acknowledged."""
    (span,) = [span for span in phoenix.spans("default") if span["context"]["trace_id"] == past]
    summary = phoenix.cost(span["context"]["span_id"])
    assert summary is not None
    assert summary["total"]["tokens"] == 2_000_000


def test_nothing_planted_is_in_its_files(phoenix: Phoenix, stored: Mapping[str, dict[str, Any]], past: str) -> None:
    """Database and log; the same search finds what was sent past the sidecar."""
    assert find(phoenix.directory, [*EVERYTHING_PLANTED, CANARY]) == {CANARY}


def test_nothing_tried_to_leave(phoenix: Phoenix, stored: Mapping[str, dict[str, Any]]) -> None:
    """No connection went to the proxy that it was given."""
    assert phoenix.trap.caught == 0
