"""Records the corpus: `python -m tests.corpus.record [name…]`; without a name, all of it.

Needs uv (or UV=path), npm for the rows of Node.js, and a package index; the calls themselves go to endpoints on this
machine. Writes `recordings/<name>.jsonl` (`recording.py` says how).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from processors.otlp.json_codec import decode_json
from processors.otlp.signal import Request, Signal
from tests.corpus import conversation, planted
from tests.corpus.endpoints.server import Providers, Recorder
from tests.corpus.environment import environment, install
from tests.corpus.normalise import Normaliser
from tests.corpus.recording import Recording, write
from tests.corpus.table import PYTHON, ROWS, Row

ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 180


def record(row: Row) -> None:
    """Raises CalledProcessError or ValueError if there is nothing to record."""
    versions = install(row)
    providers, recorder = Providers(), Recorder()
    with providers.run() as port, recorder.run() as otlp_port, tempfile.TemporaryDirectory() as scratch:
        _run(row, port, otlp_port, Path(scratch))
        replace = {
            f":{port}": ":4010",
            f":{otlp_port}": ":4318",
            f"{environment(row)}/lib/python{PYTHON}/site-packages": "/app/lib",
            str(environment(row)): "/app",
            str(Path(sys.base_prefix)): "/usr",
            str(ROOT): "/app",
            Path(scratch).name: "app",
            scratch: "/tmp/app",  # noqa: S108  # a text
        }
        normaliser = Normaliser(replace, time.time())  # noqa: TID251  # what was recorded bears this clock's times
        requests = tuple(normaliser.lines(_received(recorder)))
    if providers.unknown_paths:
        print(f"  {row.name}: asked for {sorted(set(providers.unknown_paths))}")  # noqa: T201  # for the user
    if not requests:
        raise ValueError(f"{row.name}: nothing was recorded")
    packages = {name: versions[name] for name in row.pinned}
    text = write(Recording(row.name, packages, tuple(providers.served), requests))
    print(f"{row.name}: {len(requests)} items, {len(text) // 1024} KiB, {len(providers.served)} calls")  # noqa: T201  # for the user


def _run(row: Row, port: int, otlp_port: int, scratch: Path) -> None:
    home = environment(row)
    env = {
        "PATH": f"{home / ('node_modules/.bin' if row.is_node else 'bin')}:{os.environ['PATH']}",
        "HOME": str(scratch),
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "CORPUS_PROVIDER": f"http://127.0.0.1:{port}",
        "CORPUS_OTLP": f"http://127.0.0.1:{otlp_port}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{otlp_port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "corpus",
        "NO_PROXY": "127.0.0.1",
        **row.env,
    }
    if row.is_node:
        script = home / f"{row.client}.mjs"
        for name in ("otel.mjs", script.name):
            shutil.copy(Path(__file__).parent / "clients" / name, home / name)
        env["CORPUS_SCENARIO"] = json.dumps(_scenario())
        command = [shutil.which("node") or "node", str(script), row.setup]
    else:
        command = [str(home / "bin" / "python"), "-m", "tests.corpus.clients", row.client, row.setup]
    subprocess.run(command, check=True, cwd=scratch, env=env, timeout=_TIMEOUT_S)  # noqa: S603  # our own command


def _scenario() -> dict[str, Any]:
    """What clients in other languages need of it."""
    texts = {name.lower(): value for name, value in vars(conversation).items() if name.isupper() and name != "TURNS"}
    turns = {turn.name: turn.user for turn in conversation.TURNS}
    plain = {name: value for name, value in texts.items() if isinstance(value, str | dict | tuple)}
    return {**plain, "turns": turns, "user_id": planted.USER_ID, "metadata_email": planted.METADATA_EMAIL}


def _received(recorder: Recorder) -> list[tuple[Signal, Request]]:
    requests: list[tuple[Signal, Request]] = []
    for name, content_type, body in recorder.received:
        signal = Signal(name)
        if "json" in content_type:
            requests.append((signal, decode_json(signal, body)))
        else:
            requests.append((signal, signal.request_class.FromString(body)))
    return [_last_metrics(requests), *(each for each in requests if each[0] is not Signal.METRICS)]


def _last_metrics(requests: list[tuple[Signal, Request]]) -> tuple[Signal, Request]:
    """Metrics are cumulative: the last export says it all."""
    found = [each for each in requests if each[0] is Signal.METRICS]
    return found[-1] if found else (Signal.LOGS, ExportLogsServiceRequest())


def main(names: list[str]) -> int:
    unknown = set(names) - {row.name for row in ROWS}
    if unknown:
        print(f"no such row: {', '.join(sorted(unknown))}")  # noqa: T201  # for the user
        return 2
    failed = []
    for row in ROWS:
        if not names or row.name in names:
            try:
                record(row)
            except (subprocess.SubprocessError, ValueError, KeyError) as error:
                failed.append(row.name)
                print(f"{row.name}: {error}")  # noqa: T201  # for the user
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
