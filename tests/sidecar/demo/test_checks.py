from __future__ import annotations

from dataclasses import replace

from sidecar.demo.chats import Chat, Fate, Reply
from sidecar.demo.checks import checks
from sidecar.demo.trace_view import TraceView
from tests.sidecar.demo.samples import NUMBERS, PLANTED, RAW


def chat(fate: Fate, number: int = 0) -> Chat:
    return Chat(f"{fate} {number}", f"{fate}?", (Reply("yes"),), fate=fate, planted=PLANTED if fate == "error" else ())


CHATS = (chat("error"), chat("low_score"), chat("late_low_score"), chat("routine", 0), chat("routine", 1))
BEFORE = {f"{n:032x}": replace(RAW, title=each.title, trace_id=f"{n:032x}") for n, each in enumerate(CHATS, start=1)}
KEPT = {
    trace_id: replace(view, late=view.title.startswith("late"))
    for trace_id, view in BEFORE.items()
    if not view.title.startswith("routine")
}


def broken(after: dict[str, TraceView] | None = None, received: bytes = b"", waiting: int = 0) -> list[str]:
    numbers = replace(NUMBERS, waiting=waiting)
    found = checks(CHATS, BEFORE, KEPT if after is None else after, received, numbers)
    return [check.promise for check in found if not check.held]


def test_all_promises_hold() -> None:
    """Everything that matters is kept, routine is not, nothing leaked, the spans add up."""
    assert broken() == []


def test_a_dropped_trace_that_matters_is_a_broken_promise() -> None:
    """Each kind of trace that must be kept has its own check."""
    for fate, promise in (
        ("error", "failed"),
        ("low_score", "low-scoring"),
        ("late_low_score", "after it was dropped"),
    ):
        after = {trace_id: view for trace_id, view in KEPT.items() if view.title != f"{fate} 0"}
        (text,) = broken(after)
        assert promise in text


def test_keeping_everything_is_a_broken_promise() -> None:
    """A sampler that drops nothing has not thinned anything out."""
    (text,) = broken({**BEFORE, **KEPT})
    assert "thinned out" in text


def test_a_trace_that_was_never_dropped_did_not_come_back() -> None:
    """Kept from the start is not what the late score was to show."""
    (text,) = broken({trace_id: replace(view, late=False) for trace_id, view in KEPT.items()})
    assert "0 of 1" in text


def test_one_leaked_value_is_a_broken_promise() -> None:
    """It is counted, and not repeated on the page."""
    (text,) = broken(received=b"... 4111 1111 1111 1111 ...")
    assert text == "planted personal data at the backend: 1 of 3 values"


def test_spans_still_waiting_are_a_broken_promise() -> None:
    """The account is only an account once nothing waits."""
    (text,) = broken(waiting=1)
    assert "spans add up" in text
