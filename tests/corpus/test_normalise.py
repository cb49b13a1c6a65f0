"""What differs from run to run does not differ between recordings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processors.otlp.json_codec import decode_json, encode_json
from processors.otlp.signal import Request, Signal
from tests.corpus.normalise import Normaliser

NOW_S = 1_800_000_000.0


def _run(number: int) -> list[str]:
    """Of one run: everything in it that hangs on the run is made of the number."""
    trace, span = f"{number:032x}", f"{number:016x}"
    begin = int(NOW_S * 1e9) + number * 1_000
    values: dict[str, Any] = {
        "run": {"stringValue": f"run_{number:08x}-0000-4000-8000-000000000000 at http://127.0.0.1:{5000 + number}/"},
        "copy": {"stringValue": trace},
        "began": {"stringValue": f"2027-01-15T08:00:{number:02d}.{number:06d}+00:00"},
        "server.port": {"intValue": str(5000 + number)},
        "at": {"doubleValue": NOW_S + number},
        "duration_ms": {"doubleValue": number * 1.5},
        "model": {"stringValue": "gpt-4o-2024-08-06"},
        "tokens": {"intValue": "1820"},
    }
    attributes = [{"key": key, "value": value} for key, value in values.items()]
    item = {"traceId": trace, "spanId": span, "name": "chat", "attributes": attributes}
    item |= {"startTimeUnixNano": str(begin), "endTimeUnixNano": str(begin + number)}
    tree = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "corpus"}, "spans": [item]}]}]}
    request: Request = decode_json(Signal.TRACES, json.dumps(tree).encode())
    normaliser = Normaliser({f":{5000 + number}": ":4010"}, NOW_S)
    return [encode_json(signal, each) for signal, each in normaliser.lines([(Signal.TRACES, request)])]


def test_two_runs_give_the_same() -> None:
    """Ids, times, durations, ports and UUIDs are the same, wherever they stand."""
    assert _run(7) == _run(42)


@pytest.mark.parametrize("kept", ["gpt-4o-2024-08-06", '"1820"', "http://127.0.0.1:4010/"])
def test_the_rest_is_untouched(kept: str) -> None:
    """Models, counts and addresses stay."""
    assert kept in _run(7)[0]
