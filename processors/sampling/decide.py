"""Whether a trace is kept: the policies vote on its facts, and one vote to keep is enough.

A pure function of policy, trace id and facts, so that every replica, and this one after a restart, decides alike; but
for policies with a budget, which depends on what was kept before. A policy that cannot vote keeps the trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from processors.processor import Category, Stamp
from processors.sampling.facts import STATUS_ERROR, TraceFacts
from processors.sampling.policies.base import PASS, Evidence, Rule, Vote
from processors.sampling.section import SamplingSection

NO_POLICY_MATCHED: Final = "no_policy_matched"


@dataclass(frozen=True, slots=True)
class Decision:
    kept: bool
    policy: str
    """The first that kept the trace. Of a dropped trace: the `drop` policy that did it, else the first that sampled it
    out by chance, if there is one, else `no_policy_matched`."""
    by_rule: bool
    """Some policy keeps the trace whatever its randomness is and whatever was kept before, or could not tell."""
    threshold: int | None
    """56 bits, the lowest of the policies that kept the trace; None for a dropped trace, or where it is not known."""
    randomness: int | None
    """56 bits to write as `rv`; None where the trace id's own bits served."""
    category: Category
    errors: tuple[str, ...] = ()
    """Names of the policies that could not vote."""
    would: Literal["kept", "dropped"] | None = None
    """In a dry run, which keeps every trace: what would have become of it."""

    def stamp(self, *, late: bool = False) -> Stamp:
        """For a kept trace."""
        return Stamp(self.policy, self.threshold, self.randomness, self.category, late, self.would)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One policy's view of one trace, for people."""

    policy: str
    kept: bool
    saw: Evidence


@dataclass(frozen=True, slots=True)
class _Ballot:
    name: str
    rule: Rule
    chance: bool
    drops: bool


class Decider:
    def __init__(self, section: SamplingSection) -> None:
        plan, rules = section.compile()
        self._moment = plan.moment
        self._first_match = section.sample_on_first_match
        self._dry_run = section.mode == "dry_run"
        ballots = [_Ballot(policy.name, rule, policy.chance, policy.drops) for policy, rule in rules]
        self._ballots = sorted(ballots, key=lambda ballot: not ballot.drops)
        self._votes: Counter[str] = Counter()
        self._asks = [(ballot, ballot.rule.vote) for ballot in self._ballots]
        self._dropped_by = next((ballot.name for ballot in self._ballots if ballot.chance), NO_POLICY_MATCHED)
        # Nearly all traces: made once.
        self._dropped = Decision(False, self._dropped_by, False, None, None, "default")  # noqa: FBT003  # see the fields
        self._failed_and_dropped = replace(self._dropped, category="error")

    def decide(self, trace_id: bytes, facts: TraceFacts, now_s: float | None = 0.0) -> Decision:
        """`now_s`: any monotonic clock, for limits; None where a trace is looked at again, which no budget pays for."""
        decision = self._sampled(trace_id, facts, now_s)
        if not self._dry_run:
            return decision
        return replace(decision, kept=True, would="kept" if decision.kept else "dropped")

    def _sampled(self, trace_id: bytes, facts: TraceFacts, now_s: float | None) -> Decision:
        moment = self._moment
        moment.spends = now_s is not None
        if now_s is not None:
            moment.s = now_s
        said: list[tuple[_Ballot, Vote | None]] = []  # None: it could not vote
        for ballot, ask in self._asks:
            try:
                vote = ask(trace_id, facts)
            except Exception:  # noqa: BLE001  # whatever it was, the trace is kept and the policy reported
                said.append((ballot, None))
                continue
            if vote is PASS:
                continue
            said.append((ballot, vote))
            if vote.kept:
                self._votes[ballot.name] += 1
                if ballot.drops:
                    errors = tuple(ballot.name for ballot, vote in said if vote is None)
                    return Decision(False, ballot.name, False, None, None, "default", errors)  # noqa: FBT003  # see the fields
                if self._first_match:
                    moment.spends = False
        if not any(vote is None or vote.kept for _, vote in said):
            return self._failed_and_dropped if facts.status_mask & STATUS_ERROR else self._dropped
        return _counted(said, facts, self._dropped_by)

    def take_votes(self) -> Counter[str]:
        """In how many decisions each policy voted to keep (a `drop`: to drop) since this was last called."""
        votes, self._votes = self._votes, Counter()
        return votes

    def verdicts(self, trace_id: bytes, facts: TraceFacts) -> list[Verdict]:
        """What each policy saw and said, in order; for `--explain`. Draws on no budget."""
        self._moment.spends = False
        return [_verdict(ballot, trace_id, facts) for ballot in self._ballots]


def _counted(said: Sequence[tuple[_Ballot, Vote | None]], facts: TraceFacts, dropped_by: str) -> Decision:
    """The decision where some policy kept the trace or could not tell."""
    keepers = [(ballot, vote) for ballot, vote in said if vote is not None and vote.kept]
    draws = {vote.randomness for ballot, vote in said if vote and not ballot.drops and vote.randomness is not None}
    unable = [ballot for ballot, vote in said if vote is None]
    # By chance, or because nobody knows, some `drop` spared it: then no threshold says with what probability.
    spared = any(ballot.drops and (vote is None or not vote.certain) for ballot, vote in said)
    certain = not unable and all(
        vote.certain or (vote.threshold is not None and not vote.limited)
        for ballot, vote in said
        if vote is not None and not ballot.drops
    )
    first = next((ballot.name for ballot, vote in said if not ballot.drops and (vote is None or vote.kept)), "")
    return Decision(
        kept=bool(first),
        policy=first or dropped_by,
        by_rule=any(not ballot.drops for ballot in unable) or any(vote.certain for _, vote in keepers),
        threshold=None if spared else _threshold([vote for _, vote in keepers], draws, certain=certain),
        randomness=_to_write(draws, facts),
        category=_category([ballot.rule for ballot, _ in keepers], facts),
        errors=tuple(ballot.name for ballot in unable),
    )


def _threshold(votes: Sequence[Vote], draws: set[int], *, certain: bool) -> int | None:
    """The probability of being kept by any of the policies is that of the least strict one, if all drew one number.

    With different salts they drew different ones; what a failed policy would have said is anybody's guess; and no
    threshold says what `not` leaves of a share. Only a policy that keeps all its traces settles it then.
    """
    known = [vote.threshold for vote in votes if vote.threshold is not None]
    if 0 in known:
        return 0
    if not certain or len(draws) > 1 or len(known) < len(votes):
        return None
    return min(known, default=None)


def _to_write(draws: set[int], facts: TraceFacts) -> int | None:
    if facts.randomness is not None:
        return facts.randomness
    if facts.head_sampled or len(draws) != 1:
        return None
    return next(iter(draws))


def _category(rules: Sequence[Rule], facts: TraceFacts) -> Category:
    if facts.status_mask & STATUS_ERROR:
        return "error"
    return next((rule.category for rule in rules if rule.category != "default"), "default")


def _verdict(ballot: _Ballot, trace_id: bytes, facts: TraceFacts) -> Verdict:
    try:
        return Verdict(ballot.name, ballot.rule.vote(trace_id, facts).kept, ballot.rule.saw(trace_id, facts))
    except Exception as error:  # noqa: BLE001  # see Decider.decide
        return Verdict(ballot.name, kept=True, saw={"error": type(error).__name__})
