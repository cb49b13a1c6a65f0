"""Recordings of agents in files: `recordings/<row>.jsonl.gz`. Agents repeat themselves: it takes a twentieth of the room.

The first line says what was installed. Then, for each scope, its name and version, and after it its spans, one a line.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp.json_codec import decode_json, encode_json
from processors.otlp.signal import Signal

RECORDINGS: Final = Path(__file__).with_name("recordings")
_ROOT: Final = "scenario "


def write(name: str, packages: dict[str, str], items: Iterable[Any]) -> int:
    """`items`: requests of one span each. Returns the size of the file in bytes."""
    scopes: dict[str, list[Any]] = {}
    for request in items:
        tree = json.loads(encode_json(Signal.TRACES, request))
        scope = tree["resourceSpans"][0]["scopeSpans"][0]
        scopes.setdefault(json.dumps({"scope": scope["scope"]}), []).extend(scope["spans"])
    lines: list[Any] = [{"recording": name, "packages": packages}]
    for head, spans in scopes.items():
        lines += [json.loads(head), *spans]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    packed = gzip.compress(text.encode(), 9, mtime=0)
    (RECORDINGS / f"{name}.jsonl.gz").write_bytes(packed)
    return len(packed)


def read(name: str) -> dict[str, list[ExportTraceServiceRequest]]:
    """The spans of each scenario, one a request, in the order in which they began."""
    _, *lines = map(json.loads, gzip.decompress((RECORDINGS / f"{name}.jsonl.gz").read_bytes()).splitlines())
    scope: dict[str, Any] = {}
    traces: defaultdict[str, list[ExportTraceServiceRequest]] = defaultdict(list)
    scenarios: dict[str, str] = {}
    for line in lines:
        if "scope" in line:
            scope = line["scope"]
            continue
        if line["name"].startswith(_ROOT):
            scenarios[line["traceId"]] = line["name"].removeprefix(_ROOT)
        tree = {"resourceSpans": [{"scopeSpans": [{"scope": scope, "spans": [line]}]}]}
        traces[line["traceId"]].append(decode_json(Signal.TRACES, json.dumps(tree).encode()))  # type: ignore[arg-type]  # of traces
    return {scenario: sorted(traces[trace_id], key=_start) for trace_id, scenario in scenarios.items()}


def _start(request: ExportTraceServiceRequest) -> int:
    return request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano
