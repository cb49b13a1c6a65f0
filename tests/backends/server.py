"""A backend as a process of its own: nothing of this machine's settings reaches it, and nothing it has leaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import pytest

from tests.backends.environment import environment, is_installed
from tests.support.ports import free_ports

START_TIMEOUT_S = 150.0
"""Both are slow: migrations of a new database, and a few thousand modules to import."""
STOP_TIMEOUT_S = 15.0

needs_backends = pytest.mark.skipif(not is_installed(), reason="Phoenix and MLflow are not installed: make backends")


class Trap:
    """A proxy that leads nowhere. What would have left the machine is counted here."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.caught = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.caught += 1
                connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


class Server:
    """Its files and its log are in `directory`; `url` is where its API is, once the context is entered."""

    def __init__(self, directory: Path, ready_path: str) -> None:
        self.directory = directory
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = directory / "server.log"
        self.trap = Trap()
        self._ready = f"{self.url}{ready_path}"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def settings(self) -> Mapping[str, str]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        proxy = f"http://127.0.0.1:{self.trap.port}"
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                self.command(),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={
                    "PATH": f"{environment() / 'bin'}:{os.defpath}",
                    "HOME": str(self.directory),
                    "TMPDIR": str(self.directory),
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy),
                    **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"),
                    **self.settings(),
                },
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        with httpx2.Client(trust_env=False, timeout=5) as client:
            while time.monotonic() < deadline:
                if self._process.poll() is not None:
                    raise AssertionError(f"it ended with {self._process.returncode}:\n{self.log_file.read_text()}")
                with suppress(httpx2.HTTPError):
                    if client.get(self._ready).status_code == 200:
                        return
                time.sleep(0.1)
        raise AssertionError(f"not ready after {START_TIMEOUT_S} s:\n{self.log_file.read_text()}")

    def _stop(self) -> None:
        """The group that it leads, for it starts others."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_TIMEOUT_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_TIMEOUT_S)
        self.trap.close()
