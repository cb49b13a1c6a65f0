"""The real worker process: the whole chain of processors, behind the frames."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp.signal import Signal
from processors.processor import Stamp
from processors.transform import Transformed
from sidecar.clock import SystemClock
from sidecar.transform.transformer import Job, Transformer
from sidecar.transform.worker_process import WorkerDied, WorkerProcess, WorkerSetup
from tests.support.backend import attributes
from tests.support.chats import EMAIL, PLANTED, chat_trace, request_of

KEY = "a-key-of-thirty-two-bytes-or-more!"


def traces_job(seed: int = 1) -> Job:
    spans = chat_trace(random.Random(seed), error=True)
    return Job(Signal.TRACES, (request_of(spans).SerializeToString(),), {spans[0].trace_id: Stamp("errors")})


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def one(setup: WorkerSetup, *jobs: Job) -> list[Transformed]:
    transformer = Transformer(setup, SystemClock())
    try:
        return [await transformer.run(job) for job in jobs]
    finally:
        await transformer.close()


def test_the_built_in_policy_scrubs_prices_hashes_and_stamps() -> None:
    """Everything a kept trace is due, and nothing planted, for traces and for logs."""
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add(event_name="gen_ai.user.message")
    record.body.kvlist_value.values.add(key="content").value.string_value = " ".join(PLANTED)
    done, more = run(one(WorkerSetup({"version": 1}), traces_job(), Job(Signal.LOGS, (logs.SerializeToString(),), {})))
    call = ExportTraceServiceRequest.FromString(done.batches[0][0]).resource_spans[0].scope_spans[0].spans[1]
    got = attributes(call)
    assert got["gen_ai.usage.cost"] > 0
    assert got["genai_sidecar.prompt.hash"]
    assert got["genai_sidecar.sampling.policy"] == "errors"
    assert done.report.priced_usd == pytest.approx(got["gen_ai.usage.cost"])
    assert done.report.pii_findings["EMAIL_ADDRESS"] > 0
    for planted in PLANTED:
        assert planted.encode() not in done.batches[0][0]
        assert planted.encode() not in more.batches[0][0]


def test_a_pseudonym_is_keyed_and_the_same_for_the_same_value() -> None:
    """Two traces with one e-mail address share the token; another key gives another."""
    policy = {
        "version": 1,
        "pii": {"entities": {"EMAIL_ADDRESS": "pseudonymize"}, "pseudonym_key_file": "read-by-the-parent"},
    }

    def token(key: str, seed: int) -> str:
        (done,) = run(one(WorkerSetup(policy, pseudonym=key), traces_job(seed)))
        text: str = done.batches[0][0].decode("utf-8", "replace")
        return text[text.index("<EMAIL_ADDRESS:") :].split(">", maxsplit=1)[0]

    assert token(KEY, 1) == token(KEY, 2)
    assert token(KEY, 1) != token(KEY[::-1], 1)


def test_a_policy_that_cannot_be_built_ends_the_worker_at_its_start() -> None:
    """The sidecar sees it as a worker that does not start, and keeps what waits."""
    setup = WorkerSetup({"version": 1}, recognizers={"recognizers": [{"name": "nothing"}]})
    with pytest.raises(WorkerDied):
        run(WorkerProcess.start(setup))


def test_a_setup_does_not_show_its_keys() -> None:
    """It may end up in a log line or a traceback."""
    assert KEY not in repr(WorkerSetup({"version": 1}, pseudonym=KEY))


def test_a_new_setup_is_in_force_from_the_next_job_on() -> None:
    """A reloaded policy replaces the worker."""

    async def scenario() -> tuple[bytes, bytes]:
        transformer = Transformer(WorkerSetup({"version": 1}), SystemClock())
        try:
            before = await transformer.run(traces_job())
            await transformer.replace(WorkerSetup({"version": 1, "pii": {"entities": {"EMAIL_ADDRESS": "keep"}}}))
            after = await transformer.run(traces_job())
            return before.batches[0][0], after.batches[0][0]
        finally:
            await transformer.close()

    before, after = run(scenario())
    assert EMAIL.encode() not in before
    assert EMAIL.encode() in after
