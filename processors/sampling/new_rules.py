"""What waiting traces are to rules that are not in force yet, gathered while the old ones go on deciding.

    prepare_rules ──▶ list_records … ──▶ next_record, read_again … ──▶ replace_rules: `facts` and `late` go over
                        └── arrived, decided, forgotten: at any time ──┘

Invariants
 1. What a record shows of a trace is in `facts` once. A record that was there at the beginning is read again; one that
    came since was seen on arrival (`arrived`), and is not read again.
 2. Of a trace that was decided since the beginning nothing is read again, and what was gathered of it until then is
    thrown away: `facts` has of it only what came after its decision, which is also in `late`.
 3. What is to be read again is fixed at the beginning, and becomes less with every decision: what comes meanwhile,
    however much, does not keep it from ending.
 4. The rules in force see nothing of all this.

Pure: no clock, no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from processors.sampling.facts import TraceFacts


class NewRules:
    """`waiting`: traces, repeated ones too. `refs_of`: the records with spans of one, none if it does not wait."""

    def __init__(self, waiting: Iterable[bytes], refs_of: Callable[[bytes], Sequence[int]]) -> None:
        self.facts: dict[bytes, TraceFacts] = {}
        self.late: set[bytes] = set()
        """Decided traces for which something came since the beginning."""
        self._unlisted: Iterator[bytes] = iter(waiting)
        self._refs_of = refs_of
        self._records: dict[int, set[bytes]] = {}
        self._came: set[int] = set()
        self._decided: set[bytes] = set()

    def list_records(self, limit: int) -> bool:
        """Finds some `limit` records more. False: these were the last."""
        found = 0
        while found < limit:
            trace_id = next(self._unlisted, None)
            if trace_id is None:
                return False
            refs = [] if trace_id in self._decided else self._refs_of(trace_id)
            for ref in refs:
                if ref not in self._came:
                    self._records.setdefault(ref, set()).add(trace_id)
            found += 1 + len(refs)
        return True

    def next_record(self) -> tuple[int, set[bytes]] | None:
        """One that is to be read again, and for which traces; None if there is none. To be asked until then."""
        while self._records:
            # The newest first: the oldest are decided soonest, and may then be left out.
            ref, traces = self._records.popitem()
            traces -= self._decided
            if traces:
                return ref, traces
        return None

    def read_again(self, trace_id: bytes, seen: TraceFacts) -> None:
        """What the new rules see of one of the traces in the record that was asked for."""
        self._gather(trace_id, seen)

    def arrived(self, ref: int | None, facts: Mapping[bytes, TraceFacts]) -> None:
        """What the new rules see in a record that has just come into the ledger."""
        if ref is not None:
            self._came.add(ref)
        for trace_id, seen in facts.items():
            self._gather(trace_id, seen)

    def decided(self, trace_id: bytes) -> None:
        self._decided.add(trace_id)
        self.facts.pop(trace_id, None)

    def forgotten(self, trace_id: bytes) -> None:
        """Should it come again, it is another trace."""
        self.facts.pop(trace_id, None)
        self.late.discard(trace_id)

    def _gather(self, trace_id: bytes, seen: TraceFacts) -> None:
        gathered = self.facts.get(trace_id)
        if gathered is None:
            self.facts[trace_id] = seen
        else:
            gathered.merge(seen)
