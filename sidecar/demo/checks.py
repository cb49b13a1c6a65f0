"""What the demo promises, checked against what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecar.demo.chats import Chat
from sidecar.demo.sidecar_process import Numbers
from sidecar.demo.trace_view import TraceView


@dataclass(frozen=True, slots=True)
class Check:
    promise: str
    held: bool


def checks(
    chats: Sequence[Chat],
    before: Mapping[str, TraceView],
    after: Mapping[str, TraceView],
    backend_bytes: bytes,
    numbers: Numbers,
) -> list[Check]:
    """One line a promise. `before` and `after` are by trace id; `backend_bytes` is all that the backend received."""
    ids = {view.title: trace_id for trace_id, view in before.items()}
    kept = {chat.title: ids.get(chat.title) in after for chat in chats}

    def all_kept(fate: str) -> tuple[int, int]:
        members = [kept[chat.title] for chat in chats if chat.fate == fate]
        return sum(members), len(members)

    planted = sorted({value for chat in chats for value in chat.planted})
    leaked = sum(value.encode() in backend_bytes for value in planted)
    errors, low, late, routine = map(all_kept, ("error", "low_score", "late_low_score", "routine"))
    came_back = sum(view.late for view in after.values())
    return [
        Check(f"every failed chat is kept: {errors[0]} of {errors[1]}", errors[0] == errors[1]),
        Check(f"every low-scoring chat is kept: {low[0]} of {low[1]}", low[0] == low[1]),
        Check(f"scored low after it was dropped, and kept: {came_back} of {late[1]}", came_back == late[0] == late[1]),
        Check(f"routine chats are thinned out: {routine[0]} of {routine[1]} kept", 0 <= routine[0] < routine[1]),
        Check(f"planted personal data at the backend: {leaked} of {len(planted)} values", leaked == 0),
        Check(
            f"spans add up: {numbers.received} received + {numbers.recovered} recovered = {numbers.exported} forwarded"
            f" + {numbers.sampled_out} sampled out + {numbers.rejected} rejected",
            numbers.settled,
        ),
    ]
