from __future__ import annotations

from dataclasses import replace

from sidecar.demo.checks import Check
from sidecar.demo.page import Style, render
from sidecar.demo.trace_view import TraceView
from tests.sidecar.demo.samples import NUMBERS, PLANTED, RAW, ROUTINE, SCRUBBED, after_texts


def page(after: TraceView = SCRUBBED, style: Style | None = None, held: tuple[Check, ...] = ()) -> str:
    before = {RAW.trace_id: RAW, ROUTINE.trace_id: ROUTINE}
    return render(before, {after.trace_id: after}, NUMBERS, held, style or Style())


def test_before_and_after_stand_below_each_other() -> None:
    """Each text that was changed is shown as recorded and as forwarded."""
    lines = page().splitlines()
    where = next(number for number, line in enumerate(lines) if "question" in line)
    assert lines[where].split(maxsplit=1)[1] == "- " + RAW.question
    assert lines[where + 1].strip() == "+ " + SCRUBBED.question


def test_nothing_planted_is_in_what_is_shown_as_after() -> None:
    """The lines marked + have what the backend got, and only that."""
    after = after_texts(page(style=Style(width=60)))
    assert after == [SCRUBBED.question, SCRUBBED.answer, SCRUBBED.error]
    assert not any(value in text for text in after for value in PLANTED)


def test_why_findings_cost_and_hash_are_shown() -> None:
    """What the sidecar wrote on the trace is on the page."""
    text = page()
    assert "errors: a span failed" in text
    assert "CREDIT_CARD 1, EMAIL_ADDRESS 1, PERSON 2" in text
    assert "$0.000063 (genai-prices@0.2.3)" in text
    assert SCRUBBED.prompt_hash in text


def test_dropped_traces_are_named_with_the_reason() -> None:
    """A dropped trace shows its title, never its content."""
    text = page()
    assert "Dropped: 1 of 2 traces" in text
    assert ROUTINE.title in text
    assert ROUTINE.question not in text


def test_a_late_keep_says_so() -> None:
    """A trace that came back is told apart."""
    assert "after it had been dropped" in page(replace(SCRUBBED, policy="low-score", late=True))


def test_missing_content_and_price_are_named() -> None:
    """Content that was removed whole, and a call without a price, are not shown as blanks."""
    text = page(replace(SCRUBBED, question="", cost_usd=None, findings={}))
    assert "+ (removed)" in text
    assert "no price" in text
    assert "nothing found" in text


def test_a_broken_promise_stands_out() -> None:
    """Checks are printed one a line with their outcome."""
    lines = page(held=(Check("this holds", held=True), Check("this does not", held=False))).splitlines()
    assert lines[-2:] == ["  ok   this holds", " FAIL  this does not"]


def test_no_colours_unless_asked_for() -> None:
    """Escape codes are for terminals."""
    assert "\x1b" not in page()
    assert "\x1b[31m" in page(style=Style(colour=True))


def test_lines_fit_the_width() -> None:
    """Content is wrapped to the terminal."""
    long = replace(SCRUBBED, question="<PERSON> " * 40)
    assert max(map(len, page(long, Style(width=80)).splitlines())) <= 80
