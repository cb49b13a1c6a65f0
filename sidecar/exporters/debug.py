"""What would go out, to be read: counts, a line an item, or everything."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO

from google.protobuf.message import DecodeError

from sidecar.batch import Batch, Delivered, Outcome, Refused
from sidecar.exporters.config import DebugExporterConfig
from sidecar.exporters.debug_text import render


class DebugExporter:
    """Writes in a thread of its own: a terminal nobody reads holds up this exporter and nothing else.

    A stream that is closed refuses what comes: waiting would fill the queue, and a full queue holds up everything.
    """

    def __init__(self, name: str, config: DebugExporterConfig, stream: TextIO | None = None) -> None:
        self.name = name
        self._config = config
        self._stream = stream
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    @property
    def credentials(self) -> tuple[()]:
        return ()

    async def start(self) -> None:
        pass

    async def send(self, batch: Batch) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._print, batch)

    async def close(self) -> None:
        self._thread.shutdown(wait=False)

    def _print(self, batch: Batch) -> Outcome:
        try:
            text = render(batch, self._config.verbosity)
        except (DecodeError, ValueError, RecursionError):
            return Refused("not_encodable")
        stream = self._stream or sys.stderr
        try:
            stream.write(f"{self.name}: {text}\n")
            stream.flush()
        except (OSError, ValueError):
            return Refused("stream_closed")
        return Delivered()
