from __future__ import annotations

import random

import pytest

from processors.sampling.decide import Decider
from processors.sampling.facts import TraceFacts
from tests.processors.sampling.build import policy, section


@pytest.mark.parametrize(
    ("percentage", "salt", "expected"),
    [(100, "", 100), (0, "", 0), (25, "", 25), (33, "", 33), (33, "test-salt", 33), (-50, "", 0), (150, "", 100)],
)
@pytest.mark.parametrize("carrier", ["hash", "trace id", "rv"])
def test_share(percentage: float, salt: str, expected: float, carrier: str) -> None:
    """As many as asked for, within 4.5 standard errors, whatever the randomness is drawn from."""
    draw = random.Random(1)
    decider = Decider(section(policy("probabilistic", sampling_percentage=percentage, hash_salt=salt)))
    count = 10_000
    kept = 0
    for _ in range(count):
        rv = draw.getrandbits(56) if carrier == "rv" else None
        facts = TraceFacts(span_count=1, randomness=rv, head_sampled=carrier == "trace id")
        kept += decider.decide(draw.randbytes(16), facts).kept
    share = expected / 100
    assert abs(kept - count * share) <= 4.5 * (count * share * (1 - share)) ** 0.5


def test_more_keeps_what_less_keeps() -> None:
    """Consistent: a trace kept at 5 % is kept at 20 %."""
    draw = random.Random(2)
    less, more = (Decider(section(policy("probabilistic", sampling_percentage=each))) for each in (5, 20))
    facts = TraceFacts(span_count=1)
    for trace_id in (draw.randbytes(16) for _ in range(3000)):
        assert more.decide(trace_id, facts).kept or not less.decide(trace_id, facts).kept


def test_salts_keep_different_traces() -> None:
    """Two layers with different salts draw independently."""
    draw = random.Random(3)
    one, two = (Decider(section(policy("probabilistic", sampling_percentage=50, hash_salt=each))) for each in "ab")
    facts = TraceFacts(span_count=1)
    ids = [draw.randbytes(16) for _ in range(1000)]
    both = sum(one.decide(each, facts).kept and two.decide(each, facts).kept for each in ids)
    assert 180 < both < 320
