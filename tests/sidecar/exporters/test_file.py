from __future__ import annotations

import asyncio
import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Refused, Retry
from sidecar.exporters.config import FileExporterConfig
from sidecar.exporters.file import FileExporter
from sidecar.exporters.line_file import LineFile
from tests.sidecar.exporters.backends import batch_of
from tests.support.otlp import TRACE_ID


def exporter_to(path: Path, **settings: Any) -> FileExporter:
    return FileExporter("file/out", FileExporterConfig(path=path, **settings))


def test_one_object_a_line_as_the_collector_writes_them(tmp_path: Path) -> None:
    """TracesData, LogsData and MetricsData in OTLP JSON: ids in hex, one batch a line."""
    path = tmp_path / "out.jsonl"

    async def scenario() -> None:
        exporter = exporter_to(path)
        await exporter.start()
        for signal in Signal:
            assert await exporter.send(batch_of(signal, 2)) == Delivered()
        await exporter.close()

    asyncio.run(scenario())
    traces, logs, metrics = (json.loads(line) for line in path.read_text().splitlines())
    assert traces["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["traceId"] == TRACE_ID.hex()
    assert len(logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) == 2
    assert len(metrics["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]) == 2


def test_append_or_begin_anew(tmp_path: Path) -> None:
    """By default a restart loses nothing."""
    path = tmp_path / "out.jsonl"
    for append, lines in ((True, 1), (True, 2), (False, 1)):

        async def scenario(*, append: bool) -> None:
            exporter = exporter_to(path, append=append)
            await exporter.start()
            await exporter.send(batch_of())
            await exporter.close()

        asyncio.run(scenario(append=append))
        assert len(path.read_text().splitlines()) == lines


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """Whatever the system says may pass; the reason is its own word for it."""

    def cannot(*_: Any) -> int:
        raise OSError(error, os.strerror(error))

    async def scenario() -> None:
        exporter = exporter_to(tmp_path / "out.jsonl")
        await exporter.start()
        with monkeypatch.context() as patched:
            patched.setattr("sidecar.exporters.line_file._write_all", cannot)
            assert await exporter.send(batch_of()) == Retry(f"file_{errno.errorcode[error].lower()}")
        assert await exporter.send(batch_of()) == Delivered()
        await exporter.close()

    asyncio.run(scenario())


def test_a_full_disk_for_real() -> None:
    """/dev/full is no regular file, so it is refused at the start; a directory that is not there, too."""
    for path in (Path("/dev/full"), Path("/nowhere/at/all")):
        exporter = exporter_to(path)

        async def scenario(exporter: FileExporter) -> None:
            try:
                await exporter.start()
            finally:
                await exporter.close()

        with pytest.raises(OSError):  # which one is the system's to say
            asyncio.run(scenario(exporter))


def test_a_payload_that_is_no_request_is_refused(tmp_path: Path) -> None:
    """It would never become one."""

    async def scenario() -> None:
        exporter = exporter_to(tmp_path / "out.jsonl")
        await exporter.start()
        assert await exporter.send(Batch(1, Signal.TRACES, b"\xff", 1)) == Refused("not_encodable")
        await exporter.close()

    asyncio.run(scenario())


def test_a_disk_that_hangs_does_not_hold_up_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this exporter's own thread waits, and what was being written when it was given up is still one line."""
    path, free = tmp_path / "out.jsonl", threading.Event()
    write = os.write

    def hang(descriptor: int, data: bytes) -> int:
        free.wait(20)
        return write(descriptor, data)

    async def scenario() -> None:
        exporter = exporter_to(path)
        await exporter.start()
        monkeypatch.setattr(os, "write", hang)
        attempt = asyncio.create_task(exporter.send(batch_of()))
        await asyncio.sleep(0.01)
        assert not attempt.done()
        attempt.cancel()
        second = asyncio.create_task(exporter.send(batch_of()))
        free.set()
        assert await second == Delivered()
        await exporter.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))
    for line in path.read_text().splitlines():
        json.loads(line)


def test_sends_side_by_side_are_written_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread writes, however many consumers there are: cutting back a failed line must not cut another's."""
    path = tmp_path / "out.jsonl"
    append, threads = LineFile.append, set[int]()

    def watched(file: LineFile, line: str) -> None:
        threads.add(threading.get_ident())
        append(file, line)

    monkeypatch.setattr(LineFile, "append", watched)

    async def scenario() -> None:
        exporter = exporter_to(path)
        await exporter.start()
        await asyncio.gather(*(exporter.send(batch_of(items=50)) for _ in range(50)))
        await exporter.close()

    asyncio.run(scenario())
    lines = path.read_text().splitlines()
    assert len(threads) == 1
    assert len(lines) == 50
    assert len(set(lines)) == 1
