"""`genai-sidecar run`: the sidecar itself, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys

from sidecar.app import App
from sidecar.clock import Clock, SystemClock
from sidecar.config import Config
from sidecar.config_file import load_config
from sidecar.documents import DocumentErrors, Problem
from sidecar.garbage import collect_garbage
from sidecar.policy_file import LoadedPolicy, PolicyWatcher, load_policy
from sidecar.standard_env import config_from_env, ignored_variables
from sidecar.storage.errors import StorageUnusable

_log = logging.getLogger(__name__)


def main(options: argparse.Namespace) -> int:
    """Raises DocumentErrors with every mistake in both files."""
    # A core dump would write memory, content and keys included, to a disk nobody thinks of.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It logs the URL of every request at INFO.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    problems: list[Problem] = []
    config = policy = watcher = None
    running: list[App] = []
    clock = SystemClock()
    try:
        config = load_config(options.config) if options.config else config_from_env(os.environ)
    except DocumentErrors as errors:
        problems += errors.problems
    try:
        if options.policy:
            # Made before the policy is read, so that no change falls in between; it reports to the app made from it.
            watcher = PolicyWatcher(
                options.policy,
                clock,
                lambda loaded: running[0].policy_changed(loaded),  # noqa: PLW0108  # the app is made later
                lambda errors: running[0].policy_refused(errors),  # noqa: PLW0108  # the app is made later
            )
        policy = watcher.start() if watcher else load_policy(None)
    except DocumentErrors as errors:
        problems += errors.problems
    if config is None or policy is None:
        raise DocumentErrors(problems)
    for name in () if options.config else ignored_variables(os.environ):
        _log.warning("%s is ignored.", name)
    return asyncio.run(_run(config, policy, watcher, clock, running))


async def _run(
    config: Config, policy: LoadedPolicy, watcher: PolicyWatcher | None, clock: Clock, running: list[App]
) -> int:
    try:
        app = App(config, policy, clock)
    except (StorageUnusable, OSError) as error:
        _log.error("Cannot start: %s", error)  # a user's mistake, told without a traceback
        return 1
    running.append(app)
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
    if watcher is not None:
        app.watch(watcher)
    for unsent in config.unsent:
        _log.info("No exporter is sent %s: what comes in is counted as rejected, no_exporter.", unsent.value)
    if config.storage.directory is None:
        _log.warning(
            "Storage is in memory: what is not delivered when the process ends is lost, and a late score saves no trace "
            "after a restart. Set storage.directory to keep both."
        )
    _log.info("Policy %s is in force.", policy.digest)
    collecting = asyncio.create_task(collect_garbage(clock))
    await stop.wait()
    _log.info("Stopping: deciding and delivering what waits.")
    await app.stop()
    collecting.cancel()
    return 0
