"""Python's cyclic garbage, collected seldom enough that the receivers hardly notice.

By itself Python goes through all that lives long each time that it has grown by a quarter. Here that is every trace of
the last ten minutes; the event loop is held meanwhile (`benchmarks/deciding.py` says for how long), to find a few dozen objects.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Final

from sidecar.clock import Clock

MOST_OFTEN_S: Final = 60.0
LEAST_OFTEN_S: Final = 3600.0
_SHARE_OF_TIME: Final = 1e-4
_NEVER: Final = 1_000_000_000
"""Collections of the middle generation before Python would do a full one."""


async def collect_garbage(clock: Clock, collect: Callable[[], object] = gc.collect) -> None:
    """Runs until cancelled, from when everything is loaded. Young garbage is Python's own affair, as before.

    A full collection follows another after 10,000 times what that one took, at least a minute and at most an hour.
    """
    collect()
    gc.freeze()  # what is loaded by now stays
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    wait_s = MOST_OFTEN_S
    try:
        while True:
            await clock.sleep(wait_s)
            began = clock.monotonic()
            collect()
            took_s = clock.monotonic() - began
            wait_s = min(max(took_s / _SHARE_OF_TIME, MOST_OFTEN_S), LEAST_OFTEN_S)
    finally:
        gc.set_threshold(young, middle, old)
        gc.unfreeze()
