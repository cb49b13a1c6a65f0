"""Looks after every credential file while the sidecar runs: new ones into force, a warning before one expires, metrics.

genai_sidecar_credential_reloads_total{used_by,kind,result}   changes, by what came of them
genai_sidecar_credentials_up_to_date{used_by,kind}            1 if the files are what is in force
genai_sidecar_certificate_expires_in_seconds{used_by}         of the own certificate; below 0: expired
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sidecar.clock import Clock
from sidecar.credentials.certificates import Certificates
from sidecar.credentials.credential import APPLIED, CredentialFiles

_log = logging.getLogger(__name__)

_INTERVAL_S: Final = 1.0
_SOON_S: Final = 7 * 86400.0
_SOON_SHARE: Final = 0.2
"""Of a certificate's whole life, where that is less than a week: some live for an hour and are renewed at two thirds."""
_REPEAT_S: Final = 86400.0


class CredentialWatcher(Collector):
    """Register it with the metrics; `run` it in a task."""

    def __init__(self, clock: Clock, credentials: Sequence[CredentialFiles[Any]]) -> None:
        self._clock = clock
        self._credentials = tuple(credentials)
        self._told: dict[CredentialFiles[Any], tuple[float, bool]] = {}

    async def run(self) -> NoReturn:
        """Polls until cancelled."""
        while True:
            self.poll()
            await self._clock.sleep(_INTERVAL_S)

    def poll(self) -> None:
        now = self._now()
        for each in self._credentials:
            try:
                each.reload(now)
            except Exception as error:  # noqa: BLE001  # one that fails must not end the watch over the others
                _log.error("%s: looking at the %s files failed: %s.", each.used_by, each.kind, type(error).__name__)
            self._warn(each, now)

    def _warn(self, each: CredentialFiles[Any], now: float) -> None:
        """Once a day, and at once when it expires."""
        certificates = _certificates(each)
        if certificates is None:
            return
        left_s = certificates.valid_until_unix_s - now
        life_s = certificates.valid_until_unix_s - certificates.valid_from_unix_s
        if left_s > min(_SOON_S, _SOON_SHARE * life_s):
            self._told.pop(each, None)
            return
        told_at, told_expired = self._told.get(each, (-math.inf, False))
        if self._clock.monotonic() - told_at < _REPEAT_S and told_expired == (left_s <= 0):
            return
        self._told[each] = (self._clock.monotonic(), left_s <= 0)
        if left_s <= 0:
            _log.error("%s: the certificate has expired.", each.used_by)
        else:
            _log.warning("%s: the certificate expires in %s.", each.used_by, _in_words(left_s))

    def collect(self) -> Iterable[Metric]:
        prefix = "genai_sidecar_"
        labels = ["used_by", "kind"]
        reloads = CounterMetricFamily(
            f"{prefix}credential_reloads", "Changes of certificate and token files", labels=[*labels, "result"]
        )
        current = GaugeMetricFamily(
            f"{prefix}credentials_up_to_date",
            "1 if the files are what is in force, 0 if they cannot be used",
            labels=labels,
        )
        expires = GaugeMetricFamily(
            f"{prefix}certificate_expires_in_seconds",
            "What is left of the sidecar's own certificate",
            labels=["used_by"],
        )
        for each in self._credentials:
            for result in sorted({APPLIED, *each.results}):
                reloads.add_metric([each.used_by, each.kind, result], each.results[result])
            current.add_metric([each.used_by, each.kind], float(not each.problem))
            if (certificates := _certificates(each)) is not None:
                expires.add_metric([each.used_by], certificates.valid_until_unix_s - self._now())
        return (reloads, current, expires)

    def _now(self) -> float:
        return self._clock.unix_nano() / 1e9


def _certificates(each: CredentialFiles[Any]) -> Certificates | None:
    """What has a date: a certificate of one's own that is in use."""
    if each.loaded and isinstance(each.value, Certificates) and each.value.pair is not None:
        return each.value
    return None


def _in_words(seconds: float) -> str:
    for unit, size_s in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size_s:
            return f"{seconds / size_s:.0f} {unit}"
    return f"{seconds:.0f} seconds"
