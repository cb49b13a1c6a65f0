from __future__ import annotations

import logging

import pytest

from sidecar.exporters.delivery_log import DeliveryLog


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_short_failure_inside_the_minute_is_not_told_again(caplog: pytest.LogCaptureFixture) -> None:
    """A backend that flaps every second makes two lines a minute, not a hundred and twenty."""
    log = DeliveryLog("otlp/a")
    for second in range(60):
        log.failed("http_503", second)
        log.answered(second + 0.5)
    assert messages(caplog) == [
        "Exporter otlp/a: the backend takes no data, for 0 s now (http_503).",
        "Exporter otlp/a: the backend answers again, after 0 s.",
    ]
    log.failed("http_503", 61)
    assert len(messages(caplog)) == 3


def test_a_long_outage_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """With its length so far, and its end with its whole length."""
    log = DeliveryLog("otlp/a")
    for second in range(0, 300, 10):
        log.failed("timeout", second)
    log.answered(300)
    assert len(messages(caplog)) == 6
    assert "for 240 s" in messages(caplog)[-2]
    assert "after 300 s" in messages(caplog)[-1]


def test_lost_data_is_summed_up(caplog: pytest.LogCaptureFixture) -> None:
    """What was refused between two lines is in the second."""
    log = DeliveryLog("otlp/a")
    for second in range(61):
        log.refused("http_400", 10, second)
    assert ["10 items" in messages(caplog)[0], "600 items" in messages(caplog)[1]] == [True, True]
    assert len(messages(caplog)) == 2
