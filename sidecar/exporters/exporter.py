"""What an exporter is: one way to hand one batch to one destination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sidecar.batch import Batch, Outcome
from sidecar.credentials.credential import CredentialFiles


class Exporter(Protocol):
    """Makes attempts; `delivery.Delivery` decides when, and what becomes of their outcome."""

    @property
    def name(self) -> str:
        """As in sidecar.yaml: `type` or `type/name`."""

    @property
    def credentials(self) -> Sequence[CredentialFiles[Any]]:
        """The files to be watched."""

    async def start(self) -> None:
        """Raises OSError if a file the configuration names cannot be used. Does not wait for the backend."""

    async def send(self, batch: Batch) -> Outcome:
        """Exactly one attempt, bounded in time. Whatever the backend does is an outcome, never an exception."""

    async def close(self) -> None:
        """Attempts in flight are given up. May be called without `start`, and twice."""
