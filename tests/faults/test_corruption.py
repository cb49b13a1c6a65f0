"""Damage to the files of a sidecar that was killed."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sidecar.storage.segment import RECORDS_START
from tests.support.backend import Backend, wait_until
from tests.support.load import Client, Piece, encode, make_spans
from tests.support.sidecar_process import Sidecar, imbalance, total

UNDECIDED = """
version: 1
sampling:
  decision_wait: 600s
  decision_wait_after_root_received: 600s
  policies: [{name: all, type: always_sample}]
"""
DECIDED = UNDECIDED.replace("600s", "100ms")


def send(sidecar: Sidecar, traces: list[list[Span]]) -> None:
    """One request a trace."""
    with Client(sidecar.grpc_port, sidecar.http_port, over_grpc=True) as client:
        for trace in traces:
            assert client.send("traces", encode("traces", [Piece("traces", tuple(trace))])) == "acknowledged"


def events(sidecar: Sidecar) -> dict[tuple[str, str], float]:
    return {
        (dict(labels)["store"], dict(labels)["event"]): value
        for (name, labels), value in sidecar.metrics().items()
        if name == "genai_sidecar_storage_events_total"
    }


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x10
    path.write_bytes(data)


def newest_segment(journal: Path) -> Path:
    return max(journal.glob("*.seg"))


def test_damage_to_the_journal_costs_the_records_it_hit(tmp_path: Path) -> None:
    """A flipped bit, a cut tail, an empty segment, a foreign file: it starts, counts, and delivers all the others."""
    rng = random.Random(1)
    first, second, third = ([make_spans(rng, tools=1) for _ in range(count)] for count in (9, 5, 3))
    journal = tmp_path / "storage" / "journal"
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=UNDECIDED, storage=f"directory: {tmp_path / 'storage'}") as sidecar,
    ):
        send(sidecar, first)
        sidecar.kill()
        # All records have about the same size: this one lies in the fifth of nine.
        flipped = newest_segment(journal)
        flip(flipped, RECORDS_START + (flipped.stat().st_size - RECORDS_START) // 2)
        sidecar.start()
        send(sidecar, second)
        sidecar.kill()
        cut = newest_segment(journal)
        cut.write_bytes(cut.read_bytes()[:-7])
        (journal / "00000000ffffffff.seg").write_bytes(b"")
        (journal / "notes.seg").write_bytes(b"Remember the milk.\n" * 100)
        (journal / "notes.txt").write_bytes(b"not ours to touch")
        sidecar.policy_file.write_text(DECIDED)
        sidecar.start()
        send(sidecar, third)
        there = {trace[0].trace_id for trace in [*first[:4], *first[5:], *second[:-1], *third]}
        wait_until("the others arrive", lambda: {span.trace_id for span in backend.spans()} == there)
        wait_until("nothing waits", lambda: total(sidecar.metrics(), "genai_sidecar_waiting") == 0)
        assert len(backend.spans()) == 3 * len(there)
        assert imbalance(sidecar.metrics(), "traces") == 0
        told = events(sidecar)
        assert told["journal", "damaged_record"] == 1
        assert told["journal", "torn_tail"] == 2
        assert told["journal", "foreign_file"] == 1
        assert (journal / "notes.txt").read_bytes() == b"not ours to touch"
        aside = {path.read_bytes() for path in (journal / "set-aside").iterdir()}
        assert b"Remember the milk.\n" * 100 in aside
        assert sidecar.get("/readyz") == 200
        assert sidecar.terminate() == 0


def test_damage_to_the_outbox_costs_the_batches_it_hit(tmp_path: Path) -> None:
    """A flipped bit in a batch, then a database that SQLite cannot open: all other batches are delivered."""
    rng = random.Random(2)
    traces = [make_spans(rng) for _ in range(4)]
    database = tmp_path / "storage" / "outbox.db"
    with (
        Backend() as backend,
        Sidecar(tmp_path, backend.port, policy=DECIDED, storage=f"directory: {tmp_path / 'storage'}") as sidecar,
    ):
        backend.available = False
        for number, trace in enumerate(traces, start=1):
            send(sidecar, [trace])
            wait_until(
                "it is in the outbox",
                lambda: total(sidecar.metrics(), "genai_sidecar_waiting", stage="outbox") == 2 * number,  # noqa: B023
            )
        sidecar.kill()
        damage(database, gather(database)[1])
        backend.available = True
        sidecar.start()
        wait_until("nothing waits", lambda: total(sidecar.metrics(), "genai_sidecar_waiting") == 0)
        expected = [trace[0].trace_id for number, trace in enumerate(traces) if number != 1]
        assert {span.trace_id for span in backend.spans()} == set(expected)
        samples = sidecar.metrics()
        assert imbalance(samples, "traces") == 0
        assert total(samples, "genai_sidecar_rejected_total", signal="traces", reason="unreadable") == 2
        assert events(sidecar)["outbox", "damaged_batch"] == 1

        backend.available = False
        more = [make_spans(rng) for _ in range(4)]
        send(sidecar, more)
        wait_until(
            "it is in the outbox", lambda: total(sidecar.metrics(), "genai_sidecar_waiting", stage="outbox") == 8
        )
        sidecar.kill()
        gather(database)
        flip(database, 3)
        backend.available = True
        sidecar.start()
        wait_until(
            "what was in it arrives",
            lambda: {trace[0].trace_id for trace in more} <= {span.trace_id for span in backend.spans()},
        )
        assert events(sidecar)["outbox", "damaged_database"] == 1
        send(sidecar, [make_spans(rng)])
        wait_until("it goes on", lambda: len(backend.spans()) == 6 + 8 + 2)
        assert list((tmp_path / "storage" / "set-aside").iterdir())


def gather(database: Path) -> list[bytes]:
    """The sealed payloads, oldest first; afterwards all of the database is in its main file."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return [sealed for (sealed,) in connection.execute("SELECT sealed FROM payloads ORDER BY id")]


def damage(database: Path, sealed: bytes) -> None:
    """Also what a page that was split has left of it."""
    data, part = database.read_bytes(), sealed[100:600]
    assert part in data
    database.write_bytes(data.replace(part, part[:250] + bytes((part[250] ^ 0x10,)) + part[251:]))
