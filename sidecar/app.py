"""One running sidecar: every part made from the configuration, started back to front, stopped front to back.

Start: what was decided before, exporters and deliveries, transforms, replay and decisions, receivers. Data is accepted
before the transform worker has its model loaded and while the journal is replayed; what is kept waits for it.
Stop, within `shutdown_timeout`: receivers refuse, what waits is decided, transformed and delivered. What the backend
did not take by then stays in `storage.directory`; without one it is lost, and the log says how much.
"""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Coroutine
from typing import Any, Final

from sidecar.admin.app import AdminApp
from sidecar.batch import Batch, Refused
from sidecar.clock import Clock
from sidecar.config import Config
from sidecar.credentials.watcher import CredentialWatcher
from sidecar.documents import DocumentErrors
from sidecar.drift import DriftEvents
from sidecar.exporters import make_exporter
from sidecar.exporters.delivery import Delivery
from sidecar.http_server import HttpServer
from sidecar.metrics import Metrics
from sidecar.pipeline import Pipeline
from sidecar.policy_file import LoadedPolicy, PolicyWatcher
from sidecar.receivers.config import GuardConfig, split_endpoint
from sidecar.receivers.grpc_receiver import GrpcReceiver
from sidecar.receivers.guard import Guard
from sidecar.receivers.http_receiver import HttpReceiver
from sidecar.storage.state_file import StateFile
from sidecar.storage.stores import open_stores
from sidecar.transform.transformer import Transformer
from sidecar.transform.worker_process import WorkerSetup

_log = logging.getLogger(__name__)

_RECEIVER_GRACE_S: Final = 2.0
_MIB: Final = 1024 * 1024


class App:
    """Raises StorageUnusable, and OSError if the storage directory cannot be used."""

    def __init__(self, config: Config, policy: LoadedPolicy, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._tasks: list[asyncio.Task[Any]] = []
        self.metrics = Metrics()
        self._warn_of(policy)
        self._stores = open_stores(
            config.storage,
            {name: exporter.sending_queue.queue_size_mib * _MIB for name, exporter in config.exporters.items()},
            takes={name: exporter.signals for name, exporter in config.exporters.items()},
            on_done=self._batch_done,
            on_event=self._storage_event,
            clock=clock,
        )
        self._outbox = self._stores.outbox
        self._transformer = Transformer(worker_setup(policy), clock, on_restart=self._worker_failed)
        self._drift = self._drift_events(policy)
        self.pipeline = Pipeline(
            policy.policy.sampling,
            journal=self._stores.journal,
            outbox=self._outbox,
            transformer=self._transformer,
            metrics=self.metrics,
            clock=clock,
            prices=policy.policy.cost.prices,
            drift=self._drift,
        )
        self._deliveries = [self._delivery(name) for name in config.exporters]
        self._receivers = self._make_receivers()
        self._admin = self._make_admin()
        self._credentials = CredentialWatcher(
            clock, [one for user in (*self._receivers.values(), *self._deliveries) for one in user.credentials]
        )
        self.metrics.registry.register(self._credentials)
        self.metrics.gauge("exporter_queue", "What waits for an exporter", ("exporter", "unit"), self._queue_sizes)

    # ── life ───────────────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Returns once data is accepted. Raises OSError if a port is taken or a certificate cannot be used."""
        self._take_up()
        for delivery in self._deliveries:
            await delivery.start()
            self._spawn(delivery.run(), f"deliver {delivery.name}")
        self._spawn(self._transformer.start(), "start the transform worker")
        self._spawn(self.pipeline.run_transforms(), "transform")
        self._spawn(self.pipeline.run_decisions(), "decide")
        if self._admin is not None:
            await self._admin.start()
        for name, receiver in self._receivers.items():
            await receiver.start()
            _log.info("Receiving OTLP over %s on port %d.", name, receiver.port)
        self._spawn(self._credentials.run(), "watch the credentials")

    def _take_up(self) -> None:
        """What earlier processes left: batches are in the outbox, decisions go to the ledger, the rest is replayed."""
        for signal, items in self._outbox.waiting_items.items():
            self.metrics.replayed(signal, items)
        self.pipeline.load_decisions()

    def watch(self, watcher: PolicyWatcher) -> None:
        self._spawn(watcher.run(), "watch the policy")

    async def stop(self) -> None:
        """Drains within `shutdown_timeout` and ends everything that was started."""
        deadline = self._clock.monotonic() + self._config.shutdown_timeout
        await asyncio.gather(*(receiver.stop(_RECEIVER_GRACE_S) for receiver in self._receivers.values()))
        try:
            async with asyncio.timeout(self._config.shutdown_timeout):
                await self.pipeline.drain()
                left = max(0.0, deadline - self._clock.monotonic())
                await asyncio.gather(*(delivery.drain(left) for delivery in self._deliveries))
        except TimeoutError:
            pass
        if waiting := self.pipeline.waiting_items():
            if self._stores.directory is None:
                _log.error("Stopping with %d items undelivered; in-memory storage does not keep them.", waiting)
            else:
                _log.info("Stopping with %d items undelivered; they stay in storage until the next start.", waiting)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for delivery in self._deliveries:
            await delivery.close()
        await self._transformer.close()
        await self._stores.close()
        if self._admin is not None:
            await self._admin.stop(0.5)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._task_ended)
        self._tasks.append(task)

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        _log.error("Task %r ended with %s", task.get_name(), _where(error))
        self.pipeline.stage_ended(task.get_name())

    # ── policy ─────────────────────────────────────────────────────────────────────────────────────────────

    def policy_changed(self, policy: LoadedPolicy) -> None:
        """A new policy, all of it from the moment on at which its sampling is in force."""
        self._warn_of(policy)
        self._spawn(self._put_in_force(policy), "put the policy in force")

    async def _put_in_force(self, policy: LoadedPolicy) -> None:
        sections = policy.policy
        try:
            if not await self.pipeline.replace_sampling(sections.sampling, sections.cost.prices):
                return
        except Exception as error:  # noqa: BLE001  # whatever it is, the running policy stays, and so does the sidecar
            self._count_refused()
            _log.error("Policy %s cannot be put in force; the running policy stays: %s", policy.digest, _where(error))
            return
        self._drift.replace(sections.prompts.drift)
        self._spawn(self._transformer.replace(worker_setup(policy)), "replace the transform worker")
        self.metrics.policy_reloads.labels("applied").inc()
        self.metrics.policy_loaded_ok.set(1)
        _log.info("Policy %s is in force.", policy.digest)

    def policy_refused(self, errors: DocumentErrors) -> None:
        """The running policy stays."""
        self._count_refused()
        _log.error("The policy file has errors; the running policy stays:\n%s", "\n".join(errors.messages))

    def _count_refused(self) -> None:
        self.metrics.policy_reloads.labels("refused").inc()
        self.metrics.policy_loaded_ok.set(0)

    @staticmethod
    def _warn_of(policy: LoadedPolicy) -> None:
        if not policy.policy.pii.enabled:
            _log.warning("pii.enabled is false: personal data and secrets leave as they came.")

    # ── parts ──────────────────────────────────────────────────────────────────────────────────────────────

    def _make_receivers(self) -> dict[str, GrpcReceiver | HttpReceiver]:
        protocols = self._config.receivers.otlp.protocols
        limits = [64 * _MIB]
        if protocols.grpc is not None:
            limits.append(protocols.grpc.max_recv_msg_size_mib * _MIB)
        if protocols.http is not None:
            limits.append(protocols.http.max_request_body_size)
        guard = Guard(GuardConfig(max_request_bytes=max(limits), max_in_flight_bytes=4 * max(limits)))
        receivers: dict[str, GrpcReceiver | HttpReceiver] = {}
        if protocols.grpc is not None:
            receivers["gRPC"] = GrpcReceiver(protocols.grpc, guard, self.pipeline)
        if protocols.http is not None:
            receivers["HTTP"] = HttpReceiver(protocols.http, guard, self.pipeline)
        return receivers

    def _make_admin(self) -> HttpServer | None:
        admin = self._config.admin
        if not admin.enabled:
            return None
        return HttpServer(
            AdminApp(
                self.metrics.registry,
                not_live=self.pipeline.not_live_reason,
                not_ready=self.pipeline.not_ready_reason,
            ),
            *split_endpoint(admin.endpoint),
        )

    def _drift_events(self, policy: LoadedPolicy) -> DriftEvents:
        directory = self._stores.directory
        file = None if directory is None else StateFile(directory.path / "system-prompts", directory.vault)
        return DriftEvents(policy.policy.prompts.drift, clock=self._clock, metrics=self.metrics, file=file)

    def _delivery(self, name: str) -> Delivery:
        config = self._config.exporters[name]
        return Delivery(
            make_exporter(name, config, self._clock),
            self._outbox.queue(name),
            config.retry_on_failure,
            clock=self._clock,
            random=random.Random(),  # noqa: S311  # jitter, not a key
            consumers=config.sending_queue.num_consumers,
            max_request_bytes=config.max_request_size_mib * _MIB,
            events=self,
        )

    # ── counting ───────────────────────────────────────────────────────────────────────────────────────────

    def sent(self, exporter: str, batch: Batch, items: int) -> None:
        self.metrics.exporter_sent.labels(exporter, batch.signal.value).inc(items)

    def retried(self, exporter: str, batch: Batch, reason: str) -> None:  # noqa: ARG002  # Events' shape
        self.metrics.exporter_retries.labels(exporter, reason).inc()

    def refused(self, exporter: str, batch: Batch, outcome: Refused) -> None:
        self.metrics.exporter_refused.labels(exporter, outcome.reason).inc(batch.items)

    def _worker_failed(self, reason: str) -> None:  # noqa: ARG002  # the log has it
        self.metrics.worker_restarts.inc()

    def _batch_done(self, *args: Any) -> None:
        self.pipeline.on_done(*args)

    def _storage_event(self, store: str, event: str) -> None:
        self.metrics.storage_events.labels(store, event).inc()

    def _queue_sizes(self) -> dict[tuple[str, str], float]:
        sizes: dict[tuple[str, str], float] = {}
        for name in self._config.exporters:
            queue = self._outbox.queue(name)
            sizes[name, "batches"] = queue.waiting_batches
            sizes[name, "bytes"] = queue.waiting_bytes
        return sizes


def _where(error: BaseException) -> str:
    """Where it happened, without the message: that may quote what it was about."""
    return f"{type(error).__name__} at\n{''.join(traceback.format_tb(error.__traceback__))}"


def worker_setup(policy: LoadedPolicy) -> WorkerSetup:
    keys = policy.keys
    return WorkerSetup(
        policy=policy.data,
        pseudonym=keys.pseudonym.reveal() if keys.pseudonym else None,
        prompt_hash=keys.prompt_hash.reveal() if keys.prompt_hash else None,
        recognizers=keys.recognizers,
    )
