"""Which system prompts are new for their service.

Invariants
  1. A prompt is known by its form, the hash of its skeleton: names, numbers and dates in it make no new one.
  2. What a service sends in its first ten minutes is what it is known for; from then on a form not seen before is new,
     once.
  3. At most `max_per_hour` are reported; what is beyond is known from then on, too.
  4. A service with 100 forms composes its prompts from text of its own: nothing is new there any more.
  5. At most 100 services are known; the one that was silent for longest makes room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from processors.processor import SystemPrompt

LEARNING_S: Final = 600.0
MAX_FORMS: Final = 100
MAX_SERVICES: Final = 100
_HOUR_S: Final = 3600.0
_MAX_NAME_CHARS: Final = 256


@dataclass(slots=True)
class _Service:
    since_s: float
    """Unix time."""
    forms: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Found:
    new: list[SystemPrompt] = field(default_factory=list)
    """To be reported."""
    withheld: int = 0
    """New as well, but more than may be reported in an hour."""


class PromptDrift:
    """Times are Unix seconds, and may be those of an earlier process."""

    def __init__(self, max_per_hour: int, state: Mapping[str, Any] | None = None) -> None:
        """`state` is what `state()` of an earlier process was; what is wrong in it is left out."""
        self.max_per_hour = max_per_hour
        self.changes = 0
        """Grows with every form that is learned."""
        self._services: dict[str, _Service] = {}
        self._reported: deque[float] = deque()
        for name, known in (state or {}).items():
            match known:
                case {"since": int() | float() as since, "forms": list() as forms}:
                    texts = {form for form in forms[:MAX_FORMS] if isinstance(form, str)}
                    self._services[name] = _Service(float(since), texts)

    def state(self) -> dict[str, Any]:
        """JSON values."""
        return {name: {"since": known.since_s, "forms": sorted(known.forms)} for name, known in self._services.items()}

    def observe(self, prompts: Iterable[SystemPrompt], now_s: float) -> Found:
        found = Found()
        for prompt in sorted(prompts):
            name = prompt.service[:_MAX_NAME_CHARS]
            known = self._services.pop(name, None) or _Service(now_s)
            self._services[name] = known  # at the end: the first is the one that was silent for longest
            if prompt.form in known.forms or len(known.forms) >= MAX_FORMS:
                continue
            known.forms.add(prompt.form)
            self.changes += 1
            if 0 <= now_s - known.since_s < LEARNING_S:
                continue
            if self._may_report(now_s):
                found.new.append(prompt)
            else:
                found.withheld += 1
        while len(self._services) > MAX_SERVICES:
            del self._services[next(iter(self._services))]
        return found

    def _may_report(self, now_s: float) -> bool:
        while self._reported and not 0 <= now_s - self._reported[0] < _HOUR_S:
            self._reported.popleft()
        if len(self._reported) >= self.max_per_hour:
            return False
        self._reported.append(now_s)
        return True
