"""What the ledger holds of one trace. Most are decided and only remembered, for as long as something may come late:
`rest` makes such an entry half as large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from struct import Struct, pack, unpack_from
from struct import error as StructError  # noqa: N812  # it is a class
from typing import Final, TypeAlias

from processors.processor import Stamp
from processors.sampling.facts import TraceFacts

Part: TypeAlias = tuple[int, int, int]
"""What one record has of one trace: (record, spans, log records)."""


class State(Enum):
    WAITING = "waiting"
    KEPT = "kept"
    DROPPED = "dropped"


class Entry:
    """`facts` were gathered under the `rules` of that number; `opened` is when the first of it came."""

    __slots__ = ("_facts", "_parts", "deadline", "opened", "policy", "rules", "stamp", "state")

    def __init__(self, facts: TraceFacts, state: State, deadline: float, opened: float, rules: int) -> None:
        self._facts: TraceFacts | bytes = facts
        self._parts: list[int] | tuple[int, ...] = ()
        self.state = state
        self.deadline = deadline
        self.opened = opened
        self.rules = rules
        self.stamp: Stamp | None = None
        self.policy = ""

    @property
    def facts(self) -> TraceFacts:
        facts = self._facts
        if isinstance(facts, bytes):
            facts = self._facts = _unpacked(facts)
        return facts

    @facts.setter
    def facts(self, facts: TraceFacts) -> None:
        self._facts = facts

    @property
    def links(self) -> list[int] | None:
        """Those of `facts`."""
        return _links(self._facts) if isinstance(self._facts, bytes) else self._facts.links

    def parts(self) -> Iterator[Part]:
        """Not yet handed out."""
        numbers = iter(self._parts)
        return zip(numbers, numbers, numbers, strict=True)

    def add_part(self, ref: int, spans: int, logs: int) -> None:
        parts = self._parts
        if isinstance(parts, tuple):
            parts = self._parts = list(parts)
        parts += (ref, spans, logs)

    def items(self) -> tuple[int, int]:
        """Spans and log records in `parts`; there is mostly one."""
        parts = self._parts
        return (parts[1], parts[2]) if len(parts) == 3 else (sum(parts[1::3]), sum(parts[2::3]))

    def hand_out(self) -> Iterable[Part]:
        """`parts`, which are gone then."""
        parts = self.parts()
        self._parts = ()
        return parts

    def rest(self) -> None:
        """To be called once it is decided. What comes later is taken in as before."""
        self.deadline = self.opened = 0.0
        if len(self._parts) <= _FEW_NUMBERS:  # of many parts each late one would copy them all
            self._parts = tuple(self._parts)
        if isinstance(self._facts, TraceFacts):
            self._facts.condense()
            self._facts = _packed(self._facts)


_FEW_NUMBERS: Final = 24
_NUMBERS: Final = Struct("<IIQQQQQB")
_ROOT: Final = 1 << 3
_LOCAL_ROOT: Final = 1 << 4
_HEAD_SAMPLED: Final = 1 << 5
_STATUS: Final = _ROOT - 1


def _packed(facts: TraceFacts) -> TraceFacts | bytes:
    """The facts themselves, if there is more to them than a few numbers."""
    if (
        facts.scores is not None
        or facts.values is not None
        or facts.calls is not None
        or facts.steps is not None
        or facts.system_prompts is not None
        or facts.randomness is not None
    ):
        return facts
    flags = facts.root_received * _ROOT | facts.local_root * _LOCAL_ROOT | facts.head_sampled * _HEAD_SAMPLED
    links = facts.links
    try:
        numbers = _NUMBERS.pack(
            facts.span_count,
            facts.log_count,
            facts.span_bytes,
            facts.start_unix_nano,
            facts.end_unix_nano,
            facts.matched,
            facts.failed,
            facts.status_mask | flags,
        )
        return numbers + pack(f"<{len(links)}Q", *links) if links else numbers
    except StructError:
        return facts


def _links(packed: bytes) -> list[int] | None:
    count = (len(packed) - _NUMBERS.size) // 8
    return list(unpack_from(f"<{count}Q", packed, _NUMBERS.size)) if count else None


def _unpacked(packed: bytes) -> TraceFacts:
    spans, logs, span_bytes, start, end, matched, failed, flags = _NUMBERS.unpack_from(packed)
    return TraceFacts(
        span_count=spans,
        status_mask=flags & _STATUS,
        start_unix_nano=start,
        end_unix_nano=end,
        root_received=bool(flags & _ROOT),
        matched=matched,
        failed=failed,
        head_sampled=bool(flags & _HEAD_SAMPLED),
        links=_links(packed),
        log_count=logs,
        span_bytes=span_bytes,
        local_root=bool(flags & _LOCAL_ROOT),
    )
