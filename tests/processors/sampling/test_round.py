from __future__ import annotations

from processors.processor import Stamp
from processors.sampling.round import Round

ONE, TWO = bytes([1]) * 16, bytes([2]) * 16


def test_what_is_handed_out_is_gathered_by_record() -> None:
    """A record is read back once, for all its kept traces; a pair without spans is only settled."""
    round_ = Round()
    round_.keep_all([(7, 2, 0), (8, 0, 0), (9, 0, 4)], ONE, Stamp("p"))
    round_.keep_all([(7, 3, 0)], TWO, Stamp("q"))
    assert round_.kept[7].stamps == {ONE: Stamp("p"), TWO: Stamp("q")}
    assert round_.kept[7].spans == 5
    assert round_.settled == {8: 1}
    assert (round_.kept[9].spans, round_.kept[9].logs) == (0, 4)
    assert set(round_.kept) == {7, 9}


def test_decisions_alike_are_written_down_together() -> None:
    """However many traces: by policy and stamp, the randomness of each beside it."""
    round_ = Round()
    round_.write_down(ONE, "p", Stamp("p", 5, 1))
    round_.write_down(TWO, "p", Stamp("p", 5, 2))
    round_.write_down(ONE, "q", None)
    assert round_.decided == {("p", Stamp("p", 5)): {ONE: 1, TWO: 2}, ("q", None): {ONE: None}}
