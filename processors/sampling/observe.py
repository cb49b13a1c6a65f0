"""One pass over a request: the facts that the policies need, by trace. Nothing is copied, nothing is rewritten.

This is the hot path: it runs for every span that comes in. What an attribute key means to the policies is looked up
once per key and remembered, so that a key nobody asks for costs one dictionary look-up.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags

from processors.genai.links import MAX_ID_CHARS, MakeLink, link_maker, span_link
from processors.genai.matcher import MATCHER
from processors.genai.memo import KeyMemo
from processors.genai.roles import Role
from processors.genai.score_carriers import ReportFields, log_reports, span_reports
from processors.genai.scores import Score, is_evaluation_event, is_score_key, log_scores, span_scores
from processors.sampling import tracestate
from processors.sampling.facts import STATUS_UNSET, TraceFacts
from processors.sampling.plan import Plan, Predicate, Test, TextTest
from processors.sampling.section import SamplingSection
from processors.sampling.span_view import SpanView

if TYPE_CHECKING:
    from processors.prices.overrides import PriceOverride

_ZERO_TRACE_ID: Final = bytes(16)
_ZERO_SPAN_ID: Final = bytes(8)
_PARENT_IS_REMOTE: Final = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK
_SCALARS: Final = frozenset({"bool_value", "int_value", "double_value"})
_SAMPLED_FLAG: Final = 1
"""W3C Trace Context 2, 3.2.5.1."""
# Not `1 << code`: proto3 enums are open, and a code of two billion would make a number of that many bits.
_STATUS_BITS: Final = {0: 1 << 0, 1: 1 << 1, 2: 1 << 2}

_MAX_RESOURCE_LINKS: Final = 8
"""Each span of the resource has them: many on one resource would multiply."""


@dataclass(frozen=True, slots=True)
class Observed:
    facts: dict[bytes, TraceFacts]
    """By trace id."""
    rejected: int
    """Spans without a valid trace id or span id; they are in no trace's facts."""
    reports: list[ReportFields] = field(default_factory=list)
    """Scores of other traces than those of the spans that carry them."""


@dataclass(frozen=True, slots=True)
class ObservedLogs:
    facts: dict[bytes, TraceFacts]
    """By trace id."""
    follow: bool
    """Each record that names a trace waits with it; `TraceFacts.log_count` says how many."""
    unlinked: int
    """Records that name no trace."""
    reports: list[ReportFields] = field(default_factory=list)
    """Scores in records that name no trace, but a response or a session."""


class _More(NamedTuple):
    """What is read of the value of an attribute key beside the tests of policies."""

    is_score: bool
    is_step: bool = False
    """It says that the span is of a model, an agent or a tool: what scores may name."""
    link: MakeLink | None = None
    """Makes a link of the id in it."""
    wanted: bool = False
    """A test of whole spans looks at it."""
    slot: int | None = None
    """Of its values in the facts."""


_STEP: Final = _More(is_score=False, is_step=True)
"""Nothing else: most often so."""

_Tests: TypeAlias = tuple[tuple[int, Test], ...]
_Rest: TypeAlias = tuple[_Tests, _More | None]
_Reading: TypeAlias = tuple[int, Test | None, TextTest | None, _Rest | None]
"""Bit (0: none) and test of the first policy that asks about an attribute key; those of the others, and what else is
read of it. The first stands apart because most keys have no other, and a loop costs more than its test."""


class _OfResource(NamedTuple):
    matched: int
    failed: int
    links: list[int] | None
    values: list[tuple[int, str]] | None


class Observer:
    """Compiles the section once; holds no data of any request."""

    def __init__(self, section: SamplingSection, prices: Iterable[PriceOverride] = ()) -> None:
        """`prices`: `cost.prices` of the policy. Loads the price list if a policy asks for costs."""
        plan, _ = section.compile()
        if plan.calls is not None and plan.calls.reads_costs:
            from processors.prices.pricer import Pricer  # noqa: PLC0415  # 17 MB that only this needs

            plan.calls.price_of = Pricer(prices).priced
        self._plan = plan
        self._scores_bit = plan.scores_bit
        self._logs_follow = section.logs == "follow_trace"
        self._readings = KeyMemo(self._reading)
        self._tests: KeyMemo[_Tests] = KeyMemo(lambda key: tuple(map(_test_of, plan.predicates(key))))

    def traces(self, request: ExportTraceServiceRequest) -> Observed:  # noqa: PLR0915  # a call costs more than a step
        by_trace: dict[bytes, TraceFacts] = {}
        reports: list[ReportFields] = []
        rejected = 0
        readings = self._readings if self._plan.reads_attributes else None
        reads_scores = bool(self._scores_bit)
        reads_sizes = self._plan.reads_sizes
        flag_bit = self._plan.sampled_flag_bit
        looks = self._plan.looks_at_spans
        wanted: dict[str, AnyValue] = {}
        for group in request.resource_spans:
            matched, failed, links, values = self._of_resource(group.resource)
            for scope in group.scope_spans:
                view = SpanView(group, scope) if looks else None
                for span in scope.spans:
                    trace_id = span.trace_id
                    facts = by_trace.get(trace_id)
                    span_id = span.span_id
                    if facts is None:
                        if len(trace_id) != 16 or trace_id == _ZERO_TRACE_ID:
                            rejected += 1
                            continue
                        if len(span_id) != 8 or span_id == _ZERO_SPAN_ID:
                            rejected += 1
                            continue
                        facts = by_trace[trace_id] = TraceFacts()
                    elif len(span_id) != 8 or span_id == _ZERO_SPAN_ID:
                        rejected += 1
                        continue
                    facts.span_count += 1
                    if reads_sizes:
                        facts.span_bytes += span.ByteSize()
                    facts.status_mask |= _STATUS_BITS.get(span.status.code, STATUS_UNSET)
                    start = span.start_time_unix_nano
                    if 0 < start < facts.start_unix_nano:
                        facts.start_unix_nano = start
                    facts.end_unix_nano = max(facts.end_unix_nano, span.end_time_unix_nano)
                    if not facts.root_received:
                        parent = span.parent_span_id
                        if not parent or parent == _ZERO_SPAN_ID:
                            facts.root_received = True
                            if reads_scores:
                                facts.add_link(span_link(span_id))
                        elif span.flags & _PARENT_IS_REMOTE == _PARENT_IS_REMOTE:
                            facts.local_root = True
                    if span.trace_state:
                        self._read_tracestate(span.trace_state, facts)
                    if flag_bit and span.flags & _SAMPLED_FLAG:
                        facts.matched |= flag_bit
                    if readings is None:
                        continue
                    facts.matched |= matched
                    facts.failed |= failed
                    if links is not None:
                        facts.add_links(links)
                    if values is not None:
                        for slot, value in values:
                            facts.add_value(slot, value)
                    scored = is_step = False
                    seen = facts.matched
                    unseen = ~seen
                    for attribute in span.attributes:
                        reading = readings[attribute.key]
                        if reading is None:
                            continue
                        bit, test, text_test, rest = reading
                        if bit & unseen:
                            try:
                                if test(attribute.value) if test else text_test(attribute.value.string_value):  # type: ignore[misc]  # one of them is there
                                    seen |= bit
                            except Exception:  # noqa: BLE001  # one bad value; what cannot be decided is kept
                                facts.failed |= bit
                        if rest is None:
                            continue
                        others, more = rest
                        if others:
                            facts.matched = seen
                            _test(others, attribute.value, facts)
                            seen = facts.matched
                        if more is _STEP:
                            is_step = True
                        elif more is not None:
                            scored = scored or more.is_score
                            is_step = is_step or more.is_step
                            if more.wanted:
                                wanted.setdefault(attribute.key, attribute.value)
                            _read(more, attribute.value, facts)
                    facts.matched = seen
                    if is_step:
                        facts.add_link(span_link(span_id))
                    if view is not None:
                        view.show(span, wanted)
                        _look(self._plan, view, facts)
                        wanted = {}
                    if reads_scores:
                        for event in span.events:
                            scored = scored or is_evaluation_event(event.name)
                        if scored:
                            self._read_scores(span, scope.scope.name, facts, reports)
        return Observed(by_trace, rejected, reports)

    def _read_tracestate(self, trace_state: str, facts: TraceFacts) -> None:
        entry = tracestate.read(trace_state)
        facts.add_randomness(entry.randomness)
        if entry.threshold is not None and entry.randomness is None:
            facts.head_sampled = True
        for bit, test in self._plan.trace_states:
            if test(trace_state):
                facts.matched |= bit

    def _of_resource(self, resource: Resource) -> _OfResource:
        """What each span of the resource has from it."""
        facts = TraceFacts()
        if self._plan.reads_attributes:
            for attribute in resource.attributes:
                reading = self._readings[attribute.key]
                if reading is not None:
                    _test(self._tests[attribute.key], attribute.value, facts)
                    if reading[3] is not None and (more := reading[3][1]) is not None:
                        _read(more, attribute.value, facts)
        return _OfResource(
            facts.matched,
            facts.failed,
            None if facts.links is None else facts.links[:_MAX_RESOURCE_LINKS],
            None if facts.values is None else [(slot, each) for slot, of in facts.values.items() for each in of],
        )

    def logs(self, request: ExportLogsServiceRequest, *, follow: bool | None = None) -> ObservedLogs:
        """The scores in log records that name a trace, and where logs follow their traces, how many name each.

        `follow`: whatever the policy says now. `span_count` is 0 in all facts.
        """
        by_trace: dict[bytes, TraceFacts] = {}
        follow = self._logs_follow if follow is None else follow
        unlinked = 0
        reports: list[ReportFields] = []
        if not (self._scores_bit or follow):
            return ObservedLogs(by_trace, follow, unlinked)
        for group in request.resource_logs:
            for scope in group.scope_logs:
                for record in scope.log_records:
                    trace_id = record.trace_id
                    if len(trace_id) != 16 or trace_id == _ZERO_TRACE_ID:
                        unlinked += 1
                        if self._scores_bit:
                            _read_log_reports(record, reports)
                        continue
                    if follow:
                        by_trace.setdefault(trace_id, TraceFacts()).log_count += 1
                    if self._scores_bit:
                        self._read_log_score(record, by_trace)
        return ObservedLogs(by_trace, follow, unlinked, reports)

    def _read_log_score(self, record: LogRecord, by_trace: dict[bytes, TraceFacts]) -> None:
        failed = 0
        scores: list[Score] = []
        try:
            scores = log_scores(record)
        except Exception:  # noqa: BLE001  # one bad record; what cannot be decided is kept
            failed = self._scores_bit
        if scores or failed:
            facts = by_trace.setdefault(record.trace_id, TraceFacts())
            facts.failed |= failed
            facts.add_scores(scores)

    def _reading(self, key: str) -> _Reading | None:
        first, *others = self._plan.predicates(key) or (Predicate(0, bool),)
        is_score = bool(self._scores_bit) and is_score_key(key)
        link = link_maker(key) if self._scores_bit else None
        wanted = self._plan.wants(key)
        slot = self._plan.slot(key)
        more = None
        match = MATCHER.for_scope("").role(key) if self._scores_bit else None
        is_step = match is not None and match.role is Role.OP
        if is_score or is_step or link or wanted or slot is not None:
            more = _More(is_score, is_step, link, wanted, slot)
            more = _STEP if more == _STEP else more
        if more is None and not others:
            return (first.bit, first.test, first.text_test, None) if first.bit else None
        return first.bit, first.test, first.text_test, (tuple(map(_test_of, others)), more)

    def _read_scores(self, span: Span, scope: str, facts: TraceFacts, reports: list[ReportFields]) -> None:
        try:
            scores = span_scores(span)
            facts.add_scores(scores)
            reports += span_reports(span, scores, scope)
        except Exception:  # noqa: BLE001  # one bad span; what cannot be decided is kept
            facts.failed |= self._scores_bit


def _test_of(predicate: Predicate) -> tuple[int, Test]:
    text_test = predicate.text_test
    test = predicate.test if text_test is None else lambda value: text_test(value.string_value)
    assert test is not None  # noqa: S101  # one of them is there
    return predicate.bit, test


def _test(tests: _Tests, value: AnyValue, facts: TraceFacts) -> None:
    for bit, test in tests:
        try:
            if test(value):
                facts.matched |= bit
        except Exception:  # noqa: BLE001  # one bad value; what cannot be decided is kept
            facts.failed |= bit


def _read(more: _More, value: AnyValue, facts: TraceFacts) -> None:
    if more.link is not None:
        _link(more.link, value, facts)
    if more.slot is not None:
        _value(more.slot, value, facts)


def _look(plan: Plan, view: SpanView, facts: TraceFacts) -> None:
    for read, bit in plan.span_readers:
        try:
            read(view, facts)
        except Exception:  # noqa: BLE001  # one bad span; what cannot be decided is kept
            facts.failed |= bit
    for bit, test in plan.span_tests:
        try:
            if not facts.matched & bit and test(view):
                facts.matched |= bit
        except Exception:  # noqa: BLE001  # one bad span; what cannot be decided is kept
            facts.failed |= bit


def _value(slot: int, value: AnyValue, facts: TraceFacts) -> None:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        facts.add_value(slot, value.string_value)
    elif kind in _SCALARS:
        facts.add_value(slot, str(getattr(value, kind)))


def _read_log_reports(record: LogRecord, reports: list[ReportFields]) -> None:
    with suppress(Exception):  # one bad record
        reports += log_reports(record)


def _link(make: MakeLink, value: AnyValue, facts: TraceFacts) -> None:
    identifier = value.string_value
    if 0 < len(identifier) <= MAX_ID_CHARS:
        facts.add_link(make(identifier))
