"""OTLP JSON lines, as the Collector's file exporter writes them: one TracesData, LogsData or MetricsData a line."""

from __future__ import annotations

import asyncio
import errno
from concurrent.futures import ThreadPoolExecutor

from google.protobuf.message import DecodeError

from processors.otlp.json_codec import encode_json
from sidecar.batch import Batch, Delivered, Outcome, Refused, Retry
from sidecar.exporters.config import FileExporterConfig
from sidecar.exporters.line_file import LineFile


class FileExporter:
    """Writes in a thread of its own, so that a disk that hangs holds up this exporter and nothing else."""

    def __init__(self, name: str, config: FileExporterConfig) -> None:
        self.name = name
        self._config = config
        self._file = LineFile(config.path, fsync=config.fsync)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    @property
    def credentials(self) -> tuple[()]:
        return ()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, lambda: self._file.open(truncate=not self._config.append))

    async def send(self, batch: Batch) -> Outcome:
        """An attempt ends when the system call does: the kernel offers no time limit for files."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)

    async def close(self) -> None:
        try:
            self._thread.submit(self._file.close)
        except RuntimeError:
            return  # closed before
        self._thread.shutdown(wait=False)

    def _write(self, batch: Batch) -> Outcome:
        try:
            line = encode_json(batch.signal, batch.signal.request_class.FromString(batch.payload))
        except (DecodeError, ValueError, RecursionError):
            return Refused("not_encodable")
        try:
            self._file.append(line)
        except OSError as error:
            return Retry(f"file_{errno.errorcode.get(error.errno or 0, 'error').lower()}")
        return Delivered()
