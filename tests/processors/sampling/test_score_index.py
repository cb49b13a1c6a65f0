from __future__ import annotations

from collections import Counter
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from processors.genai.links import response_link, session_link
from processors.genai.scores import Score
from processors.sampling.score_index import MAX_TRACES_A_LINK, HeldScore, ScoreIndex

A, B, C = b"a" * 16, b"b" * 16, b"c" * 16
RESPONSE = response_link("chatcmpl-1")
SESSION = session_link("chat-1")
GOOD, BAD = Score("quality", 0.9, None), Score("quality", 0.1, None)


def test_traces_by_link() -> None:
    """In the order in which they came; adding again changes nothing; an unknown link has none."""
    index = ScoreIndex()
    for trace_id in (A, B, A, C, B):
        assert index.add(trace_id, [SESSION]) == []
    index.add(A, [RESPONSE, RESPONSE])
    assert list(index.traces(SESSION)) == [A, B, C]
    assert list(index.traces(RESPONSE)) == [A]
    assert list(index.traces(response_link("other"))) == []


def test_forgetting() -> None:
    """A trace is forgotten by the links that are named; what was not known is passed over."""
    index = ScoreIndex()
    for trace_id in (A, B):
        index.add(trace_id, [SESSION, RESPONSE])
    index.forget(A, [SESSION, session_link("never")])
    assert list(index.traces(SESSION)) == [B]
    assert list(index.traces(RESPONSE)) == [A, B]
    index.forget(C, [SESSION, RESPONSE])
    index.forget(B, [SESSION, RESPONSE])
    index.forget(A, [RESPONSE])
    assert index.traces(SESSION) == index.traces(RESPONSE) == ()
    assert not index._traces


def test_a_response_score_waits_for_its_trace() -> None:
    """The first trace with the response gets it, with the record, which is then not handed out again."""
    index = ScoreIndex()
    assert index.hold(RESPONSE, BAD, 7, expires=10) == []
    assert index.add(A, [SESSION]) == []
    assert index.add(A, [RESPONSE]) == [HeldScore(BAD, 7)]
    assert index.held == 0
    assert index.add(B, [RESPONSE]) == []
    assert index.expire(99) == []


def test_a_session_score_is_for_all_traces_to_come() -> None:
    """Each gets it once, while it is held; the record stays with the hold until that ends."""
    index = ScoreIndex()
    index.hold(SESSION, BAD, 7, expires=10)
    index.hold(SESSION, GOOD, None, expires=11)
    for trace_id in (A, B):
        assert index.add(trace_id, [RESPONSE, SESSION]) == [HeldScore(BAD, None), HeldScore(GOOD, None)]
        assert index.add(trace_id, [RESPONSE, SESSION]) == []
    assert index.expire(10) == [7]
    assert index.add(C, [SESSION]) == [HeldScore(GOOD, None)]
    assert index.expire(11) == []
    assert index.held == 0


def test_scores_end_at_their_time() -> None:
    """Not before; each record comes back once for each score of it that was held; scores without one leave silently."""
    index = ScoreIndex()
    for link, ref in ((RESPONSE, 1), (RESPONSE, 1), (SESSION, None), (SESSION, 2)):
        index.hold(link, BAD, ref, expires=10)
    assert index.expire(9.99) == []
    assert index.expire(10) == [1, 1, 2]
    assert index.expire(99) == []
    assert index.add(A, [RESPONSE, SESSION]) == []


def test_the_oldest_makes_room() -> None:
    """Over all links, and within one; the records of what is given up are handed out."""
    index = ScoreIndex(max_held=2)
    assert index.hold(RESPONSE, BAD, 1, expires=10) == []
    assert index.hold(SESSION, BAD, 2, expires=10) == []
    assert index.hold(SESSION, GOOD, 3, expires=10) == [1]
    assert index.hold(RESPONSE, BAD, None, expires=10) == [2]
    assert index.hold(RESPONSE, GOOD, 5, expires=10) == [3]
    assert index.hold(SESSION, GOOD, 6, expires=10) == []
    assert index.held == 2
    one = ScoreIndex(max_held_a_link=5)
    one.hold(RESPONSE, BAD, 99, expires=10)
    assert [ref for number in range(8) for ref in one.hold(SESSION, BAD, number, expires=10)] == [0, 1, 2]
    assert one.held == 6


def test_a_link_of_too_many_traces_knows_the_newest() -> None:
    """An id that everybody has is not allowed to grow without end; forgetting one that fell out is no harm."""
    index = ScoreIndex()
    ids = [number.to_bytes(16, "big") for number in range(MAX_TRACES_A_LINK + 5)]
    for trace_id in ids:
        index.add(trace_id, [SESSION])
    assert list(index.traces(SESSION)) == ids[5:]
    for trace_id in ids:
        index.forget(trace_id, [SESSION])
    assert not index._traces


LINKS: Final = (response_link("1"), response_link("2"), session_link("1"), session_link("2"))
TRACES: Final = (A, B, C)
IS_SESSION: Final = {link: link in LINKS[2:] for link in LINKS}
MAX_HELD: Final = 4
MAX_OF_LINK: Final = 3


class IndexMachine(RuleBasedStateMachine):
    """Against a list of holds and a set of pairs."""

    def __init__(self) -> None:
        super().__init__()
        self.index = ScoreIndex(MAX_HELD, MAX_OF_LINK)
        self.known: list[tuple[int, bytes]] = []
        self.holds: list[tuple[int, Score, int | None, float]] = []
        self.handed_in: Counter[int] = Counter()
        self.handed_out: Counter[int] = Counter()
        self.now = 0.0
        self.names = 0

    @rule(trace_id=st.sampled_from(TRACES), links=st.lists(st.sampled_from(LINKS), max_size=5))
    def add(self, trace_id: bytes, links: list[int]) -> None:
        expected = []
        for link in links:
            if (link, trace_id) not in self.known:
                self.known.append((link, trace_id))
                of_link = [hold for hold in self.holds if hold[0] == link]
                expected += [HeldScore(score, None if IS_SESSION[link] else ref) for _, score, ref, _ in of_link]
                if not IS_SESSION[link]:
                    self.holds = [hold for hold in self.holds if hold[0] != link]
        found = self.index.add(trace_id, links)
        assert found == expected
        self.handed_out.update(held.ref for held in found if held.ref is not None)

    @rule(trace_id=st.sampled_from(TRACES), links=st.lists(st.sampled_from(LINKS), max_size=5))
    def forget(self, trace_id: bytes, links: list[int]) -> None:
        self.index.forget(trace_id, links)
        self.known = [pair for pair in self.known if pair[1] != trace_id or pair[0] not in links]

    @rule(link=st.sampled_from(LINKS), ref=st.none() | st.integers(1, 3), wait=st.integers(0, 5))
    def hold(self, link: int, ref: int | None, wait: int) -> None:
        self.names += 1
        if ref is not None:
            self.handed_in[ref] += 1
        over: list[tuple[int, Score, int | None, float]] = []
        of_link = [hold for hold in self.holds if hold[0] == link]
        if len(of_link) >= MAX_OF_LINK:
            self.holds.remove(of_link[0])
            over.append(of_link[0])
        if len(self.holds) >= MAX_HELD:
            over.append(self.holds.pop(0))
        score = Score(f"score-{self.names}", 0.5, None)
        self.holds.append((link, score, ref, self.now + wait))
        given_up = self.index.hold(link, score, ref, self.now + wait)
        assert given_up == [hold[2] for hold in over if hold[2] is not None]
        self.handed_out.update(given_up)

    @rule(passed=st.integers(0, 3))
    def expire(self, passed: int) -> None:
        self.now += passed
        expected = []
        while self.holds and self.holds[0][3] <= self.now:
            expected.append(self.holds.pop(0)[2])
        refs = self.index.expire(self.now)
        assert refs == [ref for ref in expected if ref is not None]
        self.handed_out.update(refs)

    @invariant()
    def traces_are_known(self) -> None:
        for link in LINKS:
            assert list(self.index.traces(link)) == [trace_id for of, trace_id in self.known if of == link]

    @invariant()
    def records_add_up(self) -> None:
        """Each is handed out as often as it was handed in, less what is held."""
        held = Counter(ref for _, _, ref, _ in self.holds if ref is not None)
        assert self.handed_in == self.handed_out + held
        assert self.index.held == len(self.holds) <= MAX_HELD


TestScoreIndex = IndexMachine.TestCase
TestScoreIndex.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
