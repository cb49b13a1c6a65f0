"""The vote of several policies that must all keep: `and` keeps by it, `drop` drops by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.plan import Plan
from processors.sampling.policies.base import KEEP, PASS, Evidence, Policy, Rule, Vote
from processors.sampling.policies.limit import LimitRule


@dataclass(frozen=True, slots=True)
class AllOf:
    subs: tuple[tuple[str, Rule], ...]

    @staticmethod
    def compile(policies: Sequence[Policy], plan: Plan) -> AllOf:
        return AllOf(tuple((policy.name, policy.compile(plan)) for policy in policies))

    @property
    def category(self) -> Category:
        return next((rule.category for _, rule in self.subs if rule.category != "default"), "default")

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:
        """A rule that says no settles it, whatever chance says and whatever else cannot be told.

        They are asked in order, and once one has said no, no budget is drawn upon.
        """
        draws: list[Vote] = []
        failure: Exception | None = None
        refused = False
        for _, rule in self.subs:
            if refused and isinstance(rule, LimitRule):
                continue
            try:
                vote = rule.vote(trace_id, facts)
            except Exception as error:  # noqa: BLE001  # another one may settle it; raised below if none does
                failure = error
                continue
            refused = refused or not vote.kept
            if not vote.certain:
                draws.append(vote)
            elif not vote.kept:
                return PASS
        if failure is not None:
            raise failure
        if not draws:
            return KEEP
        kept = all(vote.kept for vote in draws)
        thresholds = [vote.threshold for vote in draws if vote.threshold is not None]
        limited = any(vote.limited for vote in draws)
        numbers = {vote.randomness for vote in draws if vote.randomness is not None}
        same = len(numbers) == 1 and len(thresholds) == len(draws) and not limited
        # Held against one number, the strictest of them decides; two numbers make no threshold.
        return Vote(kept, max(thresholds) if same else None, next(iter(numbers), None), limited)

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:
        return {name: _view(rule, trace_id, facts) for name, rule in self.subs}


def _view(rule: Rule, trace_id: bytes, facts: TraceFacts) -> Evidence:
    try:
        return {"kept": rule.vote(trace_id, facts).kept, **rule.saw(trace_id, facts)}
    except Exception as error:  # noqa: BLE001  # for people: the name says enough
        return {"error": type(error).__name__}
