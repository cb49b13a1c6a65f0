"""`new_prompt`: keeps the first traces of a system prompt never seen before: a deployment, an experiment, a mistake.

Prompts are told apart by their skeleton, without names, numbers and what else was filled in. What was seen is
remembered in this process alone: after a restart every prompt is new once more, and the first traces of it are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import xxhash
from pydantic import Field

from processors.genai.conversation.read import ConversationReader
from processors.genai.conversation.template import skeleton
from processors.genai.memo import KeyMemo
from processors.processor import Category
from processors.sampling.facts import TraceFacts
from processors.sampling.moment import Moment
from processors.sampling.plan import Plan
from processors.sampling.policies.base import PASS, Evidence, Policy, Vote
from processors.sampling.span_view import SpanView
from processors.section import StrictModel

_MAX_OF_A_TRACE: Final = 64
_MAX_FORMS: Final = 256
_MAX_FORM_CHARS: Final = 32 * 1024


class NewPromptBody(StrictModel):
    traces: Annotated[int, Field(strict=True, ge=1)] = 10
    """Kept of each new system prompt."""
    max_prompts: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 10_000
    """Remembered; of more, the one that was seen longest ago is forgotten."""


class NewPromptPolicy(Policy):
    """Keeps the first traces of a system prompt never seen before."""

    type: Literal["new_prompt"]
    new_prompt: NewPromptBody = NewPromptBody()

    def compile(self, plan: Plan) -> NewPromptRule:
        plan.span_reader(PromptReader())
        return NewPromptRule(self.new_prompt.traces, self.new_prompt.max_prompts, OrderedDict(), plan.moment)


class PromptReader:
    """Adds the hashes of a span's system prompt to the facts."""

    def __init__(self) -> None:
        self._reader = ConversationReader()
        self._forms = KeyMemo(_form, _MAX_FORMS, _MAX_FORM_CHARS)
        """A service sends the same few prompts over and over, and a form is found in some 100 µs."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PromptReader)

    def __hash__(self) -> int:
        return hash(PromptReader)

    def __call__(self, view: SpanView, facts: TraceFacts) -> None:
        scope = view.scope_spans.scope.name
        call = view.model_call()
        if call is None or not call.is_single:
            return
        system, variables = self._reader.system_prompt(view.span, scope)
        if not system:
            return
        text = "\n".join(message.text for message in system)
        form = _form(text, variables) if variables else self._forms[text]
        if facts.system_prompts is None:
            facts.system_prompts = set()
        if len(facts.system_prompts) < _MAX_OF_A_TRACE:
            facts.system_prompts.add(form)


def _form(text: str, variables: Sequence[str] = ()) -> int:
    return xxhash.xxh3_64_intdigest(skeleton(text, variables).encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class NewPromptRule:
    traces: int
    max_prompts: int
    seen: OrderedDict[int, int]
    """By hash of the skeleton: traces so far."""
    moment: Moment
    category: Category = "default"

    def vote(self, trace_id: bytes, facts: TraceFacts) -> Vote:  # noqa: ARG002  # the protocol's signature
        prompts = facts.system_prompts
        if not prompts:
            return PASS
        new = any(self.seen.get(prompt, 0) < self.traces for prompt in prompts)
        if self.moment.spends:
            for prompt in prompts:
                self.seen[prompt] = self.seen.pop(prompt, 0) + 1
            while len(self.seen) > self.max_prompts:
                self.seen.popitem(last=False)
        return Vote(new, threshold=None, limited=True)

    def saw(self, trace_id: bytes, facts: TraceFacts) -> Evidence:  # noqa: ARG002  # see vote
        return {"traces_so_far": sorted(self.seen.get(prompt, 0) for prompt in facts.system_prompts or ())}
