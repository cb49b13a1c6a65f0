from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.attribution import Attribution, AttributionSection
from processors.genai import anyvalue
from processors.genai.matcher import MATCHER
from processors.otlp.signal import Signal
from processors.pii.drop import ContentDropper
from processors.policy import Policy
from processors.processor import Report, Stamp
from processors.transform import transform
from processors.values import Secret
from tests.processors.genai.spans import any_value, put, span_of

KEY = Secret("k7:" + "s" * 32)
CALL: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}


def token(user: str) -> str:
    """What the id becomes, by the road of a plain attribute."""
    found: str = pseudonymised({"user.id": user})["user.id"]
    return found


def request_of(
    attributes: dict[str, Any], resource: dict[str, Any] | None = None, scope: str = ""
) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    put(group.resource.attributes, resource or {})
    scoped = group.scope_spans.add()
    scoped.scope.name = scope
    scoped.spans.add().CopyFrom(span_of(attributes, ("e", attributes)))
    put(scoped.spans[0].links.add().attributes, attributes)
    return request


def processor(**fields: Any) -> Attribution:
    return Attribution(AttributionSection.model_validate(fields), KEY)


def plain(attributes: Any) -> dict[str, Any]:
    return {item.key: anyvalue.plain(item.value) for item in attributes}


def pseudonymised(attributes: dict[str, Any], scope: str = "") -> dict[str, Any]:
    request = request_of(attributes, attributes, scope)
    processor(user="pseudonymize").traces(request, {}, Report())
    span = request.resource_spans[0].scope_spans[0].spans[0]
    assert plain(span.attributes) == plain(span.events[0].attributes) == plain(span.links[0].attributes)
    return plain(span.attributes)


def missing(
    require: tuple[str, ...], attributes: dict[str, Any], resource: dict[str, Any] | None = None, scope: str = ""
) -> dict[str, int]:
    report = Report()
    request = request_of(attributes, resource, scope)
    before = request.SerializeToString()
    processor(require=require).traces(request, {}, report)
    assert request.SerializeToString() == before, "nothing is rewritten"
    return dict(report.untagged)


ALL = ("user", "feature", "tenant", "environment")
TAGGED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "plain": ({"user.id": "u", "feature": "f", "tenant.id": "t"}, {"deployment.environment.name": "prod"}, ""),
    "OpenLLMetry": (
        {"traceloop.association.properties.user_id": "u", "traceloop.workflow.name": "w",
         "traceloop.association.properties.organization_id": "t", "deployment.environment": "prod"}, {},
        "opentelemetry.instrumentation.openai.v1",
    ),
    "Vercel": (
        {"ai.telemetry.metadata.userId": "u", "ai.telemetry.functionId": "f", "ai.telemetry.metadata.tenantId": "t",
         "ai.telemetry.metadata.env": "prod"}, {}, "ai",
    ),
    "Langfuse": (
        {"langfuse.user.id": "u", "langfuse.trace.tags": ["f"], "langfuse.environment": "prod",
         "langfuse.trace.metadata.customer_id": "t"}, {}, "langfuse-sdk",
    ),
    "LiteLLM": ({"llm.user": "u", "gen_ai.agent.name": "a", "litellm.team.id": "t"}, {"deployment.environment": "x"}, "litellm"),
    "on the resource": ({}, {"enduser.id": "u", "app.feature": "f", "team.id": "t", "gen_ai.environment": "e"}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("attributes", "resource", "scope"), TAGGED.values(), ids=TAGGED.keys())
def test_what_is_there_is_found(attributes: dict[str, Any], resource: dict[str, Any], scope: str) -> None:
    """Under the names of many dialects, on the span or its resource."""
    assert missing(ALL, CALL | attributes, resource, scope) == {}


def test_what_is_missing_is_counted() -> None:
    """Only what is required, and once a model call."""
    assert missing(ALL, CALL) == dict.fromkeys(ALL, 1)
    assert missing(("tenant",), CALL | {"user.id": "u"}) == {"tenant": 1}
    assert missing(("tenant",), CALL | {"openinference.project.name": "p"}) == {"tenant": 1}, "a project is no tenant"
    assert missing(ALL, {"http.method": "GET"}) == {}, "no model call"
    assert missing(ALL, CALL | {"gen_ai.operation.name": "invoke_agent"}) == {}, "it only sums up"


def test_user_ids_become_pseudonyms() -> None:
    """The same everywhere, of whatever type; nothing else is touched."""
    found = pseudonymised({"user.id": "u1", "enduser.id": "u1", "session.id": "u1", "gen_ai.prompt": "u1"})
    assert found["user.id"].startswith("<USER_ID:k7:")
    assert found["enduser.id"] == found["user.id"]
    assert (found["session.id"], found["gen_ai.prompt"]) == ("u1", "u1")
    assert token("u1") == found["user.id"] != token("u2")
    assert pseudonymised({"user.id": 42}) == {"user.id": token("42")}
    assert pseudonymised({"user.id": ["u1"]}) == {"user.id": [token("u1")]}
    assert pseudonymised({"user.id": ""}) == {"user.id": ""}
    assert pseudonymised({"user.id": b"u1"}) == {"user.id": "<removed>"}
    assert pseudonymised({"mlflow.trace.user": '"u1"'}) == {"mlflow.trace.user": f'"{token("u1")}"'}


def test_case_tells_users_apart() -> None:
    """Ids are no names: two that differ in anything are two users."""
    assert token("u1") != token("U1")


def test_copies_of_user_ids() -> None:
    """In baggage, in metadata, under a framework's own prefix."""
    assert pseudonymised({"baggage": "a=1,user.id=u1;p=2, langfuse_user_id=u1"}) == {
        "baggage": f"a=1,user.id={token('u1')};p=2, langfuse_user_id={token('u1')}"
    }
    assert pseudonymised({"http.request.header.baggage": ["user.id=u%31"]}) == {
        "http.request.header.baggage": [f"user.id={token('u1')}"]
    }
    assert pseudonymised({"baggage.user.id": "u1"}) == {"baggage.user.id": token("u1")}
    assert pseudonymised({"metadata": '{"user_id": "u1", "n": [1]}'}) == {
        "metadata": f'{{"user_id": "{token("u1")}", "n": [1]}}'
    }
    assert pseudonymised({"metadata": {"user_id": "u1", "n": {"userId": 7}}}) == {
        "metadata": {"user_id": token("u1"), "n": {"userId": token("7")}}
    }
    assert pseudonymised({"metadata": '{"user'}) == {"metadata": '{"user'}


def test_a_pseudonym_stays() -> None:
    """A second sidecar adds nothing."""
    assert token(token("u1")) == token("u1")


def test_logs_and_metrics_have_user_ids_too() -> None:
    """In attributes, in structured bodies, on data points and their resources."""
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add()
    put(record.attributes, {"user.id": "u1"})
    record.body.CopyFrom(any_value({"user.id": "u1", "text": "user.id"}))
    metrics = ExportMetricsServiceRequest()
    put(metrics.resource_metrics.add().resource.attributes, {"user.id": "u1"})
    point = metrics.resource_metrics[0].scope_metrics.add().metrics.add().sum.data_points.add()
    put(point.attributes, {"user.id": "u1"})
    put(point.exemplars.add().filtered_attributes, {"user.id": "u1"})
    attribution = processor(user="pseudonymize")
    attribution.logs(logs, {}, Report())
    attribution.metrics(metrics, Report())
    for attributes in (
        record.attributes,
        record.body.kvlist_value.values,
        metrics.resource_metrics[0].resource.attributes,
        point.attributes,
        point.exemplars[0].filtered_attributes,
    ):
        assert plain(attributes)["user.id"] == token("u1")
    assert plain(record.body.kvlist_value.values)["text"] == "user.id"


def test_kept_ids_are_kept() -> None:
    """By default the section does nothing."""
    assert not AttributionSection().at_work
    assert not AttributionSection(enabled=False, user="pseudonymize").at_work
    request = request_of({"user.id": "u1"})
    processor(require=("user",)).traces(request, {}, Report())
    assert request == request_of({"user.id": "u1"})


def test_pseudonyms_need_a_key() -> None:
    """The policy says so when it is loaded, the processor when it is made."""
    section = AttributionSection(user="pseudonymize")
    with pytest.raises(ValueError, match="there is no pseudonym key"):
        Attribution(section)
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Attribution(section, Secret("short"))
    with pytest.raises(ValueError, match=r"needs pii\.pseudonym_key_file"):
        Policy.model_validate({"version": 1, "attribution": {"user": "pseudonymize"}})
    Policy.model_validate({"version": 1, "attribution": {"user": "pseudonymize"}, "pii": {"pseudonym_key_file": "k"}})


class Broken:
    """A processor that fails at everything."""

    def traces(self, request: Any, stamps: Any, report: Any) -> None:
        raise RuntimeError

    logs = metrics = traces


def test_a_batch_that_failed_loses_its_user_ids_all_the_same() -> None:
    """The dropper takes all text, and an id may be a number."""
    request = request_of({"user.id": 42})
    trace_id = request.resource_spans[0].scope_spans[0].spans[0].trace_id
    chain: list[Any] = [processor(user="pseudonymize"), Broken()]
    done = transform(
        Signal.TRACES, [request.SerializeToString()], {trace_id: Stamp("p")}, chain, ContentDropper(MATCHER)
    )
    (batch, _), *_ = done.batches
    sent = ExportTraceServiceRequest.FromString(batch).resource_spans[0].scope_spans[0].spans[0]
    assert plain(sent.attributes).get("user.id") != 42
