from __future__ import annotations

import math

from processors.sampling.late_window import LateWindow


def test_traces_are_forgotten_when_their_window_is_over() -> None:
    """The oldest first; those of one moment in any order."""
    window = LateWindow()
    for expires, trace_id in ((5.0, b"a"), (5.0, b"b"), (6.0, b"c")):
        window.add(expires, trace_id)
    assert window.next(4.9) is None
    assert len(window) == 3
    assert {window.next(5.0), window.next(5.0)} == {b"a", b"b"}
    assert window.next(5.9) is None
    assert window.next(math.inf) == b"c"
    assert window.next(math.inf) is None
    assert len(window) == 0
