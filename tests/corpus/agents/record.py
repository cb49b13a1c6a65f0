"""Records agents that loop, and some that do not: `python -m tests.corpus.agents.record [name…]`.

With the environments of the corpus (`tests/corpus/table.py`), against a model that follows a script. Left out of the
recordings is what each request repeats of the conversation before, and long texts are cut.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.otlp.signal import Request, Signal
from tests.corpus.agents.endpoint import Scripted
from tests.corpus.agents.recording import RECORDINGS, write
from tests.corpus.agents.table import RUNS, Run
from tests.corpus.endpoints.server import Recorder
from tests.corpus.environment import environment, install
from tests.corpus.normalise import Normaliser
from tests.corpus.table import ROWS, Row

ROOT: Final = Path(__file__).parents[3]
_TIMEOUT_S: Final = 240
_HISTORY: Final = re.compile(
    r".*input[._]messages.*|gen_ai\.prompt.*|.*system_instructions|.*tool_definitions|gen_ai\.tool\.definitions"
    r"|llm\.tools\..*|llm\.request\..*|all_messages.*|pydantic_ai\.all_messages|model_request_parameters|metadata"
    r"|traceloop\.association\.properties\..*|gen_ai\.task\..*|tool\.description|gen_ai\.tool\.(description|json_schema)|.*llm_request|graph\..*"
)
_MAX_CHARS: Final = 1_500


def record(run: Run, row: Row) -> None:
    """Raises CalledProcessError or ValueError if there is nothing to record."""
    versions = install(row)
    model, recorder = Scripted(), Recorder()
    with model.run() as port, recorder.run() as otlp_port, tempfile.TemporaryDirectory() as scratch:
        _run(run, row, port, otlp_port, Path(scratch))
        replace = {
            f":{port}": ":4010",
            f":{otlp_port}": ":4318",
            f"{environment(row)}/lib/python3.11/site-packages": "/app/lib",
            str(environment(row)): "/app",
            str(Path(sys.base_prefix)): "/usr",
            str(ROOT): "/app",
            scratch: "/tmp/app",  # noqa: S108  # a text
        }
        normaliser = Normaliser(replace, time.time())  # noqa: TID251  # what was recorded bears this clock's times
        items = [request for _, request in normaliser.lines(_spans(recorder))]
    if model.unknown_paths:
        print(f"  {row.name}: asked for {sorted(set(model.unknown_paths))}")  # noqa: T201  # for the user
    if not items:
        raise ValueError(f"{row.name}: nothing was recorded")
    for request in items:
        _shorten(request)
    size = write(row.name, {name: versions[name] for name in row.pinned}, items)
    print(f"{row.name}: {len(items)} spans, {size // 1024} KiB, {len(model.served)} calls")  # noqa: T201  # for the user


def _run(run: Run, row: Row, port: int, otlp_port: int, scratch: Path) -> None:
    home = environment(row)
    env = {
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "HOME": str(scratch),
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "CORPUS_PROVIDER": f"http://127.0.0.1:{port}",
        "CORPUS_OTLP": f"http://127.0.0.1:{otlp_port}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{otlp_port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "corpus",
        "OTEL_BSP_MAX_QUEUE_SIZE": "8192",
        "NO_PROXY": "127.0.0.1",
        **row.env,
        **run.env,
    }
    command = [str(home / "bin" / "python"), "-m", "tests.corpus.agents.clients", run.client, row.setup]
    subprocess.run(command, check=True, cwd=scratch, env=env, timeout=_TIMEOUT_S)  # noqa: S603  # our own command


def _spans(recorder: Recorder) -> Iterator[tuple[Signal, Request]]:
    for name, _, body in recorder.received:
        if name == "traces":
            yield Signal.TRACES, Signal.TRACES.request_class.FromString(body)


def _shorten(request: Any) -> None:
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.ClearField("trace_state")
    kept = [each for each in span.attributes if not _HISTORY.fullmatch(each.key)]
    del span.attributes[:]
    span.attributes.extend(kept)
    for event in span.events:
        _cut(each.value for each in event.attributes)
    del span.events[8:]
    _cut(each.value for each in span.attributes)


def _cut(values: Iterable[AnyValue]) -> None:
    for value in values:
        if len(value.string_value) > _MAX_CHARS:
            value.string_value = value.string_value[:_MAX_CHARS] + "…"


def main(names: list[str]) -> int:
    RECORDINGS.mkdir(exist_ok=True)
    rows = {row.name: row for row in ROWS}
    failed = 0
    for run in RUNS:
        if not names or run.row in names:
            try:
                record(run, rows[run.row])
            except (subprocess.SubprocessError, ValueError, KeyError) as error:
                failed += 1
                print(f"{run.row}: {error}")  # noqa: T201  # for the user
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
