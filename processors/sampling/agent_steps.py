"""The steps of agents in a trace, for whoever looks for loops: who called whom, with what, and how it ended.

Held by span, so that it does not matter in what order and in which request they come.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from processors.genai.call.operations import ONE_CALL
from processors.genai.step import AGENT_TURN, TOOL_EXECUTION

MAX_SPANS: Final = 10_000
"""Of one trace. What comes beyond is not looked at."""


class AgentStep(NamedTuple):
    parent: bytes
    start_unix_nano: int
    operation: str | None = None
    """None for a span that is no step: it only leads from a step to the one above."""
    name: str | None = None
    arguments: int | None = None
    failed: bool = False
    end_unix_nano: int = 0
    hands_over: bool = False
    hands_to: tuple[str, ...] = ()
    """Agents: a handoff tool's, or those that a model's answer hands over to."""
    asked: tuple[int, ...] = ()
    """A model's: the calls that its answer asks for, by hash of tool and arguments."""


class _ModelCalls:
    """When models were asked."""

    def __init__(self, calls: Iterable[tuple[int, int]]) -> None:
        """(start, end) of each."""
        ordered = sorted(calls)
        self._starts = [start for start, _ in ordered]
        self._first_ends: list[int] = [end for _, end in ordered]
        for place in range(len(ordered) - 2, -1, -1):
            self._first_ends[place] = min(self._first_ends[place], self._first_ends[place + 1])

    def between(self, after: int, before: int) -> bool:
        """Whether some call began and ended there."""
        place = bisect_left(self._starts, after)
        return place < len(self._starts) and self._first_ends[place] <= before


@dataclass(slots=True)
class AgentSteps:
    by_span: dict[bytes, AgentStep] = field(default_factory=dict)

    def add(self, span_id: bytes, step: AgentStep) -> None:
        if span_id in self.by_span or len(self.by_span) < MAX_SPANS:
            self.by_span[span_id] = step

    def merge(self, other: AgentSteps) -> None:
        for span_id, step in other.by_span.items():
            self.add(span_id, step)

    def depth(self) -> int:
        """The most agents, or the most tools, that run within one another. A cycle of parents ends where it began."""
        levels: dict[bytes, tuple[int, int]] = {}
        repeats = self._repeats()
        deepest = 0
        for start in self.by_span:
            path: list[bytes] = []
            span_id, below = start, set[bytes]()
            while span_id in self.by_span and span_id not in levels and span_id not in below:
                below.add(span_id)
                path.append(span_id)
                span_id = self.by_span[span_id].parent
            agents, tools = levels.get(span_id, (0, 0))
            for each in reversed(path):
                step = self.by_span[each]
                agents += step.operation == AGENT_TURN
                tools += step.operation == TOOL_EXECUTION and each not in repeats
                levels[each] = agents, tools
                deepest = max(deepest, agents, tools)
        return max(deepest, self._depth_in_time())

    def most_repeated_call(self) -> int:
        """How often the tool was called that was called most often with the same arguments.

        By the tools' spans, or by what the models asked for, whichever saw more of them; handing over is no call.
        """
        ran = Counter(
            (step.name, step.arguments)
            for step in self._of({TOOL_EXECUTION})
            if step.arguments is not None and not step.hands_over
        )
        asked = Counter(call for step in self._of(ONE_CALL) for call in step.asked)
        return max(max(ran.values(), default=0), max(asked.values(), default=0))

    def most_failures_in_a_row(self) -> int:
        """Of tools, in the order in which they began, with no success between them."""
        longest = run = 0
        for step in sorted(self._of({TOOL_EXECUTION}), key=_start):
            run = run + 1 if step.failed else 0
            longest = max(longest, run)
        return longest

    def most_handoffs(self) -> int:
        """The longest run in which two agents took turns: A, B, A, B is three handoffs.

        By the agents' own spans, by the tools that hand over, or by what the models asked for.
        """
        turns = [step.name for step in sorted(self._of({AGENT_TURN}), key=_start) if step.name is not None]
        tools = sorted((step for step in self._of({TOOL_EXECUTION}) if step.hands_to), key=_start)
        models = sorted((step for step in self._of(ONE_CALL) if step.hands_to), key=_start)
        longest = _taking_turns(turns)
        for steps in (tools, models):
            targets = [to for step in steps for to in step.hands_to]
            # Whoever handed over first was the other one.
            longest = max(longest, _taking_turns(targets) + 1 if len(targets) > 1 else 0)
        return longest

    def _of(self, operations: Container[str]) -> list[AgentStep]:
        """In no order; what two spans report counts once."""
        repeats = self._repeats()
        return [
            step
            for span_id, step in self.by_span.items()
            if step.operation is not None and step.operation in operations and span_id not in repeats
        ]

    def _repeats(self) -> set[bytes]:
        """Steps that lie in one of the same kind and name: two instrumentations saw one call, or a client and its server.

        If a model was asked in between, a tool is called by itself, by way of an agent that no span shows.
        """
        steps = self.by_span
        model_calls = _ModelCalls(
            (step.start_unix_nano, step.end_unix_nano) for step in steps.values() if step.operation in ONE_CALL
        )
        found = set()
        for span_id, above_id in self._above().items():
            step, above = steps[span_id], steps[above_id]
            if (
                step.operation == above.operation != AGENT_TURN
                and step.name == above.name
                and span_id != above_id
                and not model_calls.between(above.start_unix_nano, step.start_unix_nano)
            ):
                found.add(span_id)
        return found

    def _above(self) -> dict[bytes, bytes]:
        """The step that each step lies in, where there is one; each span is passed once."""
        steps = self.by_span
        nearest: dict[bytes, bytes | None] = {}
        """Of each span: itself, if it is a step, or the step that it lies in."""
        for start in steps:
            path: list[bytes] = []
            span_id, below = start, set[bytes]()
            while span_id in steps and span_id not in nearest and span_id not in below:
                below.add(span_id)
                path.append(span_id)
                if steps[span_id].operation is not None:
                    break
                span_id = steps[span_id].parent
            found = span_id if span_id in steps and steps[span_id].operation is not None else nearest.get(span_id)
            for each in path:
                nearest[each] = found
        above: dict[bytes, bytes] = {}
        for span_id, step in steps.items():
            found = nearest.get(step.parent) if step.operation is not None else None
            if found is not None:
                above[span_id] = found
        return above

    def _depth_in_time(self) -> int:
        """For instrumentations that hang all agents under the root: who begins after another has heard from its model,
        and ends before it, works for it. (Of those that work side by side, none waits for the next.)
        """
        first_answer: dict[bytes, int] = {}
        for step in self.by_span.values():
            if step.operation in ONE_CALL and step.end_unix_nano:
                first_answer[step.parent] = min(first_answer.get(step.parent, step.end_unix_nano), step.end_unix_nano)
        agents = [
            (step.start_unix_nano, -step.end_unix_nano, span_id)
            for span_id, step in self.by_span.items()
            if step.operation == AGENT_TURN and span_id in first_answer
        ]
        waiting: list[tuple[int, int, int]] = []  # end, first answer, depth
        deepest = 0
        for start, minus_end, span_id in sorted(agents):
            while waiting and (waiting[-1][0] < -minus_end or waiting[-1][1] > start):
                waiting.pop()
            depth = waiting[-1][2] + 1 if waiting else 1
            waiting.append((-minus_end, first_answer[span_id], depth))
            deepest = max(deepest, depth)
        return deepest


def _taking_turns(names: Sequence[str]) -> int:
    turns = [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]
    longest = run = 0
    for place in range(1, len(turns)):
        alternates = place >= 2 and turns[place] == turns[place - 2]
        run = run + 1 if alternates else 1
        longest = max(longest, run)
    return longest


def _start(step: AgentStep) -> int:
    return step.start_unix_nano
