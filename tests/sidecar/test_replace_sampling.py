"""A new policy while traces wait: whatever the policy, it decides on all that was observed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.signal import Signal
from processors.sampling.section import SamplingSection
from sidecar.intake import Admitted
from tests.processors.sampling.build import Attribute, log, logs, policy, section, span
from tests.sidecar.test_pipeline import Rig, run, spans_of

NOTHING = policy("string_attribute", "nothing", key="never", values=["seen"])
SCORED = policy("score", "scored", below=-1.0)


def trace(number: int, *attributes: Mapping[str, Attribute], **kind: Any) -> list[Span]:
    """A span for each, one after the other."""
    return [
        span(
            bytes([number]) * 16,
            span_id=place.to_bytes(8, "big"),
            start=place * 1_000_000_000,
            end=place * 1_000_000_000 + 500_000_000,
            attrs=attrs,
            **kind,
        )
        for place, attrs in enumerate(attributes, 1)
    ]


def call(**attrs: Attribute) -> dict[str, Attribute]:
    base: dict[str, Attribute] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
    return base | {key.replace("__", "."): value for key, value in attrs.items()}


TOOL: dict[str, Attribute] = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search",
    "gen_ai.tool.call.arguments": '{"q": "x"}',
}
SYSTEM = {"gen_ai.system_instructions": '[{"type": "text", "content": "You are kind."}]'}
PLAIN = call()

CASES: dict[str, tuple[dict[str, Any], Sequence[Mapping[str, Attribute]], Sequence[Mapping[str, Attribute]]]] = {
    "agent_loop": ({"name": "it", "type": "agent_loop"}, [TOOL] * 5, [TOOL] * 2),
    "cost": (policy("cost", above_usd=1.0), [call(gen_ai__usage__cost=2.0)], [call(gen_ai__usage__cost=0.5)]),
    "tokens": (
        policy("tokens", input_above=100),
        [call(gen_ai__usage__input_tokens=60)] * 2,
        [call(gen_ai__usage__input_tokens=60)],
    ),
    "ttft": (
        policy("ttft", threshold_ms=300),
        [call(gen_ai__response__time_to_first_chunk=0.4)],
        [call(gen_ai__response__time_to_first_chunk=0.2)],
    ),
    "finish_reason": (
        policy("finish_reason", reasons=["length"]),
        [call(llm__finish_reason="length")],
        [call(llm__finish_reason="stop")],
    ),
    "error_type": (
        policy("error_type", types=["timeout"]),
        [call(error__type="TimeoutError")],
        [call(error__type="KeyError")],
    ),
    "pii": (policy("pii", entity_types=["PERSON"]), [{"genai_sidecar.pii.person": 2}], [PLAIN]),
    "new_prompt": (policy("new_prompt", traces=1), [call() | SYSTEM], [call() | SYSTEM]),
    "rate_limiting": (policy("rate_limiting", spans_per_second=1, burst_capacity=1), [PLAIN], [PLAIN]),
    "bytes_limiting": (policy("bytes_limiting", bytes_per_second=1, burst_capacity=1), [PLAIN], [PLAIN]),
    "composite": (
        policy(
            "composite",
            max_total_spans_per_second=1,
            composite_sub_policy=[{"name": "all", "type": "always_sample"}],
        ),
        [PLAIN],
        [PLAIN],
    ),
    "ema_dynamic": (
        policy("ema_dynamic", goal_sampling_percentage=100, key_fields=["gen_ai.request.model"]),
        [PLAIN],
        [],
    ),
    "probabilistic": (policy("probabilistic", sampling_percentage=100), [PLAIN], []),
    "latency": (policy("latency", threshold_ms=900), [PLAIN] * 2, [PLAIN]),
    "span_count": (policy("span_count", min_spans=2), [PLAIN] * 2, [PLAIN]),
    "numeric_attribute": (policy("numeric_attribute", key="n", min_value=5), [{"n": 7}], [{"n": 1}]),
    "boolean_attribute": (policy("boolean_attribute", key="b", value=True), [{"b": True}], [{"b": False}]),
    "ottl_condition": (
        policy("ottl_condition", error_mode="ignore", span=['attributes["n"] == 7']),
        [{"n": 7}],
        [{"n": 1}],
    ),
    "and": (
        {
            "name": "it",
            "type": "and",
            "and": {
                "and_sub_policy": [
                    policy("span_count", "many", min_spans=2),
                    policy("tokens", "long", output_above=10),
                ]
            },
        },
        [PLAIN, call(gen_ai__usage__output_tokens=60)],
        [PLAIN] * 2,
    ),
}
"""By type: the new policy, a trace that it keeps, and one that it does not."""


@pytest.mark.parametrize("kind", CASES)
def test_what_waits_is_decided_by_the_new_policy(kind: str) -> None:
    """Spans that came before, one request each; what the old one would have kept, it does not."""
    new, kept, dropped = CASES[kind]

    async def scenario() -> None:
        async with Rig(waiting(NOTHING)) as rig:
            for number, spans in ((1, trace(1, *kept)), (2, trace(2, *dropped))):
                for each in spans:
                    await rig.send(each)
                await rig.pass_time(0.1 * number)
            assert await rig.pipeline.replace_sampling(waiting(new))
            await rig.pass_time(12)
            assert {each.trace_id[0] for each in spans_of(await rig.deliver())} == {1}
            assert rig.total("sampling_policy_errors_total") == 0

    run(scenario())


@pytest.mark.parametrize(
    "new", [policy("score", below=0.5), {"name": "it", "type": "user_feedback"}], ids=["score", "user_feedback"]
)
def test_scores_observed_before_are_kept(new: dict[str, Any]) -> None:
    """From a log record, which is in no record of spans."""

    async def scenario() -> None:
        async with Rig(waiting(SCORED)) as rig:
            await rig.send(*trace(1, PLAIN))
            await rig.send(*trace(2, PLAIN))
            request = logs(
                log(bytes([1]) * 16, gen_ai__evaluation__name="user_feedback", gen_ai__evaluation__score__value=0.0)
            )
            await rig.pipeline.accept(Admitted(Signal.LOGS, request.SerializeToString(), request, 1))
            assert await rig.pipeline.replace_sampling(waiting(new))
            await rig.pass_time(12)
            traces = {each.trace_id[0] for each in spans_of(spans_only(await rig.deliver()))}
            assert traces == {1}

    run(scenario())


def test_a_policy_that_has_a_memory_begins_anew() -> None:
    """A prompt seen under the old policy is new to the new one; a budget is full again."""

    async def scenario() -> None:
        async with Rig(waiting(policy("new_prompt", traces=1))) as rig:
            for number in (1, 2):
                await rig.send(*trace(number, call() | SYSTEM))
                await rig.pass_time(12)
            assert await rig.pipeline.replace_sampling(waiting(policy("new_prompt", "again", traces=1)))
            await rig.send(*trace(3, call() | SYSTEM))
            await rig.pass_time(12)
            assert [each.trace_id[0] for each in spans_of(await rig.deliver())] == [1, 3]

    run(scenario())


def waiting(*policies: Mapping[str, Any]) -> SamplingSection:
    return section(*policies, decision_wait="10s")


def spans_only(batches: list[Any]) -> list[Any]:
    return [each for each in batches if each.signal is Signal.TRACES]
