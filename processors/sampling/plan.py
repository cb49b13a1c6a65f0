"""What the configured policies need to see of each span, so that nothing else is read.

`Observer` and `Decider` each compile the same section: policies ask for bits in the order they are listed, so both
sides agree on what a bit means.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.values import glob_regex

Test: TypeAlias = Callable[[AnyValue], bool]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A bit of `TraceFacts.matched`, and what an attribute must pass to set it."""

    bit: int
    test: Test


class Plan:
    def __init__(self) -> None:
        self._bits = 0
        self._by_key: dict[str, list[Predicate]] = {}
        self._by_glob: list[tuple[re.Pattern[str], Predicate]] = []
        self.sampled_flag_bit = 0
        """Set once a policy asks for spans with the W3C `sampled` flag."""
        self.trace_states: list[tuple[int, Callable[[str], bool]]] = []
        """Bits, and what a span's tracestate must pass to set them."""
        self.scores_bit = 0
        """Set once a policy looks at scores; in `TraceFacts.failed` it means that some could not be read."""

    @property
    def reads_attributes(self) -> bool:
        return bool(self._by_key or self._by_glob or self.scores_bit)

    def attribute(self, key: str, test: Test) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if `key` of any span or resource passes `test`."""
        predicate = Predicate(self._next_bit(), test)
        self._by_key.setdefault(key, []).append(predicate)
        return predicate.bit

    def attributes(self, globs: tuple[str, ...], test: Test) -> int:
        """As `attribute`, for every key that one of the globs matches. Raises ValueError for no globs."""
        pattern = glob_regex(globs)
        if pattern is None:
            raise ValueError("no globs")
        predicate = Predicate(self._next_bit(), test)
        self._by_glob.append((pattern, predicate))
        return predicate.bit

    def scores(self) -> int:
        """Asks for `TraceFacts.scores`."""
        if not self.scores_bit:
            self.scores_bit = self._next_bit()
        return self.scores_bit

    def sampled_flag(self) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if some span has the W3C `sampled` flag."""
        if not self.sampled_flag_bit:
            self.sampled_flag_bit = self._next_bit()
        return self.sampled_flag_bit

    def trace_state(self, test: Callable[[str], bool]) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if some span's tracestate, not empty, passes `test`."""
        self.trace_states.append((self._next_bit(), test))
        return self.trace_states[-1][0]

    def predicates(self, key: str) -> tuple[Predicate, ...]:
        globbed = (predicate for pattern, predicate in self._by_glob if pattern.match(key))
        return (*self._by_key.get(key, ()), *globbed)

    def _next_bit(self) -> int:
        self._bits += 1
        return 1 << (self._bits - 1)
