"""The sampling rules in force, and how others take their place while traces wait.

                     replace                      all is observed
    the old in force ───────▶ the new are prepared ─────────────▶ the new in force
            ▲                          │
            └── an error, a later replace, the end ┘

Invariants
 1. Up to the switch everything is decided by the old rules on what they observed, from it on by the new ones on what
    they observed. It is one step, in one turn of the loop, so between two rounds of decisions.
 2. What a record shows of a waiting trace is observed by the new rules once: from the journal if it was there when
    they began to be prepared, on arrival if it came since (`processors/sampling/new_rules.py`).
 3. Preparing gives the loop back after `_STRETCH_S` or `_SPANS_AT_A_STRETCH`, a single request being the least it does.
 4. Whatever fails in preparing costs the preparing alone: what arrives is accepted, and the old rules stay.
 5. One at a time is prepared. A later one makes the earlier give up, unless that is in force already.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.prices.overrides import PriceOverride
from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from processors.sampling.ledger import TraceLedger
from processors.sampling.observe import Observed, ObservedLogs, Observer
from processors.sampling.round import Round
from processors.sampling.section import SamplingSection
from sidecar.clock import Clock
from sidecar.storage.interfaces import Journal

_STRETCH_S: Final = 0.005
_SPANS_AT_A_STRETCH: Final = 250
_TRACES_AT_A_STRETCH: Final = 250
_RECORDS_AT_A_STRETCH: Final = 1_000

New = Mapping[bytes, TraceFacts]
"""What the rules that are prepared see in a request, by trace: for `TraceLedger.add`."""
_NOTHING: Final[New] = {}
_NOTHING_LEFT: Final = True


@dataclass(frozen=True, slots=True)
class Rules:
    """Made once for a section, and never changed."""

    section: SamplingSection
    prices: tuple[PriceOverride, ...]
    observer: Observer
    decider: Decider

    @classmethod
    def make(cls, section: SamplingSection, prices: Sequence[PriceOverride] = ()) -> Rules:
        """With `enabled: false` every trace is kept, without a wait. May load the price list."""
        return cls(section, tuple(prices), Observer(_effective(section), prices), Decider(_effective(section)))


class SamplingRules:
    """`take` books what came of a round; `votes` is told what the policies of rules that leave have said."""

    def __init__(
        self, section: SamplingSection, prices: Sequence[PriceOverride], *, journal: Journal, clock: Clock,
        take: Callable[[Round], None], votes: Callable[[Counter[str]], None],
    ) -> None:  # fmt: skip
        self._rules = Rules.make(section, prices)
        self._new: Rules | None = None
        self._failed: Exception | None = None
        self._journal = journal
        self._clock = clock
        self._take = take
        self._votes = votes
        self._asked = 0
        self._ended = False
        self._one_at_a_time = asyncio.Lock()
        self.turn = asyncio.Lock()
        """Held over a stretch of work and the turn of the loop that follows: two stretches never fall in one turn."""
        self.ledger = TraceLedger(self._rules.decider.decide, _effective(section).waits())

    @property
    def observer(self) -> Observer:
        """Of the rules in force."""
        return self._rules.observer

    @property
    def late_window_ns(self) -> int:
        return round(self._rules.section.late_window * 1e9)

    def count_votes(self) -> None:
        self._votes(self._rules.decider.take_votes())

    # ── what arrives ───────────────────────────────────────────────────────────────────────────────────────

    def traces(self, request: ExportTraceServiceRequest) -> tuple[Observed, New]:
        observed = self._rules.observer.traces(request)
        if self._new is None:
            return observed, _NOTHING
        try:
            seen = self._new.observer.traces(request)
        except Exception as error:  # noqa: BLE001  # the client must not pay for it: see invariant 4
            self._fail(error)
            return observed, _NOTHING
        _share(seen.facts, observed.facts)
        return Observed(observed.facts, observed.rejected, observed.reports or seen.reports), seen.facts

    def logs(self, request: ExportLogsServiceRequest) -> tuple[ObservedLogs, New]:
        """Whether they follow their traces is up to the rules in force."""
        observed = self._rules.observer.logs(request)
        if self._new is None:
            return observed, _NOTHING
        try:
            seen = self._new.observer.logs(request, follow=observed.follow)
        except Exception as error:  # noqa: BLE001  # as above
            self._fail(error)
            return observed, _NOTHING
        _share(seen.facts, observed.facts)
        reports = observed.reports or seen.reports
        return ObservedLogs(observed.facts, observed.follow, observed.unlinked, reports), seen.facts

    # ── others ─────────────────────────────────────────────────────────────────────────────────────────────

    async def replace(self, section: SamplingSection, prices: Sequence[PriceOverride] = ()) -> bool:
        """Returns once these rules are in force: True; or given up for later ones or for the end: False.

        Raises whatever making them, or observing by them, raises: the old rules stay.
        """
        self._asked += 1
        turn = self._asked
        async with self._one_at_a_time:
            if self._is_over(turn):
                return False
            if (section, tuple(prices)) == (self._rules.section, self._rules.prices):
                return True  # budgets and rates would begin anew for no change of theirs
            # In a thread, for the price list takes longer than receivers may wait.
            rules = await asyncio.to_thread(Rules.make, section, prices)
            self._failed = None
            stretches = self._prepare(rules)
            try:
                while True:
                    async with self.turn:
                        if self._is_over(turn):
                            return False
                        if self._failed is not None:
                            raise self._failed
                        if next(stretches, _NOTHING_LEFT):
                            self._switch(rules)
                            break
                        await asyncio.sleep(0)
            finally:
                self._give_up()
            while self.ledger.in_doubt:
                async with self.turn:
                    self._take(self.ledger.review(_TRACES_AT_A_STRETCH))
                    await asyncio.sleep(0)
            return True

    def end(self) -> None:
        """Nothing is replaced any more: what waits is about to be decided by the rules in force."""
        self._ended = True
        self._give_up()

    def _is_over(self, turn: int) -> bool:
        return self._ended or turn != self._asked

    def _prepare(self, rules: Rules) -> Iterator[None]:
        """A stretch a step; the last one ends it: nothing is left to be observed."""
        waiting = self.ledger.prepare_rules()
        self._new = rules
        while waiting.list_records(_RECORDS_AT_A_STRETCH):
            yield
        began, spans = self._clock.monotonic(), 0
        while (record := waiting.next_record()) is not None:
            spans += self._observe_anew(rules, *record)
            if spans >= _SPANS_AT_A_STRETCH or self._clock.monotonic() - began >= _STRETCH_S:
                yield
                began, spans = self._clock.monotonic(), 0

    def _observe_anew(self, rules: Rules, ref: int, traces: set[bytes]) -> int:
        """The spans that the record had."""
        raw = self._journal.read(ref)
        if raw is None:
            return 1
        facts = rules.observer.traces(ExportTraceServiceRequest.FromString(raw)).facts
        for trace_id in traces & facts.keys():
            self.ledger.observed_anew(trace_id, facts[trace_id])
        return sum(seen.span_count for seen in facts.values())

    def _switch(self, rules: Rules) -> None:
        self.count_votes()
        self._rules = rules
        self.ledger.replace_rules(rules.decider.decide, _effective(rules.section).waits())

    def _fail(self, error: Exception) -> None:
        self._failed = error
        self._give_up()

    def _give_up(self) -> None:
        self._new = None
        self.ledger.give_up_rules()


def _share(seen: New, observed: dict[bytes, TraceFacts]) -> None:
    """Scores and links are no matter of rules: the trace has them, whichever saw them."""
    for trace_id, facts in seen.items():
        of_trace = observed.get(trace_id)
        if of_trace is None:
            of_trace = observed[trace_id] = TraceFacts()
        of_trace.add_scores(facts.scores)
        of_trace.add_links(facts.links or ())


def _effective(sampling: SamplingSection) -> SamplingSection:
    if sampling.enabled:
        return sampling
    return SamplingSection.model_validate(
        {
            "decision_wait": "0",
            "late_window": sampling.late_window and f"{sampling.late_window}s",
            "policies": [{"name": "sampling_disabled", "type": "always_sample"}],
        }
    )
