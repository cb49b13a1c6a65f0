"""One table for both protocols."""

from __future__ import annotations

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # ships no types

from processors.otlp.signal import Signal
from sidecar.intake import Admitted, BadData, Overloaded, Receipt, TooLarge
from sidecar.receivers.answers import describe, refusal_of, response_to
from tests.support.otlp import good, good_request


@pytest.mark.parametrize(
    ("error", "code", "http_status", "reason"),
    [
        (BadData("x"), grpc.StatusCode.INVALID_ARGUMENT, 400, "bad_data"),
        (TooLarge("x"), grpc.StatusCode.RESOURCE_EXHAUSTED, 413, "too_large"),
        (Overloaded("x"), grpc.StatusCode.UNAVAILABLE, 503, "overloaded"),
        (KeyError("x"), grpc.StatusCode.UNAVAILABLE, 503, "internal_error"),
    ],
)
def test_each_error_has_one_answer(error: Exception, code: grpc.StatusCode, http_status: int, reason: str) -> None:
    """Retry advice comes with the retryable ones and with no other."""
    refusal = refusal_of(error)
    assert (refusal.code, refusal.http_status, refusal.reason) == (code, http_status, reason)
    advised = any(detail.Is(RetryInfo.DESCRIPTOR) for detail in refusal.status().details)
    assert advised == (http_status == 503)
    assert refusal.status().code == code.value[0]


def test_fractions_of_a_second_survive_in_retry_info() -> None:
    """Only HTTP must round."""
    info = RetryInfo()
    assert refusal_of(Overloaded("x", 0.25)).status().details[0].Unpack(info)
    assert info.retry_delay.ToMilliseconds() == 250


def test_an_error_message_is_bounded() -> None:
    """Responses are limited in size."""
    signal = Signal.TRACES
    admitted = Admitted(signal, good(signal), good_request(signal), 1)
    response = response_to(admitted, Receipt(1, "x" * 1_000_000))
    assert response is not None
    assert len(response.partial_success.error_message) == 1024


def test_a_described_error_has_no_text() -> None:
    """Its text may quote data; class and place are enough to find it."""
    with pytest.raises(ValueError) as caught:
        int("planted")
    text = describe(caught.value)
    assert "planted" not in text
    assert text.startswith("ValueError in test_a_described_error_has_no_text, line ")
