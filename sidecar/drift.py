"""Tells of new system prompts: a log record of the sidecar's own, beside the telemetry that brought them.

    event_name  genai_sidecar.system_prompt.new
    resource    service.name, as the spans have it
    attributes  genai_sidecar.system_prompt.hash, genai_sidecar.prompt.template.hash
    time        when it was first seen

What is known is kept in the storage directory, so that a restart forgets nothing; without one every service is learned
anew, for ten minutes, after each start.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import SEVERITY_NUMBER_INFO

from processors.otlp.signal import Signal
from processors.processor import Report, SystemPrompt
from processors.prompt_drift import PromptDrift
from processors.prompts import SYSTEM_PROMPT_HASH, TEMPLATE_HASH, Drift
from sidecar.clock import Clock
from sidecar.metrics import Metrics

_log = logging.getLogger(__name__)

EVENT_NAME: Final = "genai_sidecar.system_prompt.new"
_SCOPE: Final = "genai_sidecar"
_SAVE_EVERY_S: Final = 10.0


class StateFile(Protocol):
    def load(self) -> Mapping[str, Any]:
        """Empty where nothing can be read."""

    def save(self, state: Mapping[str, Any]) -> None:
        """Raises OSError."""


class DriftEvents:
    def __init__(self, section: Drift, *, clock: Clock, metrics: Metrics, file: StateFile | None = None) -> None:
        self._clock = clock
        self._metrics = metrics
        self._file = file
        self._drift = PromptDrift(section.max_per_hour, None if file is None else file.load())
        self._saved = self._drift.changes
        self._saved_at_s = clock.monotonic()

    def replace(self, section: Drift) -> None:
        """A new policy. Whether there is anything to tell of at all is up to the processors."""
        self._drift.max_per_hour = section.max_per_hour

    def records(self, report: Report) -> list[tuple[Signal, bytes, int]]:
        """What to send beside a batch; counted as received, for it was not there before."""
        if not report.system_prompts:
            return []
        now_ns = self._clock.unix_nano()
        found = self._drift.observe(report.system_prompts, now_ns / 1e9)
        self._metrics.new_system_prompts.labels("reported").inc(len(found.new))
        self._metrics.new_system_prompts.labels("withheld").inc(found.withheld)
        return [(Signal.LOGS, _record(prompt, now_ns), 1) for prompt in found.new]

    def save(self, *, now: bool = False) -> None:
        """Writes down what was learned since the last time, every ten seconds at most unless it must be `now`."""
        due = now or self._clock.monotonic() - self._saved_at_s >= _SAVE_EVERY_S
        if self._file is None or not due or self._drift.changes == self._saved:
            return
        self._saved_at_s = self._clock.monotonic()
        try:
            self._file.save(self._drift.state())
        except OSError as error:
            self._metrics.storage_events.labels("system_prompts", "write_failed").inc()
            _log.warning("The system prompts seen so far could not be written down: %s.", type(error).__name__)
        else:
            self._saved = self._drift.changes


def _record(prompt: SystemPrompt, now_ns: int) -> bytes:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    if prompt.service:
        group.resource.attributes.add(key="service.name").value.string_value = prompt.service
    scope = group.scope_logs.add()
    scope.scope.name = _SCOPE
    record = scope.log_records.add(
        time_unix_nano=now_ns,
        observed_time_unix_nano=now_ns,
        severity_number=SEVERITY_NUMBER_INFO,
        severity_text="INFO",
        event_name=EVENT_NAME,
    )
    record.body.string_value = "A system prompt that this service has not sent before."
    record.attributes.add(key=SYSTEM_PROMPT_HASH).value.string_value = prompt.hash
    record.attributes.add(key=TEMPLATE_HASH).value.string_value = prompt.form
    return request.SerializeToString()
