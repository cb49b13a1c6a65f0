"""Kept traces, each counted as often as its `th` says, must add up to the traces there were."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from processors.sampling.decide import Decider
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from processors.sampling.probability import adjusted_count, threshold_of, trace_id_randomness
from processors.sampling.tracestate import compose, format_threshold, read
from tests.processors.sampling.build import policy, section

TRACES = 20_000
ERRORS = policy("status_code", "errors", status_codes=["ERROR"])


@pytest.mark.parametrize(
    "policies",
    [
        [ERRORS, policy("probabilistic", "p", sampling_percentage=10)],
        [policy("probabilistic", "p", sampling_percentage=10), ERRORS],
        [policy("probabilistic", "p", sampling_percentage=5), policy("probabilistic", "q", sampling_percentage=33.3)],
        [
            policy("latency", "slow", threshold_ms=900),
            ERRORS,
            policy("probabilistic", "p", sampling_percentage=20),
            policy("probabilistic", "q", sampling_percentage=3),
        ],
        [
            {
                "name": "share-of-errors",
                "type": "and",
                "and": {"and_sub_policy": [ERRORS, policy("probabilistic", "p", sampling_percentage=40)]},
            },
            policy("probabilistic", "q", sampling_percentage=10),
        ],
    ],
)
@pytest.mark.parametrize("head", [None, 0.5, 0.02])
def test_weighted_counts_are_unbiased(policies: list[dict[str, Any]], head: float | None) -> None:
    """Within 4.5 standard errors: of all traces, and of the failed ones; `head` samples before us, by trace id."""
    draw = random.Random(20261121)
    decider = Decider(section(*policies))
    head_threshold = None if head is None else threshold_of(head)
    counts = {"all": 0.0, "failed": 0.0}
    variances = {"all": 0.0, "failed": 0.0}
    truth = {"all": TRACES, "failed": 0}
    for _ in range(TRACES):
        trace_id = draw.randbytes(16)
        failed = draw.random() < 0.1
        groups = ("all", "failed") if failed else ("all",)
        truth["failed"] += failed
        incoming = ""
        if head_threshold is not None:
            if trace_id_randomness(trace_id) < head_threshold:
                continue
            incoming = f"ot=th:{format_threshold(head_threshold)}"
        decision = decider.decide(
            trace_id,
            TraceFacts(
                span_count=1,
                status_mask=STATUS_ERROR if failed else STATUS_UNSET,
                start_unix_nano=1,
                end_unix_nano=draw.randrange(10**9),
                head_sampled=head is not None,
            ),
        )
        if not decision.kept:
            continue
        threshold = read(compose(incoming, trace_id, decision.threshold, decision.randomness)).threshold
        assert threshold is not None
        weight = adjusted_count(threshold)
        for group in groups:
            counts[group] += weight
            variances[group] += weight * (weight - 1)
    for group, true_count in truth.items():
        assert abs(counts[group] - true_count) <= 4.5 * math.sqrt(variances[group]) + 1e-9 * true_count, group


def test_the_next_sampler_draws_from_the_same_randomness() -> None:
    """A consistent sampler behind us at 1 % gets 1 % of the original traces, and `th` says so."""
    draw = random.Random(7)
    decider = Decider(section(policy("probabilistic", "p", sampling_percentage=10)))
    theirs = threshold_of(0.01)
    passed = 0
    for _ in range(TRACES):
        trace_id = draw.randbytes(16)
        decision = decider.decide(trace_id, TraceFacts(span_count=1))
        if decision.kept:
            entry = read(compose("", trace_id, decision.threshold, decision.randomness))
            assert entry.randomness is not None
            passed += entry.randomness >= theirs
    assert abs(passed - TRACES * 0.01) < 4.5 * math.sqrt(TRACES * 0.01)
