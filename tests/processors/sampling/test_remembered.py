from __future__ import annotations

from processors.processor import Stamp
from processors.sampling.remembered import Remembered


def test_the_oldest_are_forgotten_first() -> None:
    """Kept and dropped traces have sizes of their own, as in the Collector's `decision_cache`."""
    known = Remembered(kept=1, dropped=2)
    for name in b"abc":
        known.put(bytes([name]), "p", Stamp("p"))
        known.put(bytes([name, 0]), "q", None)
    assert [known.recall(bytes([name])) for name in b"abc"] == [None, None, ("p", Stamp("p"))]
    assert [known.recall(bytes([name, 0])) for name in b"abc"] == [None, ("q", None), ("q", None)]


def test_what_is_recalled_is_taken_out() -> None:
    """Whoever recalls a trace looks after it from there on."""
    known = Remembered(1, 1)
    known.put(b"a", "p", None)
    assert known.recall(b"a") == ("p", None)
    assert known.recall(b"a") is None


def test_no_size_remembers_nothing_and_a_smaller_one_forgets() -> None:
    """0 is off; a reload with smaller sizes lets the oldest go."""
    known = Remembered(0, 0)
    known.put(b"a", "p", None)
    assert known.recall(b"a") is None
    known.resize(0, 3)
    for name in (b"a", b"b", b"c"):
        known.put(name, "p", None)
    known.resize(0, 1)
    assert [known.recall(name) is not None for name in (b"a", b"b", b"c")] == [False, False, True]
