from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.genai.matcher import MATCHER
from processors.pii.drop import ContentDropper
from processors.pii.scrub import Pii
from processors.pii.section import PiiSection
from processors.processor import Report
from tests.processors.pii.fakes import NameDetector

WHO = "Ada Lovelace asks"
GONE = "<PERSON> asks"
LONG = f"{WHO} about the weather. " + "It is a long story, and nobody knows how it ends. " * 5


def one_span(scope: str) -> tuple[ExportTraceServiceRequest, Any]:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add().scope_spans.add()
    group.scope.name = scope
    return request, group.spans.add(trace_id=bytes(range(16)), span_id=b"12345678")


def scrub(request: ExportTraceServiceRequest) -> Report:
    report = Report()
    Pii(PiiSection(), NameDetector(), MATCHER, None).traces(request, {}, report)
    return report


def scrubbed(scope: str, key: str, value: str, event: str | None = None) -> tuple[str, Report]:
    """A span of one attribute, or with an event of one attribute."""
    request, span = one_span(scope)
    holder = span if event is None else span.events.add(name=event)
    holder.attributes.add(key=key).value.string_value = value
    report = scrub(request)
    return next(kv.value.string_value for kv in holder.attributes if kv.key == key), report


@pytest.mark.parametrize(
    ("scope", "key", "event", "expected"),
    [
        ("pipecat", "input", None, GONE),
        ("app", "input", None, WHO),
        ("", "output", "tool.output", GONE),
        ("", "output", None, WHO),
        ("litellm", "llm.anthropic.messages", None, GONE),
        ("app", "llm.anthropic.messages", None, GONE),
        ("app", "gen_ai.task.brief", None, GONE),
        ("app", "task.brief", None, WHO),
        ("app", "note", "gen_ai.something.new", GONE),
        ("app", "note", "app.started", WHO),
        ("Microsoft.SemanticKernel.KernelFunction", "FunctionResult", None, GONE),
        ("logfire", "customer", None, GONE),
        ("app", "note", "gen_ai.user.message", GONE),
        ("psycopg", "db.query.text", None, GONE),
        ("psycopg", "db.query.parameter.0", None, GONE),
        ("", "process.command_line", None, GONE),
        ("", "exception.message", "exception", GONE),
        ("", "http.request.body.content", None, GONE),
        ("", "baggage.note", None, GONE),
        ("", "langfuse.observation.status_message", None, GONE),
        ("", "user.name", None, "<PERSON>"),
        ("", "langfuse.user.id", None, GONE),
        ("", "gen_ai.agent.name", None, WHO),
        ("", "langfuse.observation.metadata.note", None, GONE),
        ("", "gen_ai.prompt.name", None, WHO),
    ],
)
def test_how_closely_a_value_is_read(scope: str, key: str, event: str | None, expected: str) -> None:
    """By scope and event, where the word is anybody's; text of programs as closely as that of people."""
    assert scrubbed(scope, key, WHO, event)[0] == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("langsmith.metadata.ls_model_name", "nguyen-7b"),
        ("langfuse.observation.metadata.node", '"nguyen"'),
        ("db.query.parameter.0", "Nguyen"),
        ("url.full", "https://nguyen.example/Nguyen?page=nguyen"),
    ],
)
def test_programs_words_are_left_to_programs(key: str, value: str) -> None:
    """A model's name is no person, whatever a language model thinks of it."""
    assert scrubbed("", key, value)[0] == value


def test_percent_encoding_hides_nothing() -> None:
    """Values of a query are read as people would write them, and encoded again; the rest of the URL stays."""
    url = "https://u.example/v1?q=Ada+Lovelace+asks&mail=jane%40corp.internal&x=%7e&email=me%40a.example#top"
    assert scrubbed("", "url.full", url)[0] == (
        "https://u.example/v1?q=<PERSON>%20asks&mail=<EMAIL_ADDRESS>&x=%7e&email=<EMAIL_ADDRESS>#top"
    )
    assert scrubbed("", "url.query", "mail=jane%40corp.internal")[0] == "mail=<EMAIL_ADDRESS>"
    assert scrubbed("", "url.query", "api_key=sk-proj-abcDEF1234567890&v=1")[0].endswith("&v=1")
    assert "abcDEF" not in scrubbed("", "http.url", "https://u.example/?key=sk-proj-abcDEF1234567890")[0]


def test_pieces_of_a_streamed_answer_are_taken_away() -> None:
    """A name that is cut in two shows in neither half."""
    for key, event in (("mlflow.chunk.value", "mlflow.chunk.item.3"), ("token", "new_token")):
        assert scrubbed("mlflow", key, '{"delta": "velace lives"}', event)[0] == "<removed>"


MESSAGE = json.dumps([{"role": "user", "content": WHO}])
REPR = str([{"role": "user", "content": WHO}])


@pytest.mark.parametrize(
    ("scope", "beside", "value", "label"),
    [
        ("langfuse-sdk", "", LONG, "langfuse-sdk"),
        ("langfuse-sdk", "", MESSAGE, "langfuse-sdk"),
        ("langfuse-sdk", "", REPR, "langfuse-sdk"),
        ("langfuse-sdk", "", MESSAGE[:-2], "langfuse-sdk"),
        ("langfuse-sdk", "", f"Message(role='user', content='{WHO}')", "langfuse-sdk"),
        ("acme.agents", "gen_ai.request.model", MESSAGE, "acme.agents"),
        ("acme.agents", "http.route", MESSAGE, None),
        ("acme.agents", "", LONG, None),
        ("", "gen_ai.request.model", MESSAGE, "none"),
        ("Jane Doe <jane@corp.internal>", "gen_ai.request.model", MESSAGE, "other"),
        ("openlit Jane Doe", "", MESSAGE, "other"),
        ("langfuse-sdk", "", "short", None),
    ],
)
def test_what_no_table_knows_is_scrubbed_and_counted(scope: str, beside: str, value: str, label: str | None) -> None:
    """Where it looks like content, under a scope or beside a key that is about models; the label is a plain name."""
    request, span = one_span(scope)
    span.attributes.add(key="brand.new").value.string_value = value
    if beside:
        span.attributes.add(key=beside).value.string_value = "x"
    report = scrub(request)
    assert "Ada" not in span.attributes[0].value.string_value
    assert report.unknown_content_keys == ({label: 1} if label else {})


def test_messages_in_lists_and_maps_are_messages() -> None:
    """Short ones too, and what they say is counted once."""
    request, span = one_span("langfuse-sdk")
    fields = span.attributes.add(key="brand.new").value.array_value.values.add().kvlist_value.values
    fields.add(key="role").value.string_value = "user"
    fields.add(key="content").value.string_value = WHO
    fields.add(key="raw").value.bytes_value = WHO.encode()
    report = scrub(request)
    assert [field.value.string_value for field in fields][:2] == ["user", GONE]
    assert fields[2].value.bytes_value == GONE.encode()
    assert report.unknown_content_keys == {"langfuse-sdk": 1}


def test_events_and_links_are_under_their_spans_scope() -> None:
    """And beside its keys."""
    request, span = one_span("acme")
    span.attributes.add(key="gen_ai.request.model").value.string_value = "m"
    span.events.add(name="e").attributes.add(key="brand.new").value.string_value = MESSAGE
    span.links.add().attributes.add(key="brand.new").value.string_value = MESSAGE
    assert scrub(request).unknown_content_keys == {"other": 2}


def test_a_known_key_is_never_counted() -> None:
    """Long values of content, of metadata and of what the policy lists are no news."""
    request, span = one_span("langfuse-sdk")
    for key in ("gen_ai.input.messages", "logfire.json_schema", "langfuse.trace.name"):
        span.attributes.add(key=key).value.string_value = LONG
    assert scrub(request).unknown_content_keys == {}
    assert all("Ada" not in kv.value.string_value for kv in span.attributes)


def test_span_names_that_are_sentences_are_read() -> None:
    """Short ones are names of programs' parts."""
    for name, expected in (
        ("Ada Lovelace asks for the weather", "<PERSON> asks for the weather"),
        ("chat Nguyen", "chat Nguyen"),
    ):
        request, span = one_span("acme")
        span.name = name
        scrub(request)
        assert span.name == expected


def test_the_event_of_a_log_record_may_stand_in_its_body() -> None:
    """Three homes: the field, the attribute, the body of those who knew of neither."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    records.add(event_name="codex.user_prompt")
    records.add().attributes.add(key="event.name").value.string_value = "codex.user_prompt"
    records.add().body.string_value = "codex.user_prompt"
    records.add().body.string_value = "something else."
    for record in records:
        record.attributes.add(key="prompt").value.string_value = WHO
    Pii(PiiSection(), NameDetector(), MATCHER, None).logs(request, {}, Report())
    found = [next(kv.value.string_value for kv in record.attributes if kv.key == "prompt") for record in records]
    assert found == [GONE, GONE, GONE, WHO]


def test_the_last_resort_knows_scopes_too() -> None:
    """A number under a bare word goes where the word means content, and stays elsewhere."""
    for scope, kept in (("pipecat", []), ("app", ["input"])):
        request, span = one_span(scope)
        span.attributes.add(key="input").value.int_value = 5
        ContentDropper(MATCHER).traces(request, {}, Report())
        assert [kv.key for kv in span.attributes] == kept
