"""One worker process as the sidecar sees it: start it, ask it, end it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sidecar.transform import wire

_START_TIMEOUT_S: Final = 120.0
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""The model's matrices are small: threads of the linear algebra library wait for each other longer than they work."""


class WorkerDied(Exception):  # noqa: N818  # named for what happened
    """The process ended, hung or answered with something that is no frame. It is gone now."""


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker is told at its start: the policy as read from its file, and the keys it names."""

    policy: Mapping[str, Any]
    pseudonym: str | None = None
    prompt_hash: str | None = None
    recognizers: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return "WorkerSetup([REDACTED])"


class WorkerProcess:
    """Not safe for concurrent use: one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, setup: WorkerSetup, command: Sequence[str] | None = None) -> WorkerProcess:
        """Returns when the worker has its model loaded. Raises WorkerDied if it does not get there."""
        process = await asyncio.create_subprocess_exec(
            *(command or (sys.executable, "-m", "sidecar.transform.worker")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # A terminal's Ctrl-C goes to the whole group; the worker must outlive it until the drain is done.
            start_new_session=True,
            env={**_ONE_THREAD, **os.environ},
        )
        worker = cls(process)
        init = {
            "kind": "init",
            "policy": setup.policy,
            "pseudonym": setup.pseudonym,
            "prompt_hash": setup.prompt_hash,
            "recognizers": setup.recognizers,
        }
        try:
            header, _ = await worker.ask(wire.pack(init), _START_TIMEOUT_S)
        except BaseException:
            await worker.kill()
            raise
        if header.get("kind") != "ready":
            await worker.kill()
            raise WorkerDied("start")
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, frame: bytes, timeout_s: float) -> tuple[dict[str, Any], list[bytes]]:
        """Raises WorkerDied, with the process killed, unless a frame comes back in time."""
        try:
            async with asyncio.timeout(timeout_s):
                assert self._process.stdin is not None  # noqa: S101  # both are pipes, see start
                assert self._process.stdout is not None  # noqa: S101  # see above
                # Writing waits for reading, and a worker that answers early must not wait for us.
                receiving = asyncio.ensure_future(self._receive(self._process.stdout))
                await asyncio.gather(self._send(self._process.stdin, frame), receiving)
                return receiving.result()
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            await self.kill()
            raise WorkerDied(type(error).__name__) from None

    @staticmethod
    async def _send(stdin: asyncio.StreamWriter, frame: bytes) -> None:
        stdin.write(frame)
        await stdin.drain()

    @staticmethod
    async def _receive(stdout: asyncio.StreamReader) -> tuple[dict[str, Any], list[bytes]]:
        head_bytes, body_bytes = wire.PREFIX.unpack(await stdout.readexactly(wire.PREFIX.size))
        if head_bytes > wire.MAX_HEADER_BYTES or body_bytes > wire.MAX_BODY_BYTES:
            raise ValueError("frame too large")
        return wire.unpack(await stdout.readexactly(head_bytes), await stdout.readexactly(body_bytes))

    async def close(self, grace_s: float = 2.0) -> None:
        """Ends the worker by closing its input; kills it if that does not help in time."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(grace_s):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        # Not Process.kill: it polls first, and so takes the exit status away from asyncio's own watcher.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()
