"""One pass over a request: the facts that the policies need, by trace. Nothing is copied, nothing is rewritten.

This is the hot path: it runs for every span that comes in. What an attribute key means to the policies is looked up
once per key and remembered, so that a key nobody asks for costs one dictionary look-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags

from processors.genai.links import MAX_ID_CHARS, MakeLink, link_maker
from processors.genai.memo import KeyMemo
from processors.genai.scores import EVALUATION_EVENT, is_score_key, log_score, span_scores
from processors.sampling import tracestate
from processors.sampling.facts import STATUS_UNSET, TraceFacts
from processors.sampling.plan import Predicate
from processors.sampling.section import SamplingSection

_ZERO_TRACE_ID: Final = bytes(16)
_ZERO_SPAN_ID: Final = bytes(8)
_PARENT_IS_REMOTE: Final = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK
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


class _Reading(NamedTuple):
    """How to read the value of an attribute key."""

    predicates: tuple[Predicate, ...]
    is_score: bool
    link: MakeLink | None = None
    """Makes a link of the id in it."""


class Observer:
    """Compiles the section once; holds no data of any request."""

    def __init__(self, section: SamplingSection) -> None:
        plan, _ = section.compile()
        self._plan = plan
        self._scores_bit = plan.scores_bit
        self._readings = KeyMemo(self._reading)

    def traces(self, request: ExportTraceServiceRequest) -> Observed:
        by_trace: dict[bytes, TraceFacts] = {}
        rejected = 0
        readings = self._readings if self._plan.reads_attributes else None
        reads_scores = bool(self._scores_bit)
        flag_bit = self._plan.sampled_flag_bit
        for group in request.resource_spans:
            matched, failed, links = self._of_resource(group.resource)
            for scope in group.scope_spans:
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
                    facts.status_mask |= _STATUS_BITS.get(span.status.code, STATUS_UNSET)
                    start = span.start_time_unix_nano
                    if 0 < start < facts.start_unix_nano:
                        facts.start_unix_nano = start
                    facts.end_unix_nano = max(facts.end_unix_nano, span.end_time_unix_nano)
                    if not facts.root_received:
                        parent = span.parent_span_id
                        facts.root_received = (
                            not parent or parent == _ZERO_SPAN_ID or span.flags & _PARENT_IS_REMOTE == _PARENT_IS_REMOTE
                        )
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
                    scored = False
                    for attribute in span.attributes:
                        reading = readings[attribute.key]
                        if reading is not None:
                            scored = scored or reading.is_score
                            if reading.link is not None:
                                _link(reading.link, attribute.value, facts)
                            _test(reading, attribute.value, facts)
                    if reads_scores:
                        for event in span.events:
                            scored = scored or event.name == EVALUATION_EVENT
                        if scored:
                            self._read_scores(span, facts)
        return Observed(by_trace, rejected)

    def _read_tracestate(self, trace_state: str, facts: TraceFacts) -> None:
        entry = tracestate.read(trace_state)
        facts.add_randomness(entry.randomness)
        if entry.threshold is not None and entry.randomness is None:
            facts.head_sampled = True
        for bit, test in self._plan.trace_states:
            if test(trace_state):
                facts.matched |= bit

    def _of_resource(self, resource: Resource) -> tuple[int, int, list[int] | None]:
        """What each span of the resource has from it: bits matched, bits failed, links."""
        facts = TraceFacts()
        if self._plan.reads_attributes:
            for attribute in resource.attributes:
                reading = self._readings[attribute.key]
                if reading is not None:
                    if reading.link is not None:
                        _link(reading.link, attribute.value, facts)
                    _test(reading, attribute.value, facts)
        return facts.matched, facts.failed, None if facts.links is None else facts.links[:_MAX_RESOURCE_LINKS]

    def logs(self, request: ExportLogsServiceRequest) -> dict[bytes, TraceFacts]:
        """The scores in log records that name a trace, by trace id; `span_count` is 0 in all of them."""
        by_trace: dict[bytes, TraceFacts] = {}
        if not self._scores_bit:
            return by_trace
        for group in request.resource_logs:
            for scope in group.scope_logs:
                for record in scope.log_records:
                    trace_id = record.trace_id
                    if len(trace_id) != 16 or trace_id == _ZERO_TRACE_ID:
                        continue
                    failed = 0
                    score = None
                    try:
                        score = log_score(record)
                    except Exception:  # noqa: BLE001  # one bad record; what cannot be decided is kept
                        failed = self._scores_bit
                    if score is not None or failed:
                        facts = by_trace.setdefault(trace_id, TraceFacts())
                        facts.failed |= failed
                        facts.add_scores([score] if score is not None else None)
        return by_trace

    def _reading(self, key: str) -> _Reading | None:
        predicates = self._plan.predicates(key)
        is_score = bool(self._scores_bit) and is_score_key(key)
        link = link_maker(key) if self._scores_bit else None
        return _Reading(predicates, is_score, link) if predicates or is_score or link else None

    def _read_scores(self, span: Span, facts: TraceFacts) -> None:
        try:
            facts.add_scores(span_scores(span))
        except Exception:  # noqa: BLE001  # one bad span; what cannot be decided is kept
            facts.failed |= self._scores_bit


def _test(reading: _Reading, value: AnyValue, facts: TraceFacts) -> None:
    for predicate in reading.predicates:
        try:
            if not facts.matched & predicate.bit and predicate.test(value):
                facts.matched |= predicate.bit
        except Exception:  # noqa: BLE001  # one bad value; what cannot be decided is kept
            facts.failed |= predicate.bit


def _link(make: MakeLink, value: AnyValue, facts: TraceFacts) -> None:
    identifier = value.string_value
    if 0 < len(identifier) <= MAX_ID_CHARS:
        facts.add_link(make(identifier))
