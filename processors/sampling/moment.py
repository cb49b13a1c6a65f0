"""When a trace is decided: what policies with a budget must know besides the trace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Moment:
    """Set by the decider before it asks the policies; shared by the rules of one compiled section."""

    s: float = 0.0
    """Seconds of any monotonic clock."""
    spends: bool = True
    """False where a trace is looked at again, or for people only: then no budget pays for it, and none is drawn upon."""
