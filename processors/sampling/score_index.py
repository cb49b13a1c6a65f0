"""Which traces show which ids, and the scores that came before their traces did.

A score that names a response or a session finds its traces by a link (`processors/genai/links.py`). A response's
score is for the trace that shows the response. A session's is for every trace of the session: those that are known
when it comes, and those that show up while it is held.

Invariants
 1. A trace is known by a link from `add` to `forget`, or until `MAX_TRACES_A_LINK` later ones have shown that link.
 2. At most `max_held` scores are held, and `max_held_a_link` of one link. The oldest is given up for the newest.
 3. A ref passed to `hold` is handed out once and only once: by `add`, when the trace of a response has come; by
    `hold`, when the score was given up; by `expire`, when its time is over.
 4. A trace gets a held score once, however often it is added, while it is known by that link.
 5. Holds end in the order they began: one may outlast its time until `expire` has ended all before it.

Nothing of this is written: after a restart, the journal's records are added and held again.

Pure: no clock, no I/O. Time is seconds of any monotonic clock.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from processors.genai.links import is_session_link
from processors.genai.scores import Score

MAX_TRACES_A_LINK: Final = 256
"""A session of more is a constant that somebody put there for an id."""


@dataclass(frozen=True, slots=True)
class HeldScore:
    """A score that has found its trace."""

    score: Score
    ref: int | None
    """Its journal record, if the hold ended with this: the caller's to settle from here on."""


@dataclass(frozen=True, slots=True)
class _Hold:
    link: int
    score: Score
    ref: int | None
    expires: float


class ScoreIndex:
    def __init__(self, max_held: int = 50_000, max_held_a_link: int = 100) -> None:
        self._max_held = max_held
        self._max_held_a_link = max_held_a_link
        # Most links lead to one trace: with a list for each, this would take three times as much.
        self._traces: dict[int, bytes | dict[bytes, None]] = {}
        self._holds: OrderedDict[int, _Hold] = OrderedDict()
        """By number, oldest first."""
        self._by_link: dict[int, list[int]] = {}
        """Numbers in `_holds`, oldest first."""
        self._last = 0

    @property
    def held(self) -> int:
        """Scores that are held now."""
        return len(self._holds)

    def add(self, trace_id: bytes, links: Iterable[int]) -> list[HeldScore]:
        """The trace shows these links: returns what was held for those it was not known by."""
        found: list[HeldScore] = []
        for link in links:
            if self._is_new(trace_id, link) and link in self._by_link:
                if is_session_link(link):
                    found += [HeldScore(self._holds[number].score, None) for number in self._by_link[link]]
                else:
                    ended = [self._holds.pop(number) for number in self._by_link.pop(link)]
                    found += [HeldScore(hold.score, hold.ref) for hold in ended]
        return found

    def traces(self, link: int) -> Sequence[bytes]:
        """Those known by the link, in the order in which they showed it."""
        known = self._traces.get(link)
        if known is None:
            return ()
        return (known,) if isinstance(known, bytes) else tuple(known)

    def forget(self, trace_id: bytes, links: Iterable[int]) -> None:
        """The trace is known by these links no longer; those it was not known by are passed over."""
        for link in links:
            known = self._traces.get(link)
            if isinstance(known, dict):
                known.pop(trace_id, None)
                if not known:
                    del self._traces[link]
            elif known == trace_id:
                del self._traces[link]

    def hold(self, link: int, score: Score, ref: int | None, expires: float) -> list[int]:
        """Keeps a score for traces to come; `ref` is the journal record that has it.

        Returns the refs of what was given up to make room.
        """
        given_up: list[int] = []
        of_link = self._by_link.get(link)
        if of_link is not None and len(of_link) >= self._max_held_a_link:
            self._end(of_link[0], given_up)
        if len(self._holds) >= self._max_held:
            self._end(next(iter(self._holds)), given_up)
        self._last += 1
        self._holds[self._last] = _Hold(link, score, ref, expires)
        self._by_link.setdefault(link, []).append(self._last)
        return given_up

    def expire(self, now: float) -> list[int]:
        """Ends the holds whose time has come, and returns their refs."""
        refs: list[int] = []
        while self._holds:
            number, hold = next(iter(self._holds.items()))
            if hold.expires > now:
                break
            self._end(number, refs)
        return refs

    def _is_new(self, trace_id: bytes, link: int) -> bool:
        known = self._traces.get(link)
        if known is None:
            self._traces[link] = trace_id
            return True
        if isinstance(known, bytes):
            if known == trace_id:
                return False
            known = self._traces[link] = {known: None}
        elif trace_id in known:
            return False
        known[trace_id] = None
        if len(known) > MAX_TRACES_A_LINK:
            del known[next(iter(known))]
        return True

    def _end(self, number: int, refs: list[int]) -> None:
        hold = self._holds.pop(number)
        if hold.ref is not None:
            refs.append(hold.ref)
        of_link = self._by_link[hold.link]
        of_link.remove(number)
        if not of_link:
            del self._by_link[hold.link]
