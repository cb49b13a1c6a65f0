"""The page that the demo prints: each trace before and after, what was dropped and why, and whether it all held."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.demo.checks import Check
from sidecar.demo.sidecar_process import Numbers
from sidecar.demo.trace_view import TraceView

_WHY: Final = {
    "errors": "a span failed",
    "low-score": "a score below 0.5",
    "routine": "in the 10 % share of routine traces",
}
_LABEL_WIDTH: Final = 12


@dataclass(frozen=True, slots=True)
class Style:
    """Width in columns, and whether the terminal takes colours."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text

    def bold(self, text: str) -> str:
        return self.paint(text, "1")

    def dim(self, text: str) -> str:
        return self.paint(text, "2")

    def red(self, text: str) -> str:
        return self.paint(text, "31")

    def green(self, text: str) -> str:
        return self.paint(text, "32")


def render(
    before: Mapping[str, TraceView],
    after: Mapping[str, TraceView],
    numbers: Numbers,
    held: Sequence[Check],
    style: Style,
) -> str:
    """The whole page. `-` marks what the app recorded, `+` what the backend got."""
    return "\n".join(
        [
            *_kept(before, after, style),
            *_dropped(before, after, style),
            *_totals(before, after, numbers, style),
            *_checks(held, style),
        ]
    )


def _heading(text: str, style: Style) -> Iterator[str]:
    yield ""
    yield style.bold(f"{text} ".ljust(style.width, "-"))


def _kept(before: Mapping[str, TraceView], after: Mapping[str, TraceView], style: Style) -> Iterator[str]:
    yield from _heading(f"Kept: {len(after)} of {len(before)} traces", style)
    for number, (trace_id, new) in enumerate(after.items(), start=1):
        yield ""
        yield f"{number:>2}  {style.bold(new.title)}  {style.dim(trace_id)}"
        why = f"{new.policy}: {_WHY.get(new.policy, 'a policy')}"
        yield from _line("kept by", why + (", after it had been dropped" if new.late else ""), style)
        old = before.get(trace_id)
        if old is not None:
            for label in ("question", "answer", "tool_result", "error"):
                yield from _change(label, getattr(old, label), getattr(new, label), style)
        found = ", ".join(f"{entity} {count}" for entity, count in sorted(new.findings.items()))
        yield from _line("scrubbed", found or "nothing found", style)
        cost = "no price" if new.cost_usd is None else f"${new.cost_usd:.6f} ({new.cost_source})"
        yield from _line("cost", cost, style)
        yield from _line("prompt hash", new.prompt_hash or "none", style)


def _line(label: str, text: str, style: Style) -> Iterator[str]:
    yield f"    {style.dim(label.ljust(_LABEL_WIDTH))}  {text}"


def _change(label: str, old: str, new: str, style: Style) -> Iterator[str]:
    if not old and not new:
        return
    room = style.width - _LABEL_WIDTH - 8
    margin = " " * (_LABEL_WIDTH + 8)
    shown = label.replace("_", " ").ljust(_LABEL_WIDTH)
    for sign, text, colour in (("-", old, style.red), ("+", new or "(removed)", style.green)):
        rows = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
        yield f"    {style.dim(shown)}  {colour(f'{sign} {rows[0]}')}"
        yield from (margin + colour(row) for row in rows[1:])
        shown = " " * _LABEL_WIDTH


def _dropped(before: Mapping[str, TraceView], after: Mapping[str, TraceView], style: Style) -> Iterator[str]:
    dropped = [view.title for trace_id, view in before.items() if trace_id not in after]
    yield from _heading(f"Dropped: {len(dropped)} of {len(before)} traces", style)
    why = "No span failed, no score was low, and they are outside the 10 % share. For 10 minutes a late error or score"
    yield from textwrap.wrap(f"{why} would still bring one back: {', '.join(dropped)}.", style.width)


def _totals(
    before: Mapping[str, TraceView], after: Mapping[str, TraceView], numbers: Numbers, style: Style
) -> Iterator[str]:
    findings: Counter[str] = Counter()
    for view in after.values():
        findings.update(view.findings)
    cost = sum(view.cost_usd or 0.0 for view in after.values())
    recorded, forwarded = (sum(view.spans for view in views.values()) for views in (before, after))
    yield from _heading("Totals", style)
    yield from _line("spans", f"{recorded} recorded, {forwarded} forwarded", style)
    yield from _line("logs", f"{numbers.logs_exported} forwarded, scrubbed as well", style)
    yield from _line("scrubbed", f"{findings.total()} findings on kept spans", style)
    yield from _line("cost", f"${cost:.6f} for the model calls that were kept", style)


def _checks(held: Sequence[Check], style: Style) -> Iterator[str]:
    yield from _heading("Checked", style)
    for check in held:
        mark = style.green("  ok  ") if check.held else style.red(" FAIL ")
        yield f"{mark} {check.promise}"
