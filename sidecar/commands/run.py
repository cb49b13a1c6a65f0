"""`genai-sidecar run`: the sidecar itself, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from sidecar.app import App
from sidecar.clock import SystemClock
from sidecar.config import Config
from sidecar.config_file import load_config
from sidecar.documents import DocumentErrors, Problem
from sidecar.policy_file import LoadedPolicy, PolicyWatcher, load_policy
from sidecar.standard_env import config_from_env

_log = logging.getLogger(__name__)


def main(options: argparse.Namespace) -> int:
    """Raises DocumentErrors with every mistake in both files."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It logs the URL of every request at INFO.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    problems: list[Problem] = []
    config = policy = None
    try:
        config = load_config(options.config) if options.config else config_from_env(os.environ)
    except DocumentErrors as errors:
        problems += errors.problems
    try:
        policy = load_policy(options.policy)
    except DocumentErrors as errors:
        problems += errors.problems
    if config is None or policy is None:
        raise DocumentErrors(problems)
    return asyncio.run(_run(config, policy, options.policy))


async def _run(config: Config, policy: LoadedPolicy, policy_file: Path | None) -> int:
    clock = SystemClock()
    app = App(config, policy, clock)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        await app.start()
    except OSError as error:
        _log.error("Cannot start: %s", error)  # a user's mistake, told without a traceback
        await app.stop()
        return 1
    if policy_file is not None:
        app.watch(PolicyWatcher(policy_file, clock, app.policy_changed, app.policy_refused))
    if config.storage.directory is None:
        _log.warning("Storage is in memory: what is not delivered when the process ends is lost.")
    else:
        _log.warning("storage.directory is not used by this version yet: storage is in memory.")
    _log.info("Policy %s is in force.", policy.digest)
    await stop.wait()
    _log.info("Stopping: deciding and delivering what waits.")
    await app.stop()
    return 0
