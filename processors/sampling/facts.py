"""What the policies may know of a trace: a few numbers, merged from any number of requests.

Merging is associative, commutative and, but for what is counted, idempotent: the same spans give the same decision
however they were split over requests. (A trace with more than `MAX_LINKS` links keeps those that came first.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from processors.genai.scores import Score
from processors.sampling.agent_steps import AgentSteps
from processors.sampling.call_totals import CallTotals

STATUS_UNSET: Final = 1 << 0
STATUS_OK: Final = 1 << 1
STATUS_ERROR: Final = 1 << 2

NO_START: Final = 2**64 - 1
"""The `start_unix_nano` of a trace in which no span has one."""

MAX_LINKS: Final = 512
"""Of one trace. Beyond it a response or a span is found by its trace or its session alone."""

MAX_VALUES: Final = 16
"""Of one attribute key in one trace. What comes beyond makes no difference."""
MAX_VALUE_CHARS: Final = 128

_COMPACT_ABOVE: Final = 64


@dataclass(slots=True)
class TraceFacts:
    span_count: int = 0
    status_mask: int = 0
    """`1 << code` for each status code seen (STATUS_UNSET, STATUS_OK, STATUS_ERROR)."""
    start_unix_nano: int = NO_START
    """Of the span that started first."""
    end_unix_nano: int = 0
    """Of the span that ended last."""
    root_received: bool = False
    """A span without a parent came."""
    matched: int = 0
    """One bit for each attribute predicate of the policies (`Plan`) that some span or resource satisfied."""
    failed: int = 0
    """The bits of `Plan` that could not be evaluated on some span."""
    randomness: int | None = None
    """The `rv` that came with the spans, 56 bits; the smallest, should spans disagree."""
    head_sampled: bool = False
    """A span came with `th` but no `rv`: the trace id's own bits were the randomness it was sampled by."""
    scores: list[Score] | None = None
    links: list[int] | None = None
    """Of the spans of calls, agents and tools and of roots, and of the responses and sessions that the spans name
    (`processors/genai/links.py`): each once, and none is ever taken out again. Filled only where a policy looks at scores."""
    log_count: int = 0
    """Log records that follow the trace."""
    span_bytes: int = 0
    """Encoded size of the spans. Filled only where a policy or a limit asks for it."""
    local_root: bool = False
    """A span came whose parent is in another process: the root of what can be seen from here."""
    values: dict[int, set[str]] | None = None
    """By number of the attribute key (`Plan.value`): the values that spans and resources showed, up to MAX_VALUES."""
    calls: CallTotals | None = None
    """Filled only where a policy asks for it."""
    steps: AgentSteps | None = None
    """Filled only where a policy asks for it."""
    system_prompts: set[int] | None = None
    """Hashes. Filled only where a policy asks for it."""
    _compact_above: int = field(default=_COMPACT_ABOVE, init=False, repr=False, compare=False)
    """Scores held before they are condensed again: twice what was left, or many names would make it quadratic."""

    @property
    def duration_nano(self) -> int:
        """From the first start to the last end; 0 where either is unknown."""
        return max(self.end_unix_nano - self.start_unix_nano, 0)

    def merge(self, other: TraceFacts) -> None:
        self.span_count += other.span_count
        self.log_count += other.log_count
        self.span_bytes += other.span_bytes
        self.status_mask |= other.status_mask
        self.start_unix_nano = min(self.start_unix_nano, other.start_unix_nano)
        self.end_unix_nano = max(self.end_unix_nano, other.end_unix_nano)
        self.root_received |= other.root_received
        self.local_root |= other.local_root
        self.matched |= other.matched
        self.failed |= other.failed
        self.head_sampled |= other.head_sampled
        self.add_randomness(other.randomness)
        if other.scores:
            self.add_scores(other.scores)
        if other.links:
            self.add_links(other.links)
        if other.calls is not None:
            if self.calls is None:
                self.calls = CallTotals()
            self.calls.merge(other.calls)
        if other.steps is not None:
            if self.steps is None:
                self.steps = AgentSteps()
            self.steps.merge(other.steps)
        if other.system_prompts is not None:
            self.system_prompts = other.system_prompts | (self.system_prompts or set())
        if other.values:
            for slot, values in other.values.items():
                for value in values:
                    self.add_value(slot, value)

    def condense(self) -> None:
        """Gives up what only more spans of the same calls would need: a decided trace is held for long."""
        if self.calls is not None:
            self.calls.condense()
            if self.calls == CallTotals():  # parents, and no calls
                self.calls = None

    def add_randomness(self, randomness: int | None) -> None:
        if randomness is not None and (self.randomness is None or randomness < self.randomness):
            self.randomness = randomness

    def add_scores(self, scores: Iterable[Score] | None) -> None:
        """Adds to `scores`; of many with one name and label only the extremes are held, which decide alike."""
        if not scores:
            return
        if self.scores is None:
            self.scores = []
        self.scores.extend(scores)
        if 1 < len(self.scores) <= _COMPACT_ABOVE:
            # The same evaluation comes as a span event and as a log. (Of more, the extremes are held anyway.)
            unlike = dict.fromkeys(self.scores)
            if len(unlike) < len(self.scores):
                self.scores = list(unlike)
        if len(self.scores) > self._compact_above:
            self.scores = _extremes(self.scores)
            self._compact_above = max(_COMPACT_ABOVE, 2 * len(self.scores))

    def add_value(self, slot: int, value: str) -> None:
        if self.values is None:
            self.values = {}
        values = self.values.setdefault(slot, set())
        if len(values) < MAX_VALUES:
            values.add(value[:MAX_VALUE_CHARS])

    def add_links(self, links: Iterable[int]) -> None:
        for link in links:
            self.add_link(link)

    def add_link(self, link: int) -> None:
        """Adds to `links` what is not among them, up to MAX_LINKS."""
        links = self.links
        if links is None:
            links = self.links = []
        if len(links) < MAX_LINKS and link not in links:
            links.append(link)


def _extremes(scores: Iterable[Score]) -> list[Score]:
    lowest: dict[tuple[str, str | None, bool | None], Score] = {}
    highest: dict[tuple[str, str | None, bool | None], Score] = {}
    valueless: dict[tuple[str, str | None, bool | None], Score] = {}
    for score in scores:
        key = (score.name, score.label, score.higher_is_better)
        if score.value is None or score.value != score.value:  # only NaN differs from itself
            valueless[key] = score
            continue
        if key not in lowest or score.value < lowest[key].value:  # type: ignore[operator]  # values only, see above
            lowest[key] = score
        if key not in highest or score.value > highest[key].value:  # type: ignore[operator]  # see above
            highest[key] = score
    return [
        *lowest.values(),
        *(score for key, score in highest.items() if score is not lowest[key]),
        *valueless.values(),
    ]
