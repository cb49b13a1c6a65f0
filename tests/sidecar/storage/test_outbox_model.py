from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused
from sidecar.storage.disk_outbox import DiskOutbox
from sidecar.storage.interfaces import Decided, Done
from tests.support.outbox import Told, open_outbox, written

T = TypeVar("T")
EXPORTERS = ("a", "b", "c")
names = st.sampled_from(EXPORTERS)
trace_ids = st.lists(st.binary(min_size=16, max_size=16), max_size=3)


@dataclass
class Kept:
    """A batch as the model knows it."""

    signal: Signal
    items: int
    left: set[str]
    ends: dict[str, Delivered | Refused] = field(default_factory=dict)


class OutboxModel(RuleBasedStateMachine):
    """A list that remembers everything, and an outbox on disk that is closed and opened again and again.

    Payloads are unique. Some of them are larger than what the outbox keeps in memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        self.batches: dict[bytes, Kept] = {}
        self.handed_out: dict[str, dict[bytes, Batch]] = {name: {} for name in EXPORTERS}
        self.decided: list[Decided] = []
        self.decided_before: list[Decided] = []
        self.marks: list[Done] = []
        self.marks_before: list[Done] = []
        self.ends: list[tuple[bytes, dict[str, Delivered | Refused]]] = []
        self.put_so_far = 0

    def run(self, coroutine: Coroutine[None, None, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(coroutine, 10))

    @initialize(exporters=st.sets(names, min_size=1))
    def open(self, exporters: set[str]) -> None:
        self.exporters = sorted(exporters)
        self.told = Told()
        self.outbox: DiskOutbox = open_outbox(Path(self.directory.name), *self.exporters, told=self.told)
        self.outbox._recent._max_bytes = 50

    @rule(exporters=st.none() | st.sets(names, min_size=1))
    def reopen(self, exporters: set[str] | None) -> None:
        """With other exporters, or with the same."""
        self.run(self.outbox.close())
        self.handed_out = {name: {} for name in EXPORTERS}
        self.decided_before, self.marks_before = self.decided[:], self.marks[:]
        self.open(exporters or set(self.exporters))
        expected = dict.fromkeys(Signal, 0)
        for kept in self.batches.values():
            expected[kept.signal] += kept.items if kept.left & set(self.exporters) else 0
        assert self.outbox.waiting_items == expected

    @rule(
        contents=st.lists(st.tuples(st.sampled_from(Signal), st.integers(0, 60), st.integers(0, 9)), max_size=3),
        refs=st.lists(st.tuples(st.integers(0, 20), st.none() | trace_ids), max_size=2),
    )
    def put(self, contents: list[tuple[Signal, int, int]], refs: list[tuple[int, list[bytes] | None]]) -> None:
        batches = []
        for signal, size, items in contents:
            self.put_so_far += 1
            batches.append((signal, b"%d " % self.put_so_far + bytes(size), items))
        marks = [Done(ref, None if ids is None else tuple(ids)) for ref, ids in refs]
        self.run(self.outbox.put(batches, marks))
        self.marks += marks
        for signal, payload, items in batches:
            self.batches[payload] = Kept(signal, items, set(self.exporters))

    @rule(until=st.integers(0, 20), policy=st.text(max_size=3), ids=trace_ids)
    def decide(self, until: int, policy: str, ids: list[bytes]) -> None:
        decided = Decided(0, until, policy, None, ids)

        async def deciding() -> None:
            self.outbox.decide([decided], lambda: None)

        self.run(deciding())
        self.decided.append(decided)

    @rule(below_ref=st.integers(0, 20), before=st.integers(0, 20))
    def forget(self, below_ref: int, before: int) -> None:
        async def forgetting() -> None:
            self.outbox.forget(below_ref, before)
            await written(self.outbox)

        self.run(forgetting())
        for decided in (self.decided, self.decided_before):
            decided[:] = [each for each in decided if each.until_unix_nano >= before]
        for marks in (self.marks, self.marks_before):
            marks[:] = [each for each in marks if each.ref >= below_ref]

    def ready(self, name: str) -> list[bytes]:
        return [
            payload
            for payload, kept in self.batches.items()
            if name in kept.left and payload not in self.handed_out[name]
        ]

    @rule(data=st.data())
    def next(self, data: st.DataObject) -> None:
        """The oldest, or a wait that is given up."""
        name = data.draw(st.sampled_from(self.exporters))
        queue = self.outbox.queue(name)
        if self.ready(name):
            batch = self.run(queue.next())
            assert batch.payload == self.ready(name)[0]
            kept = self.batches[batch.payload]
            assert (batch.signal, batch.items) == (kept.signal, kept.items)
            self.handed_out[name][batch.payload] = batch
            return

        async def waits() -> bool:
            task = asyncio.ensure_future(queue.next())
            await asyncio.sleep(0)
            task.cancel()
            return task in (await asyncio.wait({task}))[0] and task.cancelled()

        assert self.run(waits())

    @precondition(lambda self: any(self.handed_out.values()))
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        name, batch = self._some_batch(data)
        self.outbox.queue(name).give_back(batch)

    @precondition(lambda self: any(self.handed_out.values()))
    @rule(data=st.data(), end=st.sampled_from([Delivered(), Delivered(2), Refused("no")]))
    def settle(self, data: st.DataObject, end: Delivered | Refused) -> None:
        name, batch = self._some_batch(data)

        async def settling() -> None:
            self.outbox.queue(name).settle(batch, end)

        self.run(settling())
        kept = self.batches[batch.payload]
        kept.left.discard(name)
        kept.ends[name] = end
        if not kept.left & set(self.exporters):
            assert self.told.ends.pop() == (batch.payload, kept.ends)
        if not kept.left:
            del self.batches[batch.payload]

    def _some_batch(self, data: st.DataObject) -> tuple[str, Batch]:
        out = sorted((name, payload) for name in self.exporters for payload in self.handed_out[name])
        name, payload = data.draw(st.sampled_from(out))
        return name, self.handed_out[name].pop(payload)

    @invariant()
    def it_counts_what_the_model_counts(self) -> None:
        if not hasattr(self, "outbox"):
            return
        for name in self.exporters:
            queue = self.outbox.queue(name)
            waiting = [payload for payload, kept in self.batches.items() if name in kept.left]
            assert (queue.waiting_batches, queue.waiting_bytes) == (len(waiting), sum(map(len, waiting)))
        for signal in Signal:
            assert self.outbox.waiting_items[signal] == sum(
                kept.items
                for kept in self.batches.values()
                if kept.signal is signal and kept.left & set(self.exporters)
            )
        assert not self.told.ends
        assert not self.told.damage
        assert not self.told.errors

    @rule(first=st.integers(0, 20), last=st.integers(0, 20))
    def ask(self, first: int, last: int) -> None:
        """What earlier processes left, and nothing of this one."""
        assert list(self.outbox.decisions()) == self.decided_before
        expected: dict[int, list[Done]] = {}
        for mark in self.marks_before:
            if first <= mark.ref <= last:
                expected.setdefault(mark.ref, []).append(mark)
        assert self.outbox.done(first, last) == expected

    def teardown(self) -> None:
        if hasattr(self, "outbox"):
            self.run(self.outbox.close())
        self.loop.close()
        self.directory.cleanup()


TestOutboxModel = OutboxModel.TestCase
TestOutboxModel.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
pytestmark = pytest.mark.timeout(240)
