"""Makes a recording the same each time: ids, times, durations, ports and paths that differ from run to run.

Left out is what is the same in every recording and only takes room: the SDK's own resource attributes, the frames in the
middle of stack traces, the buckets of histograms. Nothing else is touched: a recording holds what the instrumentation sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.signal import Request, Signal

EPOCH_NANO: Final = 1_768_471_200_000_000_000
"""2026-01-15T10:00:00Z"""
_STEP_NANO: Final = 1_000_000
_DAY_S: Final = 86_400
_TIMES: Final = frozenset({"start_time_unix_nano", "end_time_unix_nano", "time_unix_nano", "observed_time_unix_nano"})
_IDS: Final = frozenset({"trace_id", "span_id", "parent_span_id"})

_UUID: Final = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE
)
_LONG_HEX: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?:[0-9a-f]{32})?(?![0-9a-f])")
_ISO_TIME: Final = re.compile(r"\b20\d\d-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?")
_LONG_DATE: Final = re.compile(r"\b[A-Z][a-z]{2,5}day, [A-Z][a-z]{2,8} \d{1,2}, 20\d\d\b")
_FILE_TIME: Final = re.compile(r"20\d\d-\d\d-\d\dT\d\d-\d\d-[0-9a-f]{8}")
_TOOK: Final = re.compile(r"(?<= took )\d+\.\d+(?=s)|(?<=Duration: )\d+\.\d+(?=s)")
_EPOCH_MS: Final = re.compile(r"(?<![\d.])1[789]\d{11}(?![\d.])")
_MS: Final = re.compile(r"\b\d+(?:\.\d+)?ms\b")
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{8,16}\b")
_FRAME: Final = re.compile(r'^  File ".*", line \d+', re.MULTILINE)
_SDK_KEY: Final = re.compile(r"telemetry\.(sdk|distro|auto)\..*|service\.instance\.id")
_EPOCH_S: Final = re.compile(r"\b1[789]\d{8}\.\d+\b")
_DURATION_KEY: Final = re.compile(
    r"time_to|time_per|ttft|tbt|duration|latency|elapsed|ms_?to|msto|per_second|persecond|_time$|_ms$", re.IGNORECASE
)
_PROCESS_KEY: Final = re.compile(
    r"^(process\.(pid|parent_pid|owner)|thread\.(id|name)|host\.(name|id)|service\.instance\.id|os\.version|os_release|phases)$"
)


class Normaliser:
    """`replace`: texts that depend on the machine (ports, paths), and what stands for them; the longest first."""

    def __init__(self, replace: dict[str, str], now_s: float) -> None:
        self._replace = sorted(replace.items(), key=lambda pair: -len(pair[0]))
        self._now_s = now_s
        self._ports = {int(old[1:]): int(new[1:]) for old, new in replace.items() if re.fullmatch(r":\d+", old)}
        self._ids: dict[bytes, bytes] = {}
        self._words: dict[str, str] = {}
        self._times: dict[int, int] = {}

    def lines(self, received: Iterable[tuple[Signal, Request]]) -> Iterator[tuple[Signal, Request]]:
        """One request an item: spans by start, then log records by time, then metrics by name."""
        items = sorted((one for each in received for one in _items(*each)), key=_order)
        times = {time for _, request in items for time in _times(request)}
        self._times = {time: EPOCH_NANO + rank * _STEP_NANO for rank, time in enumerate(sorted(times - {0}))}
        for signal, request in items:
            resource = getattr(request, groups_name(signal))[0].resource
            kept = [each for each in resource.attributes if not _SDK_KEY.fullmatch(each.key)]
            del resource.attributes[:]
            resource.attributes.extend(kept)
            self._message(request)
            yield signal, request

    def text(self, text: str) -> str:
        for old, new in self._replace:
            text = text.replace(old, new)
        text = _UUID.sub(self._word, text)
        text = _LONG_HEX.sub(self._word, text)
        text = _ISO_TIME.sub(lambda found: "2026-01-15" + found[1] + "10:00:00" + _zeros(found[2]), text)
        text = _LONG_DATE.sub("Thursday, January 15, 2026", text)
        text = _FILE_TIME.sub("2026-01-15T10-00-00000000", text)
        text = _MS.sub("250ms", text)
        text = _TOOK.sub("0.25", text)
        text = _EPOCH_MS.sub(lambda found: str(self._int(int(found[0]))), text)
        text = _EPOCH_S.sub(self._epoch, text)
        return _ADDRESS.sub("0x7f0000000000", text)

    def _epoch(self, found: re.Match[str]) -> str:
        return "1768471200.25" if abs(float(found[0]) - self._now_s) < _DAY_S else found[0]

    def _word(self, found: re.Match[str]) -> str:
        """Another id of the same form for each id seen."""
        old = found[0]
        known = self._ids.get(bytes.fromhex(old)) if len(old) == 32 else None
        if known is not None:
            return known.hex()
        if old not in self._words:
            number = f"{len(self._words) + 1:012d}"
            self._words[old] = f"00000000-0000-4000-8000-{number}" if "-" in old else number.rjust(len(old), "0")
        return self._words[old]

    def _message(self, message: Message) -> None:
        if isinstance(message, KeyValue):
            self._key_value(message)
            return
        if isinstance(message, Metric):
            _flatten(message)
        for field, value in message.ListFields():
            if field.name in _TIMES:
                setattr(message, field.name, self._times.get(value, 0))
            elif field.name in _IDS:
                setattr(message, field.name, self._id(value))
            elif field.type == FieldDescriptor.TYPE_MESSAGE:
                for each in value if field.is_repeated else (value,):
                    self._message(each)
            elif field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
                setattr(message, field.name, self.text(value))
            elif isinstance(message, AnyValue) and field.name == "int_value":
                message.int_value = self._int(value)

    def _key_value(self, attribute: KeyValue) -> None:
        value = attribute.value
        kind = value.WhichOneof("value")
        if kind == "string_value" and _FRAME.search(value.string_value):
            value.string_value = _short_trace(value.string_value)
        if _PROCESS_KEY.match(attribute.key):
            attribute.value.CopyFrom(AnyValue(int_value=1) if kind == "int_value" else AnyValue(string_value="one"))
        elif kind == "double_value" and _DURATION_KEY.search(attribute.key):
            value.double_value = 250.0 if re.search("ms|per", attribute.key, re.IGNORECASE) else 0.25
        elif kind == "double_value" and abs(value.double_value - self._now_s) < _DAY_S:
            value.double_value = EPOCH_NANO / 1e9
        elif kind == "int_value" and _DURATION_KEY.search(attribute.key) and value.int_value:
            value.int_value = 250
        else:
            self._message(value)

    def _int(self, value: int) -> int:
        if value in self._ports:
            return self._ports[value]
        for scale in (1, 1_000, 1_000_000, 1_000_000_000):
            if abs(value / scale - self._now_s) < _DAY_S:
                return EPOCH_NANO // (1_000_000_000 // scale)
        return value

    def _id(self, old: bytes) -> bytes:
        if old not in self._ids:
            self._ids[old] = (len(self._ids) + 1).to_bytes(len(old), "big")
        return self._ids[old]


def _short_trace(text: str) -> str:
    """Without the source lines, and without the frames between the first and the last of each traceback."""
    kept: list[str] = []
    for line in text.split("\n"):
        if line.startswith("    "):
            continue
        if line.startswith("  File ") and len(kept) > 2 and all(each.startswith("  File ") for each in kept[-2:]):
            kept.pop()
        kept.append(line)
    return "\n".join(kept)


def _zeros(fraction: str | None) -> str:
    return "" if fraction is None else "." + "0" * (len(fraction) - 1)


def _items(signal: Signal, request: Request) -> Iterator[tuple[Signal, Request]]:
    groups: Any = getattr(request, f"resource_{'spans' if signal is Signal.TRACES else signal.value}")
    for group in groups:
        scopes = f"scope_{'spans' if signal is Signal.TRACES else signal.value}"
        for scope in getattr(group, scopes):
            items = {Signal.TRACES: "spans", Signal.LOGS: "log_records", Signal.METRICS: "metrics"}[signal]
            for item in getattr(scope, items):
                one = signal.request_class()
                to: Any = getattr(one, groups_name(signal)).add()
                to.resource.CopyFrom(group.resource)
                to.schema_url = group.schema_url
                below = getattr(to, scopes).add()
                below.scope.CopyFrom(scope.scope)
                below.schema_url = scope.schema_url
                getattr(below, items).append(item)
                yield signal, one


def groups_name(signal: Signal) -> str:
    return "resource_spans" if signal is Signal.TRACES else f"resource_{signal.value}"


def _order(one: tuple[Signal, Request]) -> tuple[int, int, str]:
    item: Any = next(_leaves(one[1]))
    match item:
        case Span():
            return 0, item.start_time_unix_nano, item.name
        case LogRecord():
            return 1, item.time_unix_nano or item.observed_time_unix_nano, item.event_name
    return 2, 0, item.name


def _leaves(message: Message) -> Iterator[Message]:
    if isinstance(message, Span | LogRecord | Metric):
        yield message
        return
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for each in value if field.is_repeated else (value,):
                yield from _leaves(each)


def _times(message: Message) -> Iterator[int]:
    for field, value in message.ListFields():
        if field.name in _TIMES:
            yield value
        elif field.type == FieldDescriptor.TYPE_MESSAGE and not isinstance(message, KeyValue):
            for each in value if field.is_repeated else (value,):
                yield from _times(each)


def _flatten(metric: Metric) -> None:
    """Every duration was a quarter of a unit, and all buckets are one."""
    kind = metric.WhichOneof("data")
    if kind not in ("histogram", "exponential_histogram"):
        return
    if kind == "exponential_histogram":
        for each in metric.exponential_histogram.data_points:
            each.ClearField("positive")
            each.sum, each.min, each.max = 0.25 * each.count, 0.25, 0.25
        return
    for point in metric.histogram.data_points:
        if metric.unit in ("s", "ms"):
            point.sum, point.min, point.max = 0.25 * point.count, 0.25, 0.25
        del point.explicit_bounds[:]
        point.bucket_counts[:] = [point.count]
        for exemplar in point.exemplars:
            exemplar.as_double = 0.25
