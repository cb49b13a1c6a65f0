from __future__ import annotations

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from processors.otlp.signal import Signal
from sidecar.batch import Delivered, Refused, Retry
from sidecar.exporters.answers import delivered, delivered_json, grpc_failure, http_failure, retry_after_s
from tests.sidecar.exporters.backends import batch_of, partial_success, retry_info

NOW_NANO = 1_800_000_000 * 10**9


def test_partial_success_of_every_signal() -> None:
    """Each signal has its own word for it; a count of data points above the metrics sent means all of them."""
    logs, metrics = ExportLogsServiceResponse(), ExportMetricsServiceResponse()
    logs.partial_success.rejected_log_records = 2
    metrics.partial_success.rejected_data_points = 500
    assert delivered(batch_of(Signal.TRACES, 3), partial_success(1, "odd")) == Delivered(1, "odd")
    assert delivered(batch_of(Signal.LOGS, 3), logs.SerializeToString()) == Delivered(2)
    assert delivered(batch_of(Signal.METRICS, 3), metrics.SerializeToString()) == Delivered(3)


def test_odd_counts_and_long_messages() -> None:
    """Negative is none; a message is cut; a warning has a message and no count."""
    assert delivered(batch_of(items=3), partial_success(-5)) == Delivered(0, "no")
    assert len(delivered(batch_of(), partial_success(1, "x" * 100_000)).message) == 1_000
    assert delivered(batch_of(), b"") == Delivered()


@given(st.binary(max_size=200))
def test_no_body_of_a_success_raises(body: bytes) -> None:
    """The backend said it has the data; what else it said is a bonus."""
    for signal in Signal:
        batch = batch_of(signal, 3)
        for outcome in (delivered(batch, body), delivered_json(batch, body)):
            assert 0 <= outcome.rejected_items <= 3


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"partialSuccess": 1}', b'{"partialSuccess": {"rejectedSpans": "x"}}', b"[" * 100_000]
)
def test_json_that_is_something_else(body: bytes) -> None:
    """A success all the same."""
    assert delivered_json(batch_of(), body) == Delivered()


@given(st.binary(max_size=200))
def test_no_status_details_raise(details: bytes) -> None:
    """Whatever is in the trailer, the code decides."""
    assert isinstance(grpc_failure(grpc.StatusCode.UNAVAILABLE, details), Retry)
    assert isinstance(grpc_failure(grpc.StatusCode.INTERNAL, details), Refused)


def test_retry_info_decides_over_resource_exhausted() -> None:
    """With it the backend is busy, without it the request is too large; a zero delay counts as well."""
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    assert grpc_failure(code, retry_info(0)) == Retry("grpc_resource_exhausted", 0.0)
    assert grpc_failure(code, retry_info(-5)) == Retry("grpc_resource_exhausted", 0.0)
    assert grpc_failure(code, None) == Refused("grpc_resource_exhausted")


@pytest.mark.parametrize(
    ("value", "after_s"),
    [
        (None, None), ("", None), ("0", 0.0), (" 12 ", 12.0), ("-1", None), ("1.5", None), ("٣", None), ("9" * 400, 999999999.0),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60.0), ("Fri, 15 Jan 2027 07:59:00 GMT", 0.0),
        ("Friday, 15-Jan-27 08:01:00 GMT", 60.0), ("Fri, 99 Jan 2027 08:01:00 GMT", None), ("tomorrow", None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, after_s: float | None) -> None:
    """RFC 9110: whole seconds, or a date in any of its forms; the past is now."""
    assert retry_after_s(value, NOW_NANO) == after_s


@given(st.text(max_size=50))
def test_no_retry_after_raises(value: str) -> None:
    """It is a stranger's text."""
    after_s = retry_after_s(value, NOW_NANO)
    assert after_s is None or after_s >= 0


def test_statuses() -> None:
    """Retry-After counts on the retryable ones alone."""
    assert http_failure(429, "3", NOW_NANO) == Retry("http_429", 3.0)
    assert http_failure(500, "3", NOW_NANO) == Refused("http_500")
