"""Recordings in files: `recordings/<name>.jsonl`.

The first line says what was installed and what the endpoints answered. Then, for each resource and scope, an OTLP JSON
export request without items, and after it its items, one a line: spans by their start, log records by their time,
metrics by name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from processors.otlp.json_codec import decode_json, encode_json
from processors.otlp.signal import Request, Signal
from tests.corpus.endpoints.served import NOTHING

RECORDINGS: Final = Path(__file__).with_name("recordings")


_LISTS: Final = {
    Signal.TRACES: ("resourceSpans", "scopeSpans", "spans"),
    Signal.LOGS: ("resourceLogs", "scopeLogs", "logRecords"),
    Signal.METRICS: ("resourceMetrics", "scopeMetrics", "metrics"),
}


@dataclass(frozen=True)
class Recording:
    name: str
    packages: dict[str, str]
    """Version by package, as it was installed."""
    served: tuple[dict[str, Any], ...]
    """Each call that an endpoint answered, in order: see `endpoints/served.py`."""
    requests: tuple[tuple[Signal, Request], ...]
    """One for each resource and scope."""


def read(name: str) -> Recording:
    header, *lines = map(json.loads, (RECORDINGS / f"{name}.jsonl").read_text("utf-8").splitlines())
    groups: list[tuple[Signal, dict[str, Any], list[Any]]] = []
    for line in lines:
        if "signal" in line:
            signal = Signal(line["signal"])
            items: list[Any] = []
            groups.append((signal, line["request"], items))
            _scope_of(signal, line["request"])[_LISTS[signal][2]] = items
        else:
            groups[-1][2].append(line)
    requests = tuple((signal, decode_json(signal, json.dumps(tree).encode())) for signal, tree, _ in groups)
    served = tuple({**NOTHING, **call} for call in header["served"])
    return Recording(header["recording"], header["packages"], served, requests)


def write(recording: Recording) -> str:
    """The text of the file, from requests of one item each; returns it."""
    served = [{key: value for key, value in call.items() if NOTHING.get(key) != value} for call in recording.served]
    lines: list[dict[str, Any]] = [{"recording": recording.name, "packages": recording.packages, "served": served}]
    groups: dict[str, list[dict[str, Any]]] = {}
    for signal, request in recording.requests:
        tree = json.loads(encode_json(signal, request))
        items = _scope_of(signal, tree).pop(_LISTS[signal][2])
        head = json.dumps({"signal": signal.value, "request": tree}, ensure_ascii=False)
        groups.setdefault(head, []).extend(items)
    for head, items in groups.items():
        lines += [json.loads(head), *items]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    (RECORDINGS / f"{recording.name}.jsonl").write_text(text, "utf-8")
    return text


def _scope_of(signal: Signal, tree: dict[str, Any]) -> dict[str, Any]:
    groups, scopes, _ = _LISTS[signal]
    scope: dict[str, Any] = tree[groups][0][scopes][0]
    return scope
