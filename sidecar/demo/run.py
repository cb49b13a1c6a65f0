"""Starts the fake model, a backend and the sidecar, lets the app talk, and prints what came of it.

    app ──▶ sidecar ──▶ backend            the way it is used
     └────────────────▶ copy               only here, to have a "before" to show

Everything is on loopback and ends with the demo, whatever happens.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Final, NoReturn

from sidecar.demo.app_settings import COPY_ENDPOINT, SETTINGS
from sidecar.demo.backend import Backend
from sidecar.demo.chats import CHATS, Chat
from sidecar.demo.checks import checks
from sidecar.demo.fake_model import FakeModel
from sidecar.demo.page import Style, render
from sidecar.demo.sidecar_process import DemoError, SidecarProcess, clean_environment
from sidecar.demo.trace_view import TraceView, trace_views

_APP_TIMEOUT_S: Final = 120.0
_SETTLE_TIMEOUT_S: Final = 60.0


def run_demo(*, keep_running: bool) -> int:
    """0 if every promise held, 1 if not or if the demo could not be run, 130 after Ctrl-C."""
    try:
        with _sigterm_unwinds(), TemporaryDirectory(prefix="genai-sidecar-demo-") as directory:
            return _run(Path(directory), keep_running=keep_running)
    except DemoError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _run(directory: Path, *, keep_running: bool) -> int:
    _say("Starting a fake model, a backend and the sidecar on 127.0.0.1 ...")
    with (
        Backend() as backend,
        Backend() as copy,
        FakeModel(CHATS) as model,
        SidecarProcess(directory, backend.address) as sidecar,
    ):
        environment = clean_environment(
            {
                **SETTINGS,
                "OPENAI_BASE_URL": model.base_url,
                "OTEL_EXPORTER_OTLP_ENDPOINT": sidecar.otlp_endpoint,
                COPY_ENDPOINT: f"http://{copy.address}",
            }
        )
        _say(f"The app holds {len(CHATS)} chats and sends its telemetry to {sidecar.otlp_endpoint} ...")
        _app([], environment)
        before = trace_views(copy.traces())
        recorded = sum(view.spans for view in before.values())
        _say("The sidecar waits for each trace to end, then decides ...")
        _settle(sidecar, received=recorded, recovered=0)
        for chat, trace in _rated_late(before):
            _say(f'Later, a user rates the answer in "{chat.title}" with {chat.late_score} ...')
            _app(["--rate", trace.trace_id, trace.root_span_id, str(chat.late_score)], environment)
            # A trace that its share had kept anyway is not recovered, and the page will say so.
            if trace.trace_id not in trace_views(backend.traces()):
                _settle(sidecar, received=recorded, recovered=trace.spans)
        numbers = sidecar.numbers()
        after = trace_views(backend.traces())
        held = checks(CHATS, before, after, backend.received_bytes(), numbers)
        _say(render(before, after, numbers, held, _style()))
        if keep_running:
            _say(f"\nThe sidecar keeps running. OTLP: {sidecar.otlp_endpoint}  Metrics: {sidecar.metrics_url}")
            _say("Ctrl-C ends it.")
            threading.Event().wait()
    return 0 if all(check.held for check in held) else 1


def _rated_late(before: dict[str, TraceView]) -> Iterator[tuple[Chat, TraceView]]:
    by_title = {view.title: view for view in before.values()}
    for chat in CHATS:
        if chat.late_score is not None and chat.title in by_title:
            yield chat, by_title[chat.title]


def _settle(sidecar: SidecarProcess, *, received: int, recovered: int) -> None:
    def settled() -> bool:
        numbers = sidecar.numbers()
        return numbers.settled and numbers.received >= received and numbers.recovered >= recovered

    sidecar.wait_until(settled, _SETTLE_TIMEOUT_S, "done with every span")


def _app(arguments: Sequence[str], environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "sidecar.demo.app", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # our own command
            command, env=environment, capture_output=True, text=True, timeout=_APP_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise DemoError(f"the app had not ended after {_APP_TIMEOUT_S:g} s") from None
    if done.returncode:
        raise DemoError(f"the app ended with status {done.returncode}\n{done.stderr}")


@contextmanager
def _sigterm_unwinds() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, so that no process of it stays behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _style() -> Style:
    columns = shutil.get_terminal_size(fallback=(100, 24)).columns
    return Style(width=max(60, min(columns, 120)), colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the page is what the command is for
