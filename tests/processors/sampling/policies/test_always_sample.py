from __future__ import annotations

from tests.processors.sampling.build import decide, policy, section, span


def test_keeps_everything() -> None:
    """Any trace, as one that stands for itself."""
    decision = decide(section(policy("always_sample")), span())
    assert (decision.kept, decision.threshold, decision.randomness, decision.by_rule) == (True, 0, None, True)
