from __future__ import annotations

import asyncio
import io

import pytest

from processors.otlp.signal import Signal
from sidecar.batch import Batch, Delivered, Outcome, Refused
from sidecar.exporters.config import DebugExporterConfig
from sidecar.exporters.debug import DebugExporter
from tests.sidecar.exporters.backends import batch_of


def printed(batch: Batch, stream: io.StringIO | None = None) -> Outcome:
    async def scenario() -> Outcome:
        exporter = DebugExporter("debug", DebugExporterConfig(), stream)
        await exporter.start()
        outcome = await exporter.send(batch)
        await exporter.close()
        return outcome

    return asyncio.run(scenario())


def test_it_prints_to_the_stream_it_was_given() -> None:
    """One line under the exporter's name."""
    stream = io.StringIO()
    assert printed(batch_of(Signal.LOGS, 2), stream) == Delivered()
    assert stream.getvalue() == "debug: 2 log records\n"


def test_it_prints_to_standard_error_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to commands."""
    assert printed(batch_of()) == Delivered()
    assert capsys.readouterr() == ("", "debug: 1 span\n")


def test_a_closed_stream_refuses() -> None:
    """A queue nobody reads would hold up everything else in the end."""
    stream = io.StringIO()
    stream.close()
    assert printed(batch_of(), stream) == Refused("stream_closed")
