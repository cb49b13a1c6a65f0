"""What real instrumentations sent, through the whole chain of processors: `docs/corpus.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pytest
from genai_prices import Usage, calc_price
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

import processors
from processors.genai.matcher import MATCHER
from processors.genai.roles import Role
from processors.otlp.signal import Signal
from processors.pii.findings import Finding
from processors.pii.scrub import Pii
from processors.policy import Policy, PolicyKeys
from processors.processor import Processor
from processors.prompts import COMPLETION_HASH, PROMPT_HASH, SYSTEM_PROMPT_HASH, TEMPLATE_HASH, PromptHash
from tests.corpus import conversation
from tests.corpus.attributes import Placed, attributes, shape, texts
from tests.corpus.expected import EXPECTED, Gaps
from tests.corpus.normalise import EPOCH_NANO
from tests.corpus.planted import PLANTED
from tests.corpus.processed import Processed, process
from tests.corpus.recording import RECORDINGS, Recording, read
from tests.corpus.table import ROWS
from tests.corpus.view import SeenCall, single_calls

NAMES: Final = [row.name for row in ROWS]
BEGAN: Final = datetime.fromtimestamp(EPOCH_NANO // 1_000_000_000, UTC)
POLICY: Final = Policy(version=1)


@cache
def chain() -> tuple[Processor, ...]:
    """The built-in policy's; the model is loaded once."""
    return processors.build(POLICY, PolicyKeys())


@cache
def recording(name: str) -> Recording:
    return read(name)


@cache
def processed(name: str) -> Processed:
    """By a chain that has heard of no other recording: ids are the same in all of them."""
    return process(recording(name), [_anew(each) for each in chain()])


def _anew(processor: Processor) -> Processor:
    return PromptHash(POLICY.prompts) if isinstance(processor, PromptHash) else processor


def gaps(name: str) -> Gaps:
    return EXPECTED.get(name, Gaps())


def calls_served(name: str) -> list[dict[str, Any]]:
    """Those that a span is expected for."""
    known = gaps(name)
    served = [each for each in recording(name).served if each["call"] not in known.unrecorded]
    if known.retries_in_one_span:
        served = [each for each, before in zip(served, [None, *served], strict=False) if each != before]
    return served


def unsaid(name: str, call: str) -> frozenset[str]:
    """Fields that the span of this call does not state."""
    fields = gaps(name).fields
    return fields.get(call, frozenset()) | fields.get("*", frozenset())


class _Oracle:
    """Knows the planted values, and only looks where free text is expected."""

    entity_types = ("PERSON",)

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        return [list(self._find(text)) for text in texts]

    def detect_exact(self, text: str) -> list[Finding]:
        return []

    @staticmethod
    def _find(text: str) -> Iterator[Finding]:
        for value in PLANTED.values():
            at = text.find(value)
            while at >= 0:
                yield Finding("PERSON", at, at + len(value), 1.0)
                at = text.find(value, at + 1)


def leaks(message: Message) -> set[str]:
    """Names of the planted values that are anywhere in it."""
    data = message.SerializeToString()
    return {name.lower() for name, value in PLANTED.items() if value.encode() in data}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_planted_leaves(name: str) -> None:
    """No personal value and no secret of the scenario is in any byte that goes out."""
    assert {signal.value: found for signal, each in processed(name).after.items() if (found := leaks(each))} == {}


@pytest.mark.parametrize("name", NAMES)
def test_all_content_is_looked_at(name: str) -> None:
    """A detector that knows the planted values, but is only asked about free text, is asked about each of them.

    So does text that no form gives away never pass unseen. User ids and free metadata are no text.
    """
    after = process(recording(name), [Pii(POLICY.pii, _Oracle(), MATCHER, None)]).after
    left = {found for each in after.values() for found in leaks(each)} - {"user_id", "metadata_email"}
    assert left == set()


@pytest.mark.parametrize("name", NAMES)
def test_calls_are_read_right(name: str) -> None:
    """Model, operation, tokens, finish reason, streaming and error of every call are those the endpoint served."""
    served = calls_served(name)
    seen = single_calls(processed(name).traces_before)
    assert len(seen) == len(served)
    kinds = [(_kind(one), _served_kind(truth)) for one, truth in zip(seen, served, strict=True)]
    assert [pair for pair in kinds if pair[0] not in (None, pair[1])] == []
    for one, truth in zip(seen, served, strict=True):
        left_out = unsaid(name, truth["call"])
        wanted = {key: value for key, value in _facts_served(truth, left_out).items() if key not in left_out}
        got = {key: value for key, value in _facts(one).items() if key in wanted}
        if "response_model" in left_out and "model" in wanted and got["model"] == truth["response_model"]:
            wanted["model"] = got["model"]
        assert (truth["call"], got) == (truth["call"], wanted)


def _kind(one: SeenCall) -> str | None:
    """None where the span does not say."""
    if one.call.operation is None:
        return None
    return "embeddings" if one.call.operation == "embeddings" else "chat"


def _served_kind(truth: dict[str, Any]) -> str:
    return "embeddings" if truth["call"] == "embeddings" else "chat"


def _facts(one: SeenCall) -> dict[str, Any]:
    call = one.call
    model = (call.model or "").rpartition("/")[2]
    return {
        "model": model or None,
        "input_tokens": call.input_tokens or 0,
        "output_tokens": call.output_tokens or 0,
        "cache_read_tokens": call.cache_read_tokens,
        "cache_write_tokens": call.cache_write_tokens,
        "reasoning_tokens": call.reasoning_tokens,
        "finish_reason": call.finish_reasons[0] if call.finish_reasons else None,
        "stream": call.is_streaming,
        "failed": call.error is not None,
    }


def _facts_served(truth: dict[str, Any], left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    finish = {"tool_calls": "tool_call", "tool_use": "tool_call", "end_turn": "stop", "STOP": "stop"}
    reason = truth["finish_reason"]
    return {
        "model": _model_served(truth, left_out),
        **{key: value for key, value in truth.items() if key.endswith("_tokens")},
        **({} if reason is None and truth["status"] != 200 else {"finish_reason": finish.get(reason, reason)}),
        "stream": truth["stream"],
        "failed": truth["status"] != 200,
    }


def _model_served(truth: dict[str, Any], left_out: frozenset[str]) -> str:
    model: str | None = None if "response_model" in left_out else truth["response_model"]
    return model or str(truth["request_model"])


@pytest.mark.parametrize("name", NAMES)
def test_costs_are_right(name: str) -> None:
    """Every call with usage has the cost that genai-prices gives for what was served, or the one that came with it."""
    served = calls_served(name)
    after = {span.span_id: span for span in _spans(processed(name))}
    for one, truth in zip(single_calls(processed(name).traces_before), served, strict=True):
        left_out = unsaid(name, truth["call"])
        if not truth["usage_sent"] or left_out & {"input_tokens", "output_tokens"}:
            continue
        cost = _cost(after[one.span.span_id])
        if one.call.reported_cost is not None:
            assert cost in (None, pytest.approx(one.call.reported_cost)), truth["call"]
        else:
            assert cost == pytest.approx(_list_price(truth, left_out, one.call.model)), truth["call"]


def _cost(span: Span) -> float | None:
    return next((each.value.double_value for each in span.attributes if each.key == "gen_ai.usage.cost"), None)


def _list_price(truth: dict[str, Any], left_out: frozenset[str], seen_model: str | None) -> float:
    provider = {"openai": "openai", "anthropic": "anthropic", "gemini": "google", "bedrock": "aws"}
    counts = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    usage = Usage(**{key: truth[key] for key in counts if key not in left_out and truth[key]})
    model = (seen_model or "") if "model" in left_out else _model_served(truth, left_out)
    price = calc_price(
        usage, model, provider_id=provider[truth["api"].partition(".")[0]], genai_request_timestamp=BEGAN
    )
    return float(price.total_price)


@pytest.mark.parametrize("name", NAMES)
def test_hashes_are_the_same_in_all(name: str) -> None:
    """A call that carries its conversation whole has the hashes that it has when it is written by the conventions.

    So it is where the conversation travels in log records alone, and the span only has its ids in common with them.
    """
    known = gaps(name)
    served = calls_served(name)
    after = {span.span_id: span for span in _spans(processed(name))}
    got, wanted = {}, {}
    for one, truth in zip(single_calls(processed(name).traces_before), served, strict=True):
        call = truth["call"]
        if call in REFERENCE and not known.no_prompt & {call, "*"}:
            unlike = known.unlike.get(call, frozenset()) | known.unlike.get("*", frozenset())
            wanted[call] = {part: text for part, text in _reference_hashes()[call].items() if part not in unlike}
            spans = [after[span.span_id] for span in (one.span, *one.twins)]
            got[call] = {
                part: next(filter(None, (_attribute(each, HASHES[part]) for each in spans)), None)
                for part in wanted[call]
            }
    assert got == wanted


HASHES: Final = {
    "prompt": PROMPT_HASH,
    "system": SYSTEM_PROMPT_HASH,
    "completion": COMPLETION_HASH,
    "template": TEMPLATE_HASH,
}


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


ASKED: Final = {
    "role": "assistant",
    "parts": [
        {
            "type": "tool_call",
            "id": "call_1",
            "name": conversation.TOOL_NAME,
            "arguments": conversation.TOOL_ARGUMENTS,
        }
    ],
}
TOLD: Final = {
    "role": "tool",
    "parts": [{"type": "tool_call_response", "id": "call_1", "response": conversation.TOOL_RESULT_JSON}],
}
REFERENCE: Final[dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]] = {
    turn.name: (
        [_text("user", turn.user), *([ASKED, TOLD] if turn is conversation.TOOL_ANSWER else [])],
        [ASKED] if turn.calls_tool else [_text("assistant", turn.answer)] if turn.status == 200 else [],
    )
    for turn in conversation.TURNS
    if turn is not conversation.RETRIEVAL
}
"""What was sent and what was answered, as the conventions write it, by the name of the turn."""


@cache
def _reference_hashes() -> dict[str, dict[str, str | None]]:
    hashes = {}
    system = [{"type": "text", "content": conversation.SYSTEM}]
    for number, (name, (sent, answered)) in enumerate(REFERENCE.items(), 1):
        span = Span(trace_id=b"%016d" % number, span_id=b"%08d" % number, name="chat gpt-4o")
        for key, value in (
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.system_instructions", json.dumps(system)),
            ("gen_ai.input.messages", json.dumps(sent)),
            ("gen_ai.output.messages", json.dumps(answered)),
        ):
            span.attributes.add(key=key).value.CopyFrom(AnyValue(string_value=value))
        request: Any = Signal.TRACES.request_class()
        request.resource_spans.add().scope_spans.add().spans.append(span)
        reference = next(_spans(process(Recording(name, {}, (), ((Signal.TRACES, request),)), chain())))
        hashes[name] = {part: _attribute(reference, key) for part, key in HASHES.items()}
        assert [part for part, value in hashes[name].items() if value is None] == ["completion"] * (not answered)
    return hashes


def _spans(one: Processed) -> Iterator[Span]:
    for group in one.traces_after.resource_spans:
        for scope in group.scope_spans:
            yield from scope.spans


def _attribute(span: Span, key: str) -> str | None:
    return next((each.value.string_value for each in span.attributes if each.key == key), None)


def _pairs(name: str) -> Iterator[tuple[Placed, AnyValue | None]]:
    """Every attribute of before, with its value of after."""
    one = processed(name)
    for signal in Signal:
        after = list(attributes(signal, one.after[signal]))
        by_place: dict[tuple[str, str], list[AnyValue]] = {}
        for each in after:
            by_place.setdefault((each.where, each.key), []).append(each.value)
        for each in attributes(signal, one.before[signal]):
            values = by_place.get((each.where, each.key))
            yield each, values.pop(0) if values else None


@pytest.mark.parametrize("name", NAMES)
def test_json_stays_json(name: str) -> None:
    """What parsed before parses after, with the same keys, sizes and kinds of values."""
    broken = []
    for placed, after in _pairs(name):
        for old, new in zip(texts(placed.value), texts(after or AnyValue()), strict=False):
            if (expected := shape(old)) is not None and shape(new) != expected and not _is_piece(placed):
                broken.append((placed.where, placed.key))
    assert broken == []


def _is_piece(placed: Placed) -> bool:
    """Of a streamed answer: those are removed whole, for half a name shows in neither half."""
    match = MATCHER.for_scope(placed.scope).role(placed.key, placed.event)
    return match is not None and match.role is Role.CHUNK


@pytest.mark.parametrize("name", NAMES)
def test_no_metadata_is_lost_or_changed(name: str) -> None:
    """Every key is there afterwards, and what is neither content nor holds a planted value has its value still."""
    damaged = []
    for placed, after in _pairs(name):
        if after is None:
            damaged.append(f"lost: {placed.key}")
            continue
        roles = MATCHER.for_scope(placed.scope)
        is_content = placed.key == "<body>" or roles.is_content(placed.key, placed.event)
        holds_planted = any(value in text for text in texts(placed.value) for value in PLANTED.values())
        if not is_content and not holds_planted and after != placed.value:
            damaged.append(f"changed: {placed.key}")
    assert damaged == []


def test_the_table_is_what_was_recorded() -> None:
    """Every row has a recording, made with the versions that the row names, and nothing else lies there."""
    assert sorted(path.stem for path in RECORDINGS.glob("*.jsonl")) == sorted(NAMES)
    assert {row.name: recording(row.name).packages for row in ROWS} == {row.name: row.pinned for row in ROWS}
