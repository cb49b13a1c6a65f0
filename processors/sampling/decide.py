"""Whether a trace is kept: the policies vote on its facts, and one vote to keep is enough.

A pure function of policy, trace id and facts, so that every replica, and this one after a restart, decides alike.
A policy that cannot vote keeps the trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from processors.processor import Category, Stamp
from processors.sampling.facts import STATUS_ERROR, TraceFacts
from processors.sampling.policies.base import Evidence, Rule, Vote
from processors.sampling.section import SamplingSection

NO_POLICY_MATCHED: Final = "no_policy_matched"


@dataclass(frozen=True, slots=True)
class Decision:
    kept: bool
    policy: str
    """The first that kept the trace. Of a dropped trace: the `drop` policy that did it, else the first that sampled it
    out by chance, if there is one, else `no_policy_matched`."""
    by_rule: bool
    """Some policy keeps the trace whatever its randomness is, or could not tell."""
    threshold: int | None
    """56 bits, the lowest of the policies that kept the trace; None for a dropped trace, or where it is not known."""
    randomness: int | None
    """56 bits to write as `rv`; None where the trace id's own bits served."""
    category: Category
    errors: tuple[str, ...] = ()
    """Names of the policies that could not vote."""

    def stamp(self, *, late: bool = False) -> Stamp:
        """For a kept trace."""
        return Stamp(self.policy, self.threshold, self.randomness, self.category, late)


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
        _, rules = section.compile()
        ballots = [_Ballot(policy.name, rule, policy.chance, policy.drops) for policy, rule in rules]
        self._ballots = sorted(ballots, key=lambda ballot: not ballot.drops)
        self._dropped_by = next((ballot.name for ballot in self._ballots if ballot.chance), NO_POLICY_MATCHED)

    def decide(self, trace_id: bytes, facts: TraceFacts) -> Decision:
        keepers: list[tuple[_Ballot, Vote]] = []
        errors: list[str] = []
        draws: set[int] = set()
        certain = True
        undecided = False
        spared = False  # by chance, or because nobody knows: then no threshold says with what probability
        first = ""
        for ballot in self._ballots:
            try:
                vote = ballot.rule.vote(trace_id, facts)
            except Exception:  # noqa: BLE001  # whatever it was, the trace is kept and the policy reported
                errors.append(ballot.name)
                certain = False
                if ballot.drops:
                    spared = True
                else:
                    first = first or ballot.name
                    undecided = True
                continue
            if ballot.drops:
                if vote.kept:
                    return Decision(False, ballot.name, False, None, None, "default", tuple(errors))  # noqa: FBT003  # see the fields
                spared = spared or vote.randomness is not None
                continue
            if vote.randomness is not None:
                draws.add(vote.randomness)
                certain = certain and vote.threshold is not None
            if vote.kept:
                keepers.append((ballot, vote))
                first = first or ballot.name
        return Decision(
            kept=bool(first),
            policy=first or self._dropped_by,
            by_rule=undecided or any(vote.randomness is None for _, vote in keepers),
            threshold=None if spared else _threshold([vote for _, vote in keepers], draws, certain=certain),
            randomness=_to_write(draws, facts),
            category=_category([ballot.rule for ballot, _ in keepers], facts),
            errors=tuple(errors),
        )

    def verdicts(self, trace_id: bytes, facts: TraceFacts) -> list[Verdict]:
        """What each policy saw and said, in order; for `--explain`."""
        return [_verdict(ballot, trace_id, facts) for ballot in self._ballots]


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
