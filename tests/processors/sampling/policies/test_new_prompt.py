from __future__ import annotations

import json

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.sampling.decide import Decider
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from tests.processors.sampling.build import TRACE_ID, policy, request, section
from tests.processors.sampling.policies.llm import call

FIRST_TWO = section(policy("new_prompt", "new", traces=2))


def with_system(text: str) -> Span:
    parts = json.dumps([{"type": "text", "content": text}])
    return call(gen_ai__system_instructions=parts, gen_ai__usage__input_tokens=5)


def kept(of: SamplingSection, decider: Decider, *spans: Span, now_s: float | None = 0.0) -> bool:
    return decider.decide(TRACE_ID, Observer(of).traces(request(*spans)).facts[TRACE_ID], now_s).kept


def test_the_first_traces_of_a_prompt_are_kept() -> None:
    """Of each; a call without a system prompt is no new one."""
    decider = Decider(FIRST_TWO)
    for text in ("You are a cook.", "You are a judge."):
        assert [kept(FIRST_TWO, decider, with_system(text)) for _ in range(4)] == [True, True, False, False]
    assert not kept(FIRST_TWO, decider, call())


def test_what_is_filled_in_makes_no_new_prompt() -> None:
    """Names in quotes, numbers and dates vary with every call."""
    decider = Decider(FIRST_TWO)
    texts = [f'You help "{name}" on {day} 2026.' for name, day in (("Ann", "1 May"), ("Bob", "2 May"), ("Cy", "3 May"))]
    assert [kept(FIRST_TWO, decider, with_system(text)) for text in texts] == [True, True, False]


def test_looking_again_counts_nothing() -> None:
    """A late span is no second trace."""
    decider = Decider(FIRST_TWO)
    for _ in range(5):
        kept(FIRST_TWO, decider, with_system("x"), now_s=None)
    assert kept(FIRST_TWO, decider, with_system("x"))


def test_no_more_prompts_are_remembered_than_allowed() -> None:
    """Of more, the one seen longest ago is new again."""
    of = section(policy("new_prompt", traces=1, max_prompts=2))
    decider = Decider(of)
    seen = [kept(of, decider, with_system(text)) for text in ("cats", "dogs", "cats", "cows", "cats", "dogs")]
    assert seen == [True, True, False, True, False, True]
