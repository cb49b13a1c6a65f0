"""What the configured policies need to see of each span, so that nothing else is read.

`Observer` and `Decider` each compile the same section: policies ask for bits in the order they are listed, so both
sides agree on what a bit means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.score_rules import ScoreRules
from processors.sampling.call_reader import CallReader, CallTest
from processors.sampling.facts import TraceFacts
from processors.sampling.moment import Moment
from processors.sampling.span_view import SpanView
from processors.values import glob_regex

Test: TypeAlias = Callable[[AnyValue], bool]
TextTest: TypeAlias = Callable[[str], bool]
"""Of `AnyValue.string_value`, which is empty for a value of any other type."""
SpanTest: TypeAlias = Callable[[SpanView], bool]
SpanReader: TypeAlias = Callable[[SpanView, TraceFacts], None]
"""Adds to the facts what a policy needs to know of a span."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A bit of `TraceFacts.matched`, and what an attribute must pass to set it."""

    bit: int
    test: Test | None
    text_test: TextTest | None = None
    """Instead of `test`: one call less for each value."""


class Plan:
    def __init__(self, score_rules: ScoreRules | None = None) -> None:
        self._bits = 0
        self.score_rules = score_rules or ScoreRules()
        """What the scores of each metric mean."""
        self._by_key: dict[str, list[Predicate]] = {}
        self._by_glob: list[tuple[re.Pattern[str], Predicate]] = []
        self.sampled_flag_bit = 0
        """Set once a policy asks for spans with the W3C `sampled` flag."""
        self.trace_states: list[tuple[int, Callable[[str], bool]]] = []
        """Bits, and what a span's tracestate must pass to set them."""
        self.span_tests: list[tuple[int, SpanTest]] = []
        """Bits, and what a span as a whole must pass to set them."""
        self.span_readers: list[tuple[SpanReader, int]] = []
        self.span_keys: set[str] = set()
        """What `span_tests` want in `SpanView.attributes`."""
        self._slots: dict[str, int] = {}
        self.calls: CallReader | None = None
        """Once a policy asks for model calls."""
        self.reads_sizes = False
        """Whether some policy asks for `TraceFacts.span_bytes`."""
        self.moment = Moment()
        """Shared by the rules compiled with this plan."""
        self.scores_bit = 0
        """Set once a policy looks at scores; in `TraceFacts.failed` it means that some could not be read."""

    @property
    def reads_attributes(self) -> bool:
        return bool(self._by_key or self._by_glob or self.scores_bit or self.looks_at_spans or self._slots)

    def attribute(self, key: str, test: Test) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if `key` of any span or resource passes `test`."""
        predicate = Predicate(self._next_bit(), test)
        self._by_key.setdefault(key, []).append(predicate)
        return predicate.bit

    def text(self, key: str, test: TextTest) -> int:
        """As `attribute`, for what only looks at text."""
        predicate = Predicate(self._next_bit(), None, test)
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

    def value(self, key: str) -> int:
        """Asks for the values of an attribute key, of any span or resource; their place in `TraceFacts.values`."""
        return self._slots.setdefault(key, len(self._slots))

    def slot(self, key: str) -> int | None:
        """What `value` answered, if it was asked."""
        return self._slots.get(key)

    def sizes(self) -> None:
        """Asks for `TraceFacts.span_bytes`."""
        self.reads_sizes = True

    def sampled_flag(self) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if some span has the W3C `sampled` flag."""
        if not self.sampled_flag_bit:
            self.sampled_flag_bit = self._next_bit()
        return self.sampled_flag_bit

    def trace_state(self, test: Callable[[str], bool]) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if some span's tracestate, not empty, passes `test`."""
        self.trace_states.append((self._next_bit(), test))
        return self.trace_states[-1][0]

    def call_test(self, test: CallTest) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if some model call passes `test`."""
        bit = self._next_bit()
        self._read_calls().tests.append((bit, test))
        return bit

    def call_usage(self, *, costs: bool = False) -> int:
        """Asks for `TraceFacts.calls`; the bit is set in `TraceFacts.failed` where a call could not be read."""
        reader = self._read_calls()
        reader.reads_usage = True
        reader.reads_costs = reader.reads_costs or costs
        return self.span_reader(reader)

    def first_chunks(self) -> int:
        """Asks for `CallTotals.slowest_first_chunk_s`; the bit as above."""
        reader = self._read_calls()
        reader.reads_first_chunks = True
        return self.span_reader(reader)

    def _read_calls(self) -> CallReader:
        if self.calls is None:
            self.calls = CallReader()
            self.span_reader(self.calls)
        return self.calls

    @property
    def looks_at_spans(self) -> bool:
        return bool(self.span_tests or self.span_readers)

    def span_reader(self, read: SpanReader) -> int:
        """Asks for `read` to be called with every span. The bit that is returned is set in `TraceFacts.failed` where it
        raised. Equal readers are called once.
        """
        for known, bit in self.span_readers:
            if known == read:
                return bit
        self.span_readers.append((read, self._next_bit()))
        return self.span_readers[-1][1]

    def wants(self, key: str) -> bool:
        """Whether the attribute belongs into `SpanView.attributes`."""
        return key in self.span_keys

    def span_test(self, test: SpanTest, keys: Iterable[str]) -> int:
        """Asks for a bit in `TraceFacts.matched`: set if some span passes `test`, which needs attributes with `keys`."""
        self.span_tests.append((self._next_bit(), test))
        self.span_keys.update(keys)
        return self.span_tests[-1][0]

    def predicates(self, key: str) -> tuple[Predicate, ...]:
        globbed = (predicate for pattern, predicate in self._by_glob if pattern.match(key))
        return (*self._by_key.get(key, ()), *globbed)

    def _next_bit(self) -> int:
        self._bits += 1
        return 1 << (self._bits - 1)
