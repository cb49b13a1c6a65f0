"""The steps of agents in a trace, for whoever looks for loops: who called whom, with what, and how it ended.

Held by span, so that it does not matter in what order and in which request they come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
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
                tools += step.operation == TOOL_EXECUTION and not self._repeats(step)
                levels[each] = agents, tools
                deepest = max(deepest, agents, tools)
        return max(deepest, self._depth_in_time())

    def most_repeated_call(self) -> int:
        """How often the tool was called that was called most often with the same arguments.

        By the tools' spans, or by what the models asked for, whichever saw more of them; handing over is no call.
        """
        ran = Counter(
            (step.name, step.arguments)
            for step in self._of(TOOL_EXECUTION)
            if step.arguments is not None and not step.hands_over
        )
        asked = Counter(
            call for step in self.by_span.values() if step.asked and not self._repeats(step) for call in step.asked
        )
        return max(max(ran.values(), default=0), max(asked.values(), default=0))

    def most_failures_in_a_row(self) -> int:
        """Of tools, in the order in which they began, with no success between them."""
        longest = run = 0
        for step in sorted(self._of(TOOL_EXECUTION), key=_start):
            run = run + 1 if step.failed else 0
            longest = max(longest, run)
        return longest

    def most_handoffs(self) -> int:
        """The longest run in which two agents took turns: A, B, A, B is three handoffs.

        By the agents' own spans, by the tools that hand over, or by what the models asked for.
        """
        turns = [step.name for step in sorted(self._of(AGENT_TURN), key=_start) if step.name is not None]
        tools = sorted((step for step in self._of(TOOL_EXECUTION) if step.hands_to), key=_start)
        models = sorted(
            (step for step in self.by_span.values() if step.operation in ONE_CALL and step.hands_to), key=_start
        )
        longest = _taking_turns(turns)
        for steps in (tools, [step for step in models if not self._repeats(step)]):
            targets = [to for step in steps for to in step.hands_to]
            # Whoever handed over first was the other one.
            longest = max(longest, _taking_turns(targets) + 1 if len(targets) > 1 else 0)
        return longest

    def _of(self, operation: str) -> Iterable[AgentStep]:
        return (step for step in self.by_span.values() if step.operation == operation and not self._repeats(step))

    def _repeats(self, step: AgentStep) -> bool:
        """It lies in a step of the same kind and name: two instrumentations saw one call, or a client and its server."""
        if step.operation == AGENT_TURN:
            return False
        above = self._above(step)
        return above is not None and above.operation == step.operation and above.name == step.name

    def _above(self, step: AgentStep) -> AgentStep | None:
        """The step that it lies in."""
        seen: set[bytes] = set()
        parent = step.parent
        while parent not in seen:
            seen.add(parent)
            above = self.by_span.get(parent)
            if above is None or above.operation is not None:
                return above
            parent = above.parent
        return None

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
