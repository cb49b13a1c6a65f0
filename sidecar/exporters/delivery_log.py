"""What the log says of one exporter: that its backend fails, that it is back, that data is lost.

Each at most once a minute, however often it happens, and at once when the reason is a new one. Reasons only: no
address, no header, nothing a backend said.
"""

from __future__ import annotations

import logging
import math
from typing import Final

from sidecar.exporters.tls_failure import EXPLANATIONS

_log = logging.getLogger(__name__)

_REPEAT_S: Final = 60.0


class DeliveryLog:
    def __init__(self, exporter: str) -> None:
        self._exporter = exporter
        self._failing_since: float | None = None
        self._failure_told_at = -math.inf
        self._outage_told = False
        self._reasons_told: set[str] = set()
        self._refusal_told_at = -math.inf
        self._refused_items = 0

    def failed(self, reason: str, now: float) -> None:
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failure_told_at < _REPEAT_S and (not self._outage_told or reason in self._reasons_told):
            return
        self._failure_told_at = now
        self._outage_told = True
        self._reasons_told.add(reason)
        failing_s = now - self._failing_since
        why = f"{reason}: {EXPLANATIONS[reason]}" if reason in EXPLANATIONS else reason
        _log.warning("Exporter %s: the backend takes no data, for %.0f s now (%s).", self._exporter, failing_s, why)

    def answered(self, now: float) -> None:
        """After failures, the backend took or refused something."""
        if self._failing_since is not None and self._outage_told:
            _log.warning(
                "Exporter %s: the backend answers again, after %.0f s.", self._exporter, now - self._failing_since
            )
        self._failing_since = None
        self._outage_told = False
        self._reasons_told.clear()

    def refused(self, reason: str, items: int, now: float) -> None:
        self._refused_items += items
        if now - self._refusal_told_at < _REPEAT_S:
            return
        _log.warning("Exporter %s: %d items will not be delivered (%s).", self._exporter, self._refused_items, reason)
        self._refusal_told_at = now
        self._refused_items = 0

    def broken(self, where: str, error: Exception) -> None:
        """An error of our own. Its message may hold content; its type does not."""
        _log.error("Exporter %s: %s raised %s.", self._exporter, where, type(error).__name__)
