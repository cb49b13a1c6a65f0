"""What users wrote is nowhere to be found on the machine, whatever happened to the sidecar."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from tests.support.backend import Backend, wait_until
from tests.support.chats import PLANTED, request_of
from tests.support.load import App, Client, evaluation, logs_of, make_spans
from tests.support.sidecar_process import Sidecar, total

SECRET_NAME = "kein-Mensch-heisst-so-0815"
"""Planted in the body of a score, next to what detectors know."""
NEEDLES = (*PLANTED, SECRET_NAME)
POLICY = """
version: 1
sampling:
  decision_wait: 2s
  decision_wait_after_root_received: 300ms
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
    - {name: low-score, type: score, score: {below: 0.5}}
    - {name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}
"""


def forms(text: str) -> Iterator[bytes]:
    """As it is, without spaces, in hexadecimal and in UTF-16; in base64, at whatever place in what was encoded."""
    for plain in (text.encode(), text.replace(" ", "").encode()):
        yield from (plain, plain.hex().encode(), plain.hex().upper().encode(), plain.decode().encode("utf-16-le"))
        for shift in range(3):
            # The characters at the ends also depend on what stands before and after.
            yield b64encode(b"\0" * shift + plain).rstrip(b"=")[4 if shift else 0 : -1]


def found_in(data: bytes) -> list[str]:
    return [needle for needle in NEEDLES if any(form in data for form in forms(needle))]


def test_the_search_finds_what_is_there() -> None:
    """Otherwise the test below proved nothing."""
    raw = request_of(make_spans(random.Random(1), error=True)).SerializeToString()
    assert found_in(raw) == list(PLANTED)
    for shift in range(3):
        assert found_in(b64encode(raw[shift:])) == list(PLANTED)
    assert found_in(raw.hex().encode()) == list(PLANTED)


def test_nothing_planted_is_on_disk_in_logs_or_in_metrics(tmp_path: Path) -> None:
    """Loaded, killed with undecided, dropped and undelivered data, restarted: no file, log or metric has any of it.

    Whatever is stored is its owner's alone.
    """
    storage, temporary = tmp_path / "storage", tmp_path / "temporary"
    temporary.mkdir()
    metrics: list[str] = []

    def look(sidecar: Sidecar) -> None:
        files = [path for directory in (storage, temporary) for path in directory.rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in storage.rglob("*.seg")) > 50_000
        assert {path.name for path in files} >= {"outbox.db", "outbox.db-wal", "encryption.key"}
        for path in files:
            assert found_in(path.read_bytes()) == [], path
        assert found_in(sidecar.log_file.read_bytes()) == []
        assert found_in("".join(metrics).encode()) == []
        modes = {path.relative_to(tmp_path).as_posix(): path.stat().st_mode & 0o777 for path in storage.rglob("*")}
        modes["storage"] = storage.stat().st_mode & 0o777
        wrong = {name for name, mode in modes.items() if mode != (0o700 if (tmp_path / name).is_dir() else 0o600)}
        assert wrong == set()

    with (
        Backend() as backend,
        Sidecar(
            tmp_path,
            backend.port,
            policy=POLICY,
            storage=f"directory: {storage}",
            environment={"TMPDIR": str(temporary)},
        ) as sidecar,
        Client(sidecar.grpc_port, sidecar.http_port, over_grpc=False) as client,
    ):
        backend.available = False
        with App(client, seed=1, traces_per_s=60, must_share=0.4) as app:
            wait_until(
                "some of it is in the outbox",
                lambda: total(sidecar.metrics(), "genai_sidecar_waiting", stage="outbox", signal="traces") > 20,
            )
            app.finish()
        bad_score = f'[{{"trace_id": "{SECRET_NAME} {" ".join(PLANTED)}", "name": 1}}]'.encode()
        good_score = (
            f'{{"session_id": "{SECRET_NAME}", "name": "x", "label": "{SECRET_NAME}", "comment": "{PLANTED[0]}"}}'
        )
        assert client.post("scores", bad_score).status_code == 400
        assert client.send("scores", good_score.encode()) == "acknowledged"
        assert client.send("logs", logs_of([evaluation(b"\1" * 16, 0.9, 1)]).SerializeToString()) == "acknowledged"
        assert client.post("traces", b"\xff" + " ".join(NEEDLES).encode()).status_code == 400
        metrics.append(sidecar.metrics_text())
        sidecar.kill()
        look(sidecar)
        sidecar.start()
        wait_until(
            "what was left is taken up",
            lambda: total(sidecar.metrics(), "genai_sidecar_replayed_total", signal="traces") > 20,
        )
        metrics.append(sidecar.metrics_text())
        look(sidecar)
        backend.available = True
        wait_until("all of it is delivered", lambda: total(sidecar.metrics(), "genai_sidecar_waiting") == 0)
        metrics.append(sidecar.metrics_text())
        look(sidecar)
        assert sidecar.terminate() == 0
    assert found_in(sidecar.log_file.read_bytes()) == []
    assert found_in(backend.all_bytes()) == []
    assert backend.spans()
