from __future__ import annotations

import hashlib
import hmac
import json
import random
from typing import Any

import pytest
import xxhash
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import ValidationError

from processors.genai.anyvalue import plain
from processors.genai.conversation.read import Conversation, ConversationReader
from processors.processor import Category, Report, Stamp, SystemPrompt
from processors.prompts import (
    COMPLETION_HASH,
    COMPLETION_LENGTH,
    MESSAGE_HASH,
    MESSAGE_LENGTH,
    PROMPT_HASH,
    PROMPT_LENGTH,
    SYSTEM_PROMPT_HASH,
    SYSTEM_PROMPT_LENGTH,
    TEMPLATE_HASH,
    TOOLS_HASH,
    ContentRetention,
    PromptHash,
    PromptsSection,
)
from processors.values import Secret
from tests.processors.genai.conversation.chats import THE_SAME_CHAT
from tests.processors.genai.conversation.toolbox import THE_SAME_TOOL
from tests.processors.genai.spans import any_value, attributes_of, put, span_of

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
TRACE = bytes(range(16))


def section(**values: Any) -> PromptsSection:
    return PromptsSection.model_validate(values)


def request_of(*spans: Span, scope: str = "", service: str = "") -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    if service:
        put(group.resource.attributes, {"service.name": service})
    scoped = group.scope_spans.add()
    scoped.scope.name = scope
    scoped.spans.extend(spans)
    return request


def hashed(span: Span, processor: PromptHash | None = None, *, scope: str = "") -> dict[str, Any]:
    request = request_of(span, scope=scope)
    (processor or PromptHash(section())).traces(request, {}, Report())
    return attributes_of(request.resource_spans[0].scope_spans[0].spans[0])


HELLO = span_of(CHAT | {"gen_ai.prompt": "Hello", "gen_ai.completion": "Hi"})
HELLO_TEXT, HI_TEXT = b'[["user","Hello"]]', b'[["assistant","Hi"]]'


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, xxhash.xxh3_128_hexdigest(HELLO_TEXT)),
        ({"algorithm": "sha256"}, hashlib.sha256(HELLO_TEXT).hexdigest()),
        (
            {"algorithm": "hmac-sha256", "key_file": "k", "of": "raw"},
            hmac.new(b"secret key", HELLO_TEXT, "sha256").hexdigest(),
        ),
    ],
)
def test_hashes_are_of_the_documented_text(options: dict[str, Any], expected: str) -> None:
    """Anybody can compute them; a part that is not there has no hash."""
    got = hashed(HELLO, PromptHash(section(hash=options), Secret("secret key")))
    assert got[PROMPT_HASH] == expected
    assert COMPLETION_HASH in got
    assert SYSTEM_PROMPT_HASH not in got
    assert {key: got[key] for key in attributes_of(HELLO)} == attributes_of(HELLO)


def test_the_same_chat_has_the_same_hashes() -> None:
    """Whatever instrumentation recorded it; and another chat has others."""
    seen = set()
    for scope, span in THE_SAME_CHAT.values():
        call = Span.FromString(span.SerializeToString())
        put(call.attributes, CHAT | {"gen_ai.usage.input_tokens": 5})
        got = hashed(call, scope=scope)
        seen.add((got[PROMPT_HASH], got[SYSTEM_PROMPT_HASH], got[COMPLETION_HASH]))
    assert len(seen) == 1
    assert len(set(seen.pop())) == 3
    assert hashed(HELLO)[PROMPT_HASH] != hashed(span_of(CHAT | {"gen_ai.prompt": "Hello!"}))[PROMPT_HASH]


@pytest.mark.parametrize(
    "text",
    [
        "<REDACTED>",
        "[REDACTED]",
        "__REDACTED__",
        "<elided>",
        " N/A ",
        "[Scrubbed due to 'password']",
        "@@@langfuseMedia:type=image/png|id=1@@@",
    ],
)
def test_what_was_held_back_has_no_hash(text: str) -> None:
    """Or all held-back prompts would look like one; within other text such a word is text."""
    assert PROMPT_HASH not in hashed(span_of(CHAT | {"gen_ai.prompt": text}))
    assert PROMPT_HASH in hashed(span_of(CHAT | {"gen_ai.prompt": f"my name is {text}"}))


@pytest.mark.parametrize(
    "changes", [{"gen_ai.operation.name": "invoke_agent"}, {"openinference.span.kind": "CHAIN"}], ids=str
)
def test_only_spans_of_one_call_are_hashed(changes: dict[str, str]) -> None:
    """An agent's history is that of its calls."""
    assert PROMPT_HASH not in hashed(span_of(CHAT | changes | {"gen_ai.prompt": "Hello"}))


def test_other_spans_stay_as_they_are() -> None:
    """Even with an input of their own."""
    attributes = {"input.value": "Hello", "http.route": "/"}
    assert hashed(span_of(attributes)) == attributes


def test_hashing_again_replaces() -> None:
    """No key is there twice, and a hash stays where its text has gone."""
    again = span_of(attributes_of(HELLO) | {PROMPT_HASH: "old"})
    assert hashed(again) == hashed(HELLO)
    assert hashed(span_of(CHAT | {PROMPT_HASH: "kept"}))[PROMPT_HASH] == "kept"


def test_broken_unicode_is_hashed() -> None:
    """JSON can spell half a character."""
    prompt = json.dumps([{"role": "user", "content": "\ud800"}])
    assert PROMPT_HASH in hashed(span_of(CHAT | {"gen_ai.input.messages": prompt}))


def test_a_bad_span_costs_its_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The neighbour has its own."""
    real = ConversationReader.span

    def fails(self: ConversationReader, span: Span, scope: str = "") -> Conversation:
        if span.name == "bad":
            raise RuntimeError
        return real(self, span, scope)

    monkeypatch.setattr(ConversationReader, "span", fails)
    bad = Span.FromString(HELLO.SerializeToString())
    bad.name = "bad"
    request = request_of(bad, HELLO)
    PromptHash(section()).traces(request, {}, Report())
    spans = request.resource_spans[0].scope_spans[0].spans
    assert PROMPT_HASH not in attributes_of(spans[0])
    assert PROMPT_HASH in attributes_of(spans[1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hash": {"of": "raw"}}, "of: raw needs algorithm: hmac-sha256"),
        ({"hash": {"of": "raw", "algorithm": "sha256"}}, "of: raw needs algorithm: hmac-sha256"),
        ({"hash": {"algorithm": "hmac-sha256"}}, "needs key_file"),
        ({"hash": {"algorithm": "sha256", "key_file": "k"}}, "takes no key"),
        ({"hash": {"algorithm": "md5"}}, "xxh3_128"),
        ({"drift": {"max_per_hour": 0}}, "max_per_hour"),
        ({"retain_content": {"error": 1.5}}, "error"),
        ({"retain_content": {"default": -0.1}}, "default"),
        ({"retain_content": {"late": 1}}, "late"),
    ],
)
def test_mistakes_in_the_section(values: dict[str, Any], message: str) -> None:
    """Each is told in a way that shows the remedy."""
    with pytest.raises(ValidationError, match=message):
        section(**values)


@pytest.mark.parametrize("key", [None, Secret("")])
def test_a_keyed_hash_needs_its_key(key: Secret | None) -> None:
    """An empty one is none."""
    with pytest.raises(ValueError, match="key_file"):
        PromptHash(section(hash={"algorithm": "hmac-sha256", "key_file": "k"}), key)


def test_lengths_are_characters() -> None:
    """Of what was said, whatever stood around it."""
    scope, span = THE_SAME_CHAT["OpenAI messages under the current key (LiteLLM)"]
    call = Span.FromString(span.SerializeToString())
    put(call.attributes, CHAT)
    got = hashed(call, scope=scope)
    assert got[SYSTEM_PROMPT_LENGTH] == len("Be brief.")
    assert got[PROMPT_LENGTH] == sum(
        map(len, ("Weather in Paris?", '[tool_call] weather {"city":"Paris","days":2}', '{"rain":false,"wind":3}'))
    )
    assert got[COMPLETION_LENGTH] == len("Dry.")
    assert COMPLETION_LENGTH not in hashed(span_of(CHAT | {"gen_ai.prompt": "Hello"}))


def test_the_same_tools_have_the_same_hash() -> None:
    """In every dialect; without tools there is none."""
    seen = {hashed(span_of(CHAT | values), scope=scope)[TOOLS_HASH] for scope, values in THE_SAME_TOOL.values()}
    assert len(seen) == 1
    assert TOOLS_HASH not in hashed(HELLO)


def template_of(values: dict[str, Any]) -> str | None:
    return hashed(span_of(CHAT | values)).get(TEMPLATE_HASH)


def test_a_template_has_one_hash_whatever_was_filled_in() -> None:
    """The template itself where it is on the span; else the system prompt, else what the user said first."""
    expected = xxhash.xxh3_128_hexdigest(b"Answer {} in {} words.")
    for values in (
        {"llm.prompt_template.template": "Answer {question} in {n} words.", "gen_ai.prompt": "Answer why in 9 words."},
        {"gen_ai.prompt": "Answer 'why' in 10 words."},
        {"gen_ai.prompt": "Answer <PERSON> in 10 words.", "gen_ai.completion": "No."},
        {"gen_ai.prompt": "Answer why blue in 7 words.", "gen_ai.prompt.variable.question": "why blue"},
        {"gen_ai.system_instructions": "Answer {question} in 3 words.", "gen_ai.prompt": "anything"},
    ):
        assert template_of(values) == expected, values
    assert template_of({"gen_ai.prompt": "Answer why in 9 words."}) != expected
    assert template_of({"gen_ai.prompt": "2026-11-21"}) is None
    assert template_of({"gen_ai.prompt": "<REDACTED>"}) is None


def test_a_prompt_that_was_cut_off_has_no_hash() -> None:
    """Nor has one of which a message was."""
    cut = json.dumps([{"role": "user", "content": "Hello"}])[:-9]
    marked = json.dumps([{"role": "user", "content": "Hello...[TRUNCATED: original length 20000]"}])
    for prompt in (cut, marked):
        got = hashed(span_of(CHAT | {"gen_ai.input.messages": prompt, "gen_ai.completion": "Hi"}))
        assert not {PROMPT_HASH, PROMPT_LENGTH, TEMPLATE_HASH} & set(got)
        assert COMPLETION_HASH in got


def test_the_name_of_a_prompt_is_written_under_the_standard_key() -> None:
    """Where the dialect has one of its own; what is there stays."""
    langfuse = {"langfuse.observation.prompt.name": "greeting", "langfuse.observation.prompt.version": 3}
    got = hashed(span_of(CHAT | langfuse))
    assert (got["gen_ai.prompt.name"], got["gen_ai.prompt.version"]) == ("greeting", "3")
    got = hashed(span_of(CHAT | langfuse | {"gen_ai.prompt.name": "other"}))
    assert (got["gen_ai.prompt.name"], got["langfuse.observation.prompt.name"]) == ("other", "greeting")
    assert "gen_ai.prompt.name" not in hashed(HELLO)


def test_system_prompts_are_reported() -> None:
    """By service; the form is the same where names and numbers alone differ. Nothing where nobody wants to hear of it."""
    spans = [
        span_of(CHAT | {"gen_ai.system_instructions": text, "gen_ai.prompt": "Hello"})
        for text in ("You help <PERSON>, 3 times.", "You help <PERSON>, 4 times.", "Be brief.")
    ]
    report = Report()
    PromptHash(section()).traces(request_of(*spans, HELLO, service="chat"), {}, report)
    assert {prompt.service for prompt in report.system_prompts} == {"chat"}
    assert len({prompt.hash for prompt in report.system_prompts}) == 3
    assert len({prompt.form for prompt in report.system_prompts}) == 2
    brief = xxhash.xxh3_128_hexdigest(b'[["system","Be brief."]]')
    assert SystemPrompt("chat", xxhash.xxh3_128_hexdigest(b"Be brief."), brief) in report.system_prompts
    report = Report()
    PromptHash(section(drift={"enabled": False})).traces(request_of(*spans), {}, report)
    assert report.system_prompts == set()


def hashed_records(*records: LogRecord, scope: str = "") -> list[dict[str, Any]]:
    request = ExportLogsServiceRequest()
    scoped = request.resource_logs.add().scope_logs.add()
    scoped.scope.name = scope
    scoped.log_records.extend(records)
    PromptHash(section()).logs(request, {}, Report())
    return [{item.key: plain(item.value) for item in record.attributes} for record in scoped.log_records]


def test_a_message_that_is_a_log_record_has_its_own_hash() -> None:
    """Of the canonical text of this one message; other records have none."""
    user = LogRecord(event_name="gen_ai.user.message", body=any_value({"content": "Hello"}))
    held_back = LogRecord(event_name="gen_ai.user.message", body=any_value({"content": "<REDACTED>"}))
    other = LogRecord(event_name="app.started", body=any_value({"content": "Hello"}))
    nameless = LogRecord(body=any_value("Hello"))
    bad = LogRecord(event_name="gen_ai.user.message", body=any_value({"content": [[["x"] * 2] * 2]}))
    first, *others, last = hashed_records(user, held_back, other, nameless, bad)
    assert first == {MESSAGE_HASH: xxhash.xxh3_128_hexdigest(HELLO_TEXT), MESSAGE_LENGTH: 5}
    assert others == [{}, {}, {}]
    assert set(last) == {MESSAGE_HASH, MESSAGE_LENGTH}


def test_a_log_record_that_holds_a_conversation_has_the_hashes_of_its_span() -> None:
    """The details event, and what the AWS distribution makes of a span."""
    messages = {"gen_ai.prompt": "Hello", "gen_ai.completion": "Hi"}
    details = LogRecord(event_name="gen_ai.client.inference.operation.details")
    put(details.attributes, messages)
    body = {
        "input": {"messages": [{"role": "user", "content": "Hello"}]},
        "output": {"messages": [{"role": "assistant", "content": "Hi"}]},
    }
    expected = {key: value for key, value in hashed(HELLO).items() if key.startswith("genai_sidecar.")}
    (got,) = hashed_records(details)
    assert got == messages | expected
    (got,) = hashed_records(LogRecord(event_name="some.scope", body=any_value(body)), scope="some.scope")
    assert got == expected


def test_a_bad_record_costs_its_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else."""

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("processors.prompts.events.of_record", fails)
    assert hashed_records(LogRecord(event_name="gen_ai.user.message", body=any_value("Hello"))) == [{}]


FULL = CHAT | {
    "gen_ai.usage.input_tokens": 5,
    "gen_ai.usage.cost": 0.1,
    PROMPT_HASH: "h",
    "gen_ai.prompt.name": "greeting",
    "gen_ai.response.finish_reasons": ["stop"],
    "app.other": "x",
}
TEXT = {
    "gen_ai.input.messages": "[]",
    "gen_ai.output.messages": "[]",
    "gen_ai.system_instructions": "[]",
    "gen_ai.prompt.variable.name": "Jane",
    "llm.input_messages.0.message.content": "Hello",
    "input.value": "Hello",
}


def full_span() -> Span:
    return span_of(
        dict(sorted((FULL | TEXT).items())),
        ("gen_ai.user.message", {"content": "Hello", "unheard.of": "Hello", "role": "user", "gen_ai.system": "openai"}),
        ("gen_ai.content.prompt", {"gen_ai.prompt": "Hello"}),
        ("cache.hit", {"content": "page", "gen_ai.input.messages": "[]"}),
    )


def retained(share: float, category: Category = "default", **others: float) -> Span:
    request = request_of(full_span())
    processor = ContentRetention(section(retain_content={category: share, **others}))
    processor.traces(request, {TRACE: Stamp("p", category=category)}, Report())
    return request.resource_spans[0].scope_spans[0].spans[0]


def test_text_goes_and_all_else_stays() -> None:
    """Hashes, counts, costs, names and the events themselves stay; text goes from attributes and events."""
    span = retained(0.0)
    assert attributes_of(span) == FULL
    events = {event.name: {item.key: item.value.string_value for item in event.attributes} for event in span.events}
    assert events == {
        "gen_ai.user.message": {"role": "user", "gen_ai.system": "openai"},
        "gen_ai.content.prompt": {},
        "cache.hit": {"content": "page"},
    }


@pytest.mark.parametrize("category", ["error", "low_score", "default"])
def test_each_category_has_its_share(category: Category) -> None:
    """The others' shares do not matter."""
    assert retained(0.0, category) != full_span()
    others = {name: 0.0 for name in ("error", "low_score", "default") if name != category}
    assert retained(1.0, category, **others) == full_span()


def test_the_share_is_a_share_and_always_the_same() -> None:
    """A property of the trace id: no replica and no restart decides otherwise, and more share keeps more."""
    rng = random.Random(5)
    ids = [rng.randbytes(16) for _ in range(4000)]
    kept = {
        share: {
            one for one in ids if ContentRetention(section(retain_content={"default": share})).keeps(one, "default")
        }
        for share in (0.0, 0.1, 0.5, 1.0)
    }
    assert not kept[0.0]
    assert 0.08 < len(kept[0.1]) / 4000 < 0.12
    assert 0.47 < len(kept[0.5]) / 4000 < 0.53
    assert len(kept[1.0]) == 4000
    assert kept[0.1] < kept[0.5]


def test_the_choice_is_independent_of_sampling() -> None:
    """Of the tenth of traces with the highest randomness, what sampling keeps, a tenth keeps its text."""
    rng = random.Random(6)
    retention = ContentRetention(section(retain_content={"default": 0.1}))
    sampled = [rng.randbytes(9) + b"\xff" * 3 + rng.randbytes(4) for _ in range(4000)]
    assert 0.08 < sum(retention.keeps(one, "default") for one in sampled) / 4000 < 0.12


def test_traces_without_a_stamp_stay_as_they_are() -> None:
    """Nothing was decided about them here."""
    request = request_of(full_span())
    ContentRetention(section(retain_content={"default": 0})).traces(request, {}, Report())
    assert request == request_of(full_span())


def test_keeping_all_looks_at_nothing() -> None:
    """It costs nothing."""
    retention = ContentRetention(section())
    retention.traces(None, None, Report())  # type: ignore[arg-type]  # would fail if it were looked at
    retention.logs(None, None, Report())  # type: ignore[arg-type]  # see above


def log_request() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    body = any_value({"role": "user", "content": "Hello"})
    message = LogRecord(trace_id=TRACE, event_name="gen_ai.user.message", body=body)
    put(message.attributes, {"gen_ai.system": "openai", "extra": "Hello"})
    older = LogRecord(trace_id=TRACE, body=body)
    put(older.attributes, {"event.name": "gen_ai.choice"})
    details = LogRecord(trace_id=TRACE, event_name="gen_ai.client.inference.operation.details")
    put(details.attributes, {"gen_ai.input.messages": [{"role": "user"}], "gen_ai.request.model": "gpt"})
    plain = LogRecord(trace_id=TRACE, body=any_value("ready"))
    other = LogRecord(trace_id=b"o" * 16, event_name="gen_ai.user.message", body=body)
    request.resource_logs.add().scope_logs.add().log_records.extend([message, older, details, plain, other])
    return request


def test_log_records_fare_as_their_trace() -> None:
    """Message bodies and content attributes go; other logs, and those of other traces, stay."""
    request = log_request()
    retention = ContentRetention(section(retain_content={"error": 0}))
    retention.logs(request, {TRACE: Stamp("p", category="error")}, Report())
    message, older, details, plain, other = request.resource_logs[0].scope_logs[0].log_records
    assert not message.HasField("body")
    assert [item.key for item in message.attributes] == ["gen_ai.system"]
    assert not older.HasField("body")
    assert [item.key for item in older.attributes] == ["event.name"]
    assert [item.key for item in details.attributes] == ["gen_ai.request.model"]
    assert plain.body.string_value == "ready"
    assert other.HasField("body")


def test_what_cannot_be_walked_loses_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of what it holds; the failure is counted."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("processors.prompts._strip", fail)
    retention, report = ContentRetention(section(retain_content={"default": 0})), Report()
    stamps = {TRACE: Stamp("p")}
    request, logs = request_of(full_span()), log_request()
    retention.traces(request, stamps, report)
    retention.logs(logs, stamps, report)
    span = request.resource_spans[0].scope_spans[0].spans[0]
    assert not span.attributes
    assert not span.events
    record = logs.resource_logs[0].scope_logs[0].log_records[0]
    assert not record.attributes
    assert not record.HasField("body")
    assert report.scrub_failures == {"RuntimeError": 5}


def test_metrics_pass() -> None:
    """They hold no prompts."""
    ContentRetention(section()).metrics(ExportMetricsServiceRequest(), Report())
    PromptHash(section()).metrics(ExportMetricsServiceRequest(), Report())
    PromptHash(section()).logs(ExportLogsServiceRequest(), {}, Report())
