from __future__ import annotations

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.links import MAX_ID_CHARS, response_link, session_link, span_link
from processors.genai.scores import Score
from processors.sampling import observe as module
from processors.sampling.facts import STATUS_ERROR, STATUS_OK, STATUS_UNSET, TraceFacts
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from processors.sampling.span_view import SpanView
from tests.processors.sampling.build import (
    OTHER_TRACE_ID,
    PARENT_ID,
    SPAN_ID,
    TRACE_ID,
    any_value,
    decide,
    log,
    logs,
    observe,
    policy,
    request,
    section,
    span,
)

PLAIN = section(policy("always_sample"))
SCORE = "gen_ai.evaluation.score.value"


def test_facts_of_a_trace() -> None:
    """Spans counted, statuses collected, first start and last end."""
    facts = observe(PLAIN, span(start=50, end=70), span(status=2, start=20, end=30), span(OTHER_TRACE_ID, end=900))
    assert facts == TraceFacts(
        span_count=2, status_mask=STATUS_UNSET | STATUS_ERROR, start_unix_nano=20, end_unix_nano=70
    )


def test_traces_are_told_apart() -> None:
    """Each trace has its own facts, wherever in the request its spans lie."""
    whole = ExportTraceServiceRequest()
    whole.MergeFrom(request(span(), span(OTHER_TRACE_ID, status=1)))
    whole.MergeFrom(request(span()))
    facts = Observer(PLAIN).traces(whole).facts
    assert {trace_id: each.span_count for trace_id, each in facts.items()} == {TRACE_ID: 2, OTHER_TRACE_ID: 1}
    assert facts[OTHER_TRACE_ID].status_mask == STATUS_OK


@pytest.mark.parametrize("trace_id", [b"", b"\x01" * 15, b"\x01" * 17, bytes(16)])
def test_invalid_trace_ids_are_rejected(trace_id: bytes) -> None:
    """They are counted and in no trace; their neighbours are fine."""
    observed = Observer(PLAIN).traces(request(span(trace_id), span()))
    assert observed.rejected == 1
    assert set(observed.facts) == {TRACE_ID}


@pytest.mark.parametrize("span_id", [b"", b"\x01" * 7, b"\x01" * 9, bytes(8)])
def test_invalid_span_ids_are_rejected(span_id: bytes) -> None:
    """First in its trace or later, such a span is counted as rejected and not as a span."""
    observed = Observer(PLAIN).traces(request(span(span_id=span_id), span(), span(span_id=span_id)))
    assert observed.rejected == 2
    assert observed.facts[TRACE_ID].span_count == 1
    alone = Observer(PLAIN).traces(request(span(span_id=span_id)))
    assert (alone.rejected, alone.facts) == (1, {})


@pytest.mark.parametrize(
    ("parent", "flags", "root"),
    [
        (b"", 0, "root"),
        (bytes(8), 0, "root"),
        (PARENT_ID, 0, ""),
        (PARENT_ID, 0x100, ""),
        (PARENT_ID, 0x200, ""),
        (PARENT_ID, 0x301, "local"),
    ],
)
def test_roots(parent: bytes, flags: int, root: str) -> None:
    """No parent; or a parent that is known to be remote, and then it is the root of what can be seen here."""
    facts = observe(PLAIN, span(parent=parent, flags=flags), span())
    assert (facts.root_received, facts.local_root) == (root == "root", root == "local")


@pytest.mark.parametrize("status", [3, 2_000_000_000, -1])
def test_unknown_status_codes_count_as_unset(status: int) -> None:
    """Enums are open: a number from the future, or from an attacker, costs nothing."""
    assert observe(PLAIN, span(status=status)).status_mask == STATUS_UNSET


def test_missing_times_are_ignored() -> None:
    """A start of 0 means unknown, not 1970."""
    facts = observe(PLAIN, span(start=0, end=0), span(start=7, end=9))
    assert (facts.start_unix_nano, facts.end_unix_nano) == (7, 9)


def test_tracestate() -> None:
    """An rv is the trace's randomness; a th without one says that the trace id's bits were."""
    assert observe(PLAIN, span(trace_state="ot=rv:00000000000005;th:0")).randomness == 5
    assert not observe(PLAIN, span(trace_state="ot=rv:00000000000005;th:0")).head_sampled
    assert observe(PLAIN, span(trace_state="a=b,ot=th:8"), span()).head_sampled
    assert not observe(PLAIN, span(trace_state="a=b,ot=th:zz")).head_sampled


def test_attributes_of_spans_and_resources_match() -> None:
    """A resource's attributes count for every trace that has a span of it."""
    of = section(
        policy("string_attribute", "a", key="k", values=["v"]), policy("boolean_attribute", "b", key="f", value=True)
    )
    assert observe(of, span(attrs={"k": "v"})).matched == 1
    assert observe(of, span(), span(attrs={"f": True}), resource={"k": "v"}).matched == 3
    assert observe(of, span(attrs={"k": "x", "other": "v"})).matched == 0
    both = Observer(of).traces(request(span(), span(OTHER_TRACE_ID), resource={"k": "v"})).facts
    assert [facts.matched for facts in both.values()] == [1, 1]


def test_one_traces_attributes_are_not_anothers() -> None:
    """A match stays with the trace of its span."""
    of = section(policy("string_attribute", key="k", values=["v"]))
    facts = Observer(of).traces(request(span(attrs={"k": "v"}), span(OTHER_TRACE_ID))).facts
    assert facts[OTHER_TRACE_ID].matched == 0


def test_scores_on_spans_and_events() -> None:
    """Both are found, if a policy asks for scores."""
    of = SamplingSection()
    assert observe(of, span(attrs={SCORE: 0.25})).scores
    assert observe(of, span(event_attrs={SCORE: 0.75})).scores
    assert observe(of, span(attrs={"k": "v"}, event_attrs={"x": 1})).scores is None
    assert observe(PLAIN, span(attrs={SCORE: 0.25})).scores is None
    other = section(policy("string_attribute", key="k", values=["v"]))
    assert observe(other, span(attrs={SCORE: 0.25}, event_attrs={SCORE: 0.75})).scores is None


def test_links() -> None:
    """The ids of responses and sessions on a trace's spans and resources, each once, if a policy asks for scores."""
    of = SamplingSection()
    spans = (
        span(attrs={"gen_ai.response.id": "r1", "session.id": "s"}),
        span(attrs={"gen_ai.response.id": "r2", "langfuse.session.id": "s", "other": "r1"}),
        span(OTHER_TRACE_ID, attrs={"ai.response.id": "r1"}),
    )
    facts = Observer(of).traces(request(*spans, resource={"gen_ai.conversation.id": "c"})).facts
    assert facts[TRACE_ID].links == [session_link("c"), response_link("r1"), session_link("s"), response_link("r2")]
    assert facts[OTHER_TRACE_ID].links == [session_link("c"), response_link("r1")]
    assert observe(PLAIN, *spans).links is None
    other = section(policy("string_attribute", key="session.id", values=["s"]))
    assert observe(other, *spans).links is None
    assert observe(other, *spans).matched == 1
    assert observe(of, span(attrs={"other": "s"})).links is None


def test_links_of_spans() -> None:
    """Of calls, agents and tools in any dialect, and of roots: what a score that names a span alone may mean."""
    of = SamplingSection()
    call = span(span_id=b"callcall", attrs={"gen_ai.operation.name": "chat"})
    tool = span(span_id=b"tooltool", attrs={"openinference.span.kind": "TOOL"})
    root = span(span_id=b"rootroot", parent=b"")
    other = span(span_id=b"otherone", attrs={"http.method": "GET"})
    names = (b"callcall", b"tooltool", b"rootroot")
    assert observe(of, call, tool, root, other).links == [span_link(name) for name in names]
    assert observe(PLAIN, call, tool, root, other).links is None


@pytest.mark.parametrize("value", ["", "x" * (MAX_ID_CHARS + 1), 7, True, 0.5])
def test_what_is_no_id_links_nothing(value: str | float) -> None:
    """Other values than strings, and strings of no sensible length; the next attribute is still read."""
    assert observe(SamplingSection(), span(attrs={"session.id": value})).links is None
    both = span(attrs={"session.id": value, "conversation.id": "x" * MAX_ID_CHARS})
    assert observe(SamplingSection(), both).links == [session_link("x" * MAX_ID_CHARS)]


def test_a_key_may_link_and_match() -> None:
    """A policy that looks at the session takes nothing away from the scores."""
    of = section(policy("string_attribute", key="session.id", values=["s"]), policy("score", "low", below=0.5))
    facts = observe(of, span(attrs={"session.id": "s"}))
    assert (facts.matched, facts.links) == (1, [session_link("s")])


def test_links_of_a_resource_are_few() -> None:
    """They go to every span of it, so only the first ones count."""
    whole = request(span())
    for number in range(20):
        whole.resource_spans[0].resource.attributes.add(key="session.id").value.string_value = f"s{number}"
    links = Observer(SamplingSection()).traces(whole).facts[TRACE_ID].links
    assert links == [session_link(f"s{number}") for number in range(8)]


def test_scores_in_logs() -> None:
    """Only records with a score and a valid trace id say anything; they bring no spans."""
    found = (
        Observer(SamplingSection())
        .logs(
            logs(
                log(gen_ai__evaluation__score__value=0.25, gen_ai__evaluation__name="quality"),
                log(gen_ai__evaluation__score__value=0.75, gen_ai__evaluation__name="quality"),
                log(OTHER_TRACE_ID, body="no score"),
                log(bytes(16), gen_ai__evaluation__score__value=0.1),
                log(b"short", gen_ai__evaluation__score__value=0.1),
            )
        )
        .facts
    )
    assert set(found) == {TRACE_ID}
    assert found[TRACE_ID].span_count == 0
    assert [score.value for score in found[TRACE_ID].scores or ()] == [0.25, 0.75]


def test_logs_are_not_read_without_a_score_policy() -> None:
    """No trace is opened for a score that nobody asks for."""
    assert Observer(PLAIN).logs(logs(log(gen_ai__evaluation__score__value=0.1))).facts == {}


def test_logs_that_follow_their_trace_are_counted_by_trace() -> None:
    """And those that name none apart: they wait for nothing."""
    came = logs(log(), log(), log(OTHER_TRACE_ID), log(b""), log(bytes(16)), log(b"short"))
    seen = Observer(section(policy("always_sample"), logs="follow_trace")).logs(came)
    assert {trace_id: facts.log_count for trace_id, facts in seen.facts.items()} == {TRACE_ID: 2, OTHER_TRACE_ID: 1}
    assert (seen.follow, seen.unlinked) == (True, 3)
    assert not Observer(PLAIN).logs(came).follow
    assert Observer(PLAIN).logs(came, follow=True).facts[TRACE_ID].log_count == 2


def test_what_cannot_be_read_keeps_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A score reader that fails on one span costs no neighbour, and the trace is kept, by rule."""

    def broken(of: Span) -> list[Score]:
        raise ValueError(of.name)

    monkeypatch.setattr(module, "span_scores", broken)
    monkeypatch.setattr(module, "log_scores", broken)
    of = section(policy("score", "low", below=0.5))
    whole = Observer(of).traces(request(span(attrs={SCORE: 0.9}), span(OTHER_TRACE_ID)))
    assert whole.facts[OTHER_TRACE_ID].failed == 0
    decision = decide(of, span(attrs={SCORE: 0.9}))
    assert (decision.kept, decision.by_rule, decision.errors) == (True, True, ("low",))
    found = Observer(of).logs(logs(log(gen_ai__evaluation__score__value=0.9))).facts
    assert found[TRACE_ID].failed


def test_a_failing_predicate_costs_one_value() -> None:
    """The bit is marked as failed and the other attributes are still read."""
    of = section(
        policy("string_attribute", "a", key="k", values=["v"]), policy("string_attribute", "b", key="l", values=["v"])
    )
    observer = Observer(of)

    def broken(value: AnyValue) -> bool:
        raise ValueError(value)

    observer._readings["k"] = 1, broken, None, None
    facts = observer.traces(request(span(attrs={"k": "v", "l": "v"}))).facts[TRACE_ID]
    assert (facts.failed, facts.matched) == (1, 2)


def test_policies_that_ask_about_one_key() -> None:
    """Each gets its own answer, on spans and on resources, whichever of them fail."""
    of = section(*(policy("string_attribute", name, key="k", values=[name]) for name in "abc"))
    observer = Observer(of)
    assert observer.traces(request(span(attrs={"k": "b"}), span(attrs={"k": "c"}))).facts[TRACE_ID].matched == 0b110
    assert observer.traces(request(span(), resource={"k": "c"})).facts[TRACE_ID].matched == 0b100

    def broken(value: AnyValue) -> bool:
        raise ValueError(value)

    bit, test, text_test, rest = observer._readings["k"] or (0, broken, None, None)
    assert rest is not None
    others, more = rest
    observer._readings["k"] = bit, test, text_test, (((0b10, broken), others[1]), more)
    facts = observer.traces(request(span(attrs={"k": "a"}), span(attrs={"k": "c"}))).facts[TRACE_ID]
    assert (facts.failed, facts.matched) == (0b10, 0b101)


def test_a_failing_test_of_spans_costs_one_span() -> None:
    """The bit is marked as failed; the next span of the trace is tested all the same."""
    of = section(policy("ottl_condition", span=["false"]))
    observer = Observer(of)

    def broken(view: SpanView) -> bool:
        if view.span.parent_span_id:
            raise ValueError(view.span.name)
        return True

    observer._plan.span_tests[:] = [(1, broken)]
    facts = observer.traces(request(span(), span(OTHER_TRACE_ID), span(parent=b""))).facts
    assert (facts[TRACE_ID].failed, facts[TRACE_ID].matched) == (1, 1)
    assert (facts[OTHER_TRACE_ID].failed, facts[OTHER_TRACE_ID].matched) == (1, 0)


def test_request_is_left_as_it_was() -> None:
    """Observing reads; the bytes that follow the request must not change."""
    asked = request(span(attrs={"k": "v", SCORE: 0.1}, trace_state="ot=th:8", span_id=SPAN_ID), resource={"k": "v"})
    before = asked.SerializeToString(deterministic=True)
    Observer(SamplingSection()).traces(asked)
    assert asked.SerializeToString(deterministic=True) == before


def test_values_without_a_kind() -> None:
    """An empty AnyValue is legal in OTLP, and matches nothing."""
    of = section(
        policy("numeric_attribute", key="k", min_value=0), policy("string_attribute", "s", key="k", values=["v"])
    )
    whole = span()
    whole.attributes.add(key="k")
    assert observe(of, whole).matched == 0
    assert any_value("v").string_value == "v"
