"""`prompts`: hashes on spans whose conversation travels in log records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.processor import Report
from processors.prompts import COMPLETION_HASH, PROMPT_HASH, SYSTEM_PROMPT_HASH, TEMPLATE_HASH, TOOLS_HASH, PromptHash
from processors.values import Secret
from tests.processors.genai.spans import any_value, attributes_of, put, span_of
from tests.processors.test_prompts import CHAT, request_of, section

SCOPE = "opentelemetry.instrumentation.openai_v2"
CONTENT = {
    "gen_ai.system_instructions": '[{"type":"text","content":"You help <PERSON>, 3 times."}]',
    "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]',
    "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"Hi"}]}]',
}
MESSAGES = [
    ("gen_ai.system.message", {"content": "You help <PERSON>, 3 times."}),
    ("gen_ai.user.message", {"content": "Hello"}),
    ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}),
]
TOLD = [LogRecord(event_name=name, body=any_value(body)) for name, body in MESSAGES]
DETAILS = LogRecord(event_name="gen_ai.client.inference.operation.details")
put(DETAILS.attributes, CONTENT)
CALL = span_of(CHAT | {"gen_ai.response.finish_reasons": ["stop"]})
TOOLS = {"gen_ai.tool.definitions": '[{"type":"function","name":"weather"}]'}


def hear(processor: PromptHash, *records: LogRecord) -> None:
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    scope.scope.name = SCOPE
    for record in records:
        scope.log_records.add(trace_id=CALL.trace_id, span_id=CALL.span_id).MergeFrom(record)
    processor.logs(request, {}, Report())


def hashes(processor: PromptHash, span: Span = CALL, report: Report | None = None) -> dict[str, Any]:
    request = request_of(span, scope=SCOPE, service="chat")
    processor.traces(request, {}, report or Report())
    got = attributes_of(request.resource_spans[0].scope_spans[0].spans[0])
    return {key: value for key, value in got.items() if key.startswith("genai_sidecar.")}


def with_attributes(values: Mapping[str, Any]) -> Span:
    span = Span.FromString(CALL.SerializeToString())
    put(span.attributes, values)
    return span


KEYED = {"algorithm": "hmac-sha256", "of": "raw", "key_file": "k"}


@pytest.mark.parametrize("options", [{}, KEYED], ids=["scrubbed", "raw"])
@pytest.mark.parametrize("records", [TOLD, [DETAILS]], ids=["messages", "details"])
def test_the_span_has_the_hashes_that_it_has_with_its_content(
    records: list[LogRecord], options: dict[str, Any]
) -> None:
    """All of them, its lengths, and word of its system prompt; however often it comes."""
    processor = PromptHash(section(hash=options), Secret("secret key"))
    own, heard = Report(), Report()
    expected = hashes(processor, with_attributes(CONTENT), own)
    assert len(expected) == 7
    assert hashes(processor) == {}
    hear(processor, *records)
    assert hashes(processor, CALL, heard) == expected
    assert hashes(processor) == expected
    assert heard.system_prompts == own.system_prompts
    assert len(heard.system_prompts) == 1


def test_what_is_on_the_span_is_believed() -> None:
    """Messages, or a template or tools beside those that log records tell of."""
    processor = PromptHash(section())
    hear(processor, *TOLD)
    other = {"gen_ai.input.messages": CONTENT["gen_ai.input.messages"].replace("Hello", "Bye")}
    assert set(hashes(processor, with_attributes(other))) & {SYSTEM_PROMPT_HASH, COMPLETION_HASH} == set()
    told = hashes(processor)
    beside = hashes(processor, with_attributes(TOOLS | {"llm.prompt_template.template": "Say {word} to all"}))
    assert {key for key in beside if beside[key] != told.get(key)} == {TOOLS_HASH, TEMPLATE_HASH}


def test_a_prompt_without_an_answer_is_that_of_a_failed_call_alone() -> None:
    """Of any other call the rest may have been lost."""
    processor = PromptHash(section())
    hear(processor, *TOLD[:2])
    assert hashes(processor) == {}
    got = hashes(processor, with_attributes({"error.type": "BadRequestError"}))
    assert {PROMPT_HASH, SYSTEM_PROMPT_HASH} <= set(got)
    assert COMPLETION_HASH not in got


@pytest.mark.parametrize("name", ["heard._whole", "events.of_record"])
def test_a_bad_conversation_costs_its_hashes(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As one with a bad record does, whatever of it can be read."""
    processor = PromptHash(section())
    hear(processor, TOLD[0])
    with monkeypatch.context() as patched:
        patched.setattr(f"processors.genai.conversation.{name}", lambda *_, **__: 1 // 0)
        hear(processor, *TOLD[1:])
    hear(processor, TOLD[1], LogRecord(event_name="gen_ai.choice", body=any_value({"message": {"content": "Ho"}})))
    assert hashes(processor) == {}
