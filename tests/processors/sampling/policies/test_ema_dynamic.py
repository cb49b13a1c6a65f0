from __future__ import annotations

import math
import random
from typing import Any

import pytest
from pydantic import ValidationError

from processors.sampling.decide import Decider
from processors.sampling.facts import MAX_VALUES, TraceFacts
from processors.sampling.probability import adjusted_count
from tests.processors.sampling.build import TRACE_ID, observe, policy, section, span

DYNAMIC = policy(
    "ema_dynamic", "dynamic", goal_sampling_percentage=10, key_fields=["gen_ai.request.model", "http.route"]
)


def of_model(model: str) -> TraceFacts:
    return TraceFacts(span_count=1, values={0: {model}})


def test_a_target_rate_and_every_rare_kind() -> None:
    """Over some intervals: near the goal, the rare model whole, and th-weighted counts right for both."""
    draw = random.Random(5)
    decider = Decider(section(DYNAMIC))
    kept = {"big": 0, "rare": 0}
    weighted = {"big": 0.0, "rare": 0.0}
    sent = {"big": 0, "rare": 0}
    for interval in range(12):
        for _ in range(2000):
            model = "rare" if draw.random() < 0.002 else "big"
            decision = decider.decide(draw.randbytes(16), of_model(model), 15.0 * interval)
            if interval < 2:
                continue
            sent[model] += 1
            if decision.kept:
                assert decision.threshold is not None
                kept[model] += 1
                weighted[model] += adjusted_count(decision.threshold)
    assert kept["rare"] == sent["rare"]
    assert sum(kept.values()) == pytest.approx(sum(sent.values()) / 10, rel=0.1)
    assert abs(weighted["big"] - sent["big"]) < 4.5 * math.sqrt(sent["big"] * 9)


def test_the_kind_is_what_the_fields_show_anywhere_in_the_trace() -> None:
    """Values of spans and resources, whatever their type and order."""
    dynamic = section(DYNAMIC)
    one = observe(dynamic, span(attrs={"gen_ai.request.model": "a"}), span(attrs={"http.route": "/x", "other": 1}))
    other = observe(dynamic, span(attrs={"http.route": "/x"}), span(attrs={"gen_ai.request.model": "a"}))
    assert one.values == other.values == {0: {"a"}, 1: {"/x"}}
    assert observe(dynamic, span(attrs={"gen_ai.request.model": 4})).values == {0: {"4"}}


def test_values_are_bounded() -> None:
    """A trace with a value a span costs no more memory than one with a few."""
    spans = [span(attrs={"http.route": f"/{number}"}) for number in range(100)]
    assert len((observe(section(DYNAMIC), *spans).values or {})[1]) == MAX_VALUES


def test_looking_again_counts_nothing() -> None:
    """A late span is no more traffic."""
    decider = Decider(section(DYNAMIC))
    for number in range(100):
        decider.decide(TRACE_ID, of_model(str(number)), None)
        decider.verdicts(TRACE_ID, of_model(str(number)))
    (verdict,) = decider.verdicts(TRACE_ID, of_model("a"))
    assert verdict.saw == {"rate": 10.0}


@pytest.mark.parametrize(
    "body",
    [
        {"goal_sampling_percentage": 0, "key_fields": ["k"]},
        {"goal_sampling_percentage": 101, "key_fields": ["k"]},
        {"goal_sampling_percentage": 5, "key_fields": []},
        {"goal_sampling_percentage": 5, "key_fields": ["k"], "weight": 1.0},
    ],
)
def test_mistakes(body: dict[str, Any]) -> None:
    """A goal of nothing is `drop`; a weight of 1 would forget everything."""
    with pytest.raises(ValidationError):
        section(policy("ema_dynamic", **body))
