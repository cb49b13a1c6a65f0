"""The outbox in memory: nothing of it is left after the process, so it remembers no decisions for the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from processors.otlp.signal import Signal
from sidecar.storage.interfaces import Decided, Done, OnDone
from sidecar.storage.queues import Queues, Takes, Waiting


class MemoryOutbox(Queues):
    """`max_bytes` by exporter name. A queue takes batches until it is over its limit, never refuses one half-way."""

    def __init__(self, max_bytes: Mapping[str, int], on_done: OnDone, takes: Takes | None = None) -> None:
        super().__init__(max_bytes, on_done, takes)
        self._payloads: dict[int, bytes] = {}
        self._next_id = 0
        self._used_bytes = 0

    async def put(self, batches: Sequence[tuple[Signal, bytes, int]], done: Sequence[Done]) -> None:  # noqa: ARG002  # nobody will ask
        for signal, payload, items in batches:
            self._payloads[self._next_id] = payload
            self._used_bytes += len(payload)
            self.add([Waiting(self._next_id, signal, items, len(payload), self.takers[signal])])
            self._next_id += 1

    async def payload(self, waiting: Waiting) -> bytes | None:
        return self._payloads[waiting.id]

    def settled(self, waiting: Waiting) -> None:
        if not waiting.left:
            self._used_bytes -= len(self._payloads.pop(waiting.id))

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    def decide(self, decided: Iterable[Decided], written: Callable[[], None]) -> None:
        del decided
        written()

    def decisions(self) -> Iterator[Decided]:
        return iter(())

    def done(self, first_ref: int, last_ref: int) -> Mapping[int, Sequence[Done]]:  # noqa: ARG002  # there was no earlier process
        return {}

    def forget(self, below_ref: int, before_unix_nano: int) -> None: ...

    async def close(self) -> None: ...
