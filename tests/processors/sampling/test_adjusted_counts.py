"""Kept traces, each counted as often as its `th` says, must add up to the traces there were."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from processors.processor import Stamp
from processors.sampling.decide import Decider
from processors.sampling.facts import STATUS_ERROR, STATUS_UNSET, TraceFacts
from processors.sampling.ledger import TraceLedger
from processors.sampling.probability import adjusted_count, threshold_of, trace_id_randomness
from processors.sampling.tracestate import compose, format_randomness, format_threshold, read
from tests.processors.sampling.build import policy, section

TRACES = 5_000
ERRORS = policy("status_code", "errors", status_codes=["ERROR"])
SLOW = policy("latency", "slow", threshold_ms=900)


def share(percentage: float, name: str = "p", **more: Any) -> dict[str, Any]:
    return policy("probabilistic", name, sampling_percentage=percentage, **more)


def all_of(name: str, *subs: dict[str, Any], kind: str = "and") -> dict[str, Any]:
    return {"name": name, "type": kind, kind: {f"{kind}_sub_policy": list(subs)}}


def none_of(sub: dict[str, Any], name: str = "not") -> dict[str, Any]:
    return {"name": name, "type": "not", "not": {"not_sub_policy": sub}}


def dynamic(**more: Any) -> dict[str, Any]:
    return policy(
        "ema_dynamic", "dynamic", goal_sampling_percentage=10, key_fields=["model"], adjustment_interval="1s", **more
    )


CHECKS_ITSELF: list[list[dict[str, Any]]] = [
    [ERRORS, share(10)],
    [share(10), ERRORS],
    [share(5), share(33.3, "q")],
    [SLOW, ERRORS, share(20), share(3, "q")],
    [all_of("some-errors", ERRORS, share(40)), share(10, "q")],
    [all_of("strictest", share(50), share(20, "q")), ERRORS],
    [all_of("some-good", none_of(ERRORS), share(15)), ERRORS],
    [all_of("some-good", none_of(ERRORS), share(15)), all_of("slow-errors", ERRORS, SLOW), share(4, "q")],
    [dynamic()],
    [dynamic(), ERRORS],
    [dynamic(), share(12)],
    [all_of("dynamic-slow", SLOW, dynamic()), share(5), ERRORS],
    [none_of(SLOW), share(25)],
    [share(10), policy("always_sample", "all")],
    [share(100)],
]
"""Lists of policies that leave nothing out: whatever is kept says what it stands for."""


def traces(draw: random.Random, head: str | None) -> Iterator[tuple[bytes, TraceFacts, str]]:
    """Of `TRACES` those that a sampler before us let through: trace id, facts, tracestate as it comes in."""
    threshold = threshold_of(0.3)
    for _ in range(TRACES):
        trace_id = draw.randbytes(16)
        facts = TraceFacts(
            span_count=1,
            status_mask=STATUS_ERROR if draw.random() < 0.1 else STATUS_UNSET,
            start_unix_nano=1,
            end_unix_nano=draw.randrange(10**9),
            values={0: {"rare" if draw.random() < 0.02 else "usual"}},
        )
        incoming = ""
        if head is not None:
            randomness = trace_id_randomness(trace_id) if head == "th" else draw.getrandbits(56)
            if randomness >= threshold:
                incoming = f"ot=th:{format_threshold(threshold)}"
                facts.head_sampled = head == "th"
                if head == "th and rv":
                    incoming += f";rv:{format_randomness(randomness)}"
                    facts.randomness = randomness
        yield trace_id, facts, incoming


def groups_of(facts: TraceFacts) -> list[str]:
    failed = ["failed"] if facts.status_mask & STATUS_ERROR else []
    (kind,) = (facts.values or {0: {""}})[0]
    return ["all", kind, *failed]


class Tally:
    """What kept traces add up to, and how far that may be from the truth."""

    def __init__(self) -> None:
        self.truth: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._variances: Counter[str] = Counter()

    def count(self, facts: TraceFacts, weight: float) -> None:
        for group in groups_of(facts):
            self._sums[group] += weight  # type: ignore[assignment]  # weights are fractions
            self._variances[group] += weight * (weight - 1)  # type: ignore[assignment]  # see above

    def check(self) -> None:
        """Within 4.5 standard errors."""
        for group, count in self.truth.items():
            error = abs(self._sums[group] - count)
            assert error <= 4.5 * math.sqrt(max(self._variances[group], 0)) + 1e-9 * count, group


@pytest.mark.parametrize("head", [None, "th", "th and rv"])
@pytest.mark.parametrize("policies", CHECKS_ITSELF)
def test_weighted_counts_are_unbiased(policies: list[dict[str, Any]], head: str | None) -> None:
    """Of all traces, of the failed ones, of a frequent and of a rare kind; alone, and behind a sampler at the head."""
    draw = random.Random(20261121)
    decider = Decider(section(*policies))
    tally = Tally()
    for number, (trace_id, facts, incoming) in enumerate(traces(draw, head)):
        tally.truth.update(groups_of(facts))
        if head is not None and not incoming:
            continue
        decision = decider.decide(trace_id, facts, number / 500)
        if decision.kept:
            threshold = read(compose(incoming, trace_id, decision.threshold, decision.randomness)).threshold
            assert threshold is not None
            tally.count(facts, adjusted_count(threshold))
    tally.check()


@pytest.mark.parametrize("dropped", [[none_of(ERRORS), none_of(SLOW, "not-slow")], [ERRORS], [SLOW, ERRORS]])
def test_what_is_dropped_by_rule_is_counted_by_nobody(dropped: list[dict[str, Any]]) -> None:
    """The others stand for themselves and for no dropped one."""
    draw = random.Random(4)
    decider = Decider(section(all_of("noise", *dropped, kind="drop"), share(20), SLOW))
    rule = Decider(section(all_of("noise", *dropped)))
    tally = Tally()
    for trace_id, facts, _ in traces(draw, None):
        decision = decider.decide(trace_id, facts)
        if rule.decide(trace_id, facts).kept:
            assert not decision.kept
            continue
        tally.truth.update(groups_of(facts))
        if decision.kept:
            assert decision.threshold is not None
            tally.count(facts, adjusted_count(decision.threshold))
    tally.check()


UNKNOWN: list[list[dict[str, Any]]] = [
    [policy("rate_limiting", "limit", spans_per_second=100)],
    [policy("bytes_limiting", "limit", bytes_per_second=100)],
    [policy("rate_limiting", "limit", spans_per_second=100), share(10)],
    [all_of("some", share(50), policy("rate_limiting", "limit", spans_per_second=100))],
    [policy("composite", "limit", max_total_spans_per_second=100, composite_sub_policy=[share(50), {**ERRORS}])],
    [policy("new_prompt", "new", traces=500)],
    [none_of(share(10))],
    [share(10), share(10, "q", hash_salt="another")],
    [all_of("noise", share(50), kind="drop"), share(80, "q")],
]
"""Lists of policies of which no threshold says with what probability they keep a trace."""


@pytest.mark.parametrize("policies", UNKNOWN)
def test_what_nobody_knows_is_not_claimed(policies: list[dict[str, Any]]) -> None:
    """No `th` of ours, and none that came in stays. A keeper by rule beside them settles it, but for chance that drops."""
    draw = random.Random(5)
    decider, with_rule = Decider(section(*policies)), Decider(section(*policies, SLOW | {"name": "by-rule"}))
    kept = 0
    for number, (trace_id, facts, _) in zip(range(1_000), traces(draw, None), strict=False):
        facts.system_prompts = {7}
        decision = decider.decide(trace_id, facts, number / 500)
        if decision.kept:
            kept += 1
            assert decision.threshold is None
            assert read(compose("ot=th:0", trace_id, decision.threshold, decision.randomness)).threshold is None
        by_rule = with_rule.decide(trace_id, facts, number / 500)
        if by_rule.by_rule and policies[0]["type"] != "drop":
            assert by_rule.threshold == 0
    assert kept > 50


@pytest.mark.parametrize("first_match", [False, True])
def test_keepers_by_rule_stand_for_themselves(first_match: bool) -> None:  # noqa: FBT001  # a test's parameter
    """Wherever they stand in the list, and whatever chance says beside them."""
    draw = random.Random(6)
    for policies in ([share(10), ERRORS], [ERRORS, share(10)], [UNKNOWN[0][0], ERRORS, dynamic()]):
        decider = Decider(section(*policies, sample_on_first_match=first_match))
        for _, (trace_id, facts, _) in zip(range(1_000), traces(draw, None), strict=False):
            if facts.status_mask & STATUS_ERROR:
                assert decider.decide(trace_id, facts).threshold == 0


@pytest.mark.parametrize("policies", [[ERRORS, share(10)], [ERRORS, dynamic()], [ERRORS, share(10), SLOW]])
def test_what_comes_late_leaves_the_counts_right(policies: list[dict[str, Any]]) -> None:
    """An error that comes after the decision brings back the dropped traces.

    Those like them that chance had kept count for all of them already: where chance had its say, what is brought back
    claims no count. Late spans of kept traces bear the stamp of the others.
    """
    first, second, late = _with_late_errors(policies)
    tally = Tally()
    for trace_id, facts in late.items():
        tally.truth.update(groups_of(facts))
        stamp = first.get(trace_id) or second.get(trace_id)
        if trace_id in first and trace_id in second:
            assert second[trace_id] == first[trace_id]
        if stamp is not None:
            threshold = read(compose("", trace_id, stamp.threshold, stamp.randomness)).threshold
            if threshold is not None:
                tally.count(facts, adjusted_count(threshold))
    assert second.keys() - first.keys()
    tally.check()


def test_what_comes_late_counts_where_nothing_was_left_to_chance() -> None:
    """All traces that fail late are brought back, and stand for themselves."""
    first, second, _ = _with_late_errors([ERRORS, SLOW])
    assert {stamp.threshold for stamp in (*first.values(), *second.values())} == {0}


def _with_late_errors(
    policies: list[dict[str, Any]],
) -> tuple[dict[bytes, Stamp], dict[bytes, Stamp], dict[bytes, TraceFacts]]:
    """Stamps of what was kept at first, stamps of what came late, and the traces as they were in the end."""
    draw = random.Random(8)
    of = section(*policies)
    books = TraceLedger(Decider(of).decide, of.waits())
    first: dict[bytes, Stamp] = {}
    second: dict[bytes, Stamp] = {}
    ended: dict[bytes, TraceFacts] = {}
    for number, (trace_id, facts, _) in enumerate(traces(draw, None)):
        books.add(number, {trace_id: replace(facts)}, number / 500)
        ended[trace_id] = facts
    for kept in books.due(1_000.0).kept.values():
        first.update(kept.stamps)
    for number, (trace_id, facts) in enumerate(ended.items(), TRACES):
        if draw.random() < 0.3:
            facts.status_mask |= STATUS_ERROR
            error = TraceFacts(1, STATUS_ERROR, 2, 3, values=facts.values)
            for kept in books.add(number, {trace_id: error}, 1_001.0).kept.values():
                second.update(kept.stamps)
    return first, second, ended


def test_the_next_sampler_draws_from_the_same_randomness() -> None:
    """A consistent sampler behind us at 1 % gets 1 % of the original traces, and `th` says so."""
    draw = random.Random(7)
    decider = Decider(section(share(10)))
    theirs = threshold_of(0.01)
    passed = 0
    for _ in range(2 * TRACES):
        trace_id = draw.randbytes(16)
        decision = decider.decide(trace_id, TraceFacts(span_count=1))
        if decision.kept:
            entry = read(compose("", trace_id, decision.threshold, decision.randomness))
            assert entry.randomness is not None
            passed += entry.randomness >= theirs
    assert abs(passed - 2 * TRACES * 0.01) < 4.5 * math.sqrt(2 * TRACES * 0.01)
