"""`genai-sidecar apply`: the policy on recorded traces, to see what it would do.

All spans of all files form the traces, and every trace is decided at once: there is no waiting and nothing is late.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

import processors
from processors.genai.matcher import MATCHER
from processors.otlp import shallow
from processors.otlp.json_codec import JsonError, decode_json, encode_json
from processors.otlp.signal import Signal
from processors.pii.drop import ContentDropper
from processors.prices.overrides import PriceOverride
from processors.processor import Processor
from processors.sampling.decide import Decider, Decision, Verdict
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from processors.sampling.section import SamplingSection
from processors.transform import Transformed, transform
from sidecar.commands.output import print_error, print_result
from sidecar.policy_file import load_policy

_STDIN: Final = "-"


def main(options: argparse.Namespace) -> int:
    """0; 1 if a file cannot be read, and then nothing of the others is printed. Raises DocumentErrors."""
    loaded = load_policy(options.policy, os.environ)
    recorded = Recorded(loaded.policy.sampling, loaded.policy.cost.prices)
    errors = [error for name in options.files for error in recorded.read(name)]
    for error in errors:
        print_error(error)
    if errors:
        return 1
    if recorded.invalid:
        print_error(f"warning: {recorded.invalid} spans without a valid trace id and span id are left out")
    try:
        chain = processors.build(loaded.policy, loaded.keys)
    except ValueError as error:  # a recognizer or a key that cannot be used
        print_error(f"{options.policy}: {error}")
        return 1
    if options.explain:
        for line in explain(recorded, chain):
            print_result(line)
    else:
        for line in sent(recorded, chain):
            print_result(line)
    return 0


@dataclass(slots=True)
class Recorded:
    """What the files hold, as the sampling policies see it."""

    sampling: SamplingSection
    prices: Sequence[PriceOverride] = ()
    payloads: list[bytes] = field(default_factory=list)
    logs: list[bytes] = field(default_factory=list)
    facts: dict[bytes, TraceFacts] = field(default_factory=dict)
    """By trace id, in the order of the files."""
    invalid: int = 0
    """Spans that cannot be told apart: no trace id, or no span id."""
    _observer: Observer = field(init=False)

    def __post_init__(self) -> None:
        self._observer = Observer(self.sampling, self.prices)

    def read(self, name: str) -> Iterator[str]:
        """Takes a file in; yields what is wrong with it."""
        try:
            content = sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
        except OSError as error:
            yield f"{name}: cannot be read: {error.strerror}"
            return
        if not content.lstrip().startswith(b"{"):
            try:
                self._add(ExportTraceServiceRequest.FromString(content))
            except DecodeError:
                yield f"{name}: neither OTLP JSON nor an OTLP protobuf message"
            return
        for line, text in _json_values(content):
            try:
                self._add(_decode(text))
            except JsonError as error:
                yield f"{name}:{line}: not OTLP JSON: {error}"

    def _add(self, request: ExportTraceServiceRequest | ExportLogsServiceRequest) -> None:
        if isinstance(request, ExportLogsServiceRequest):
            self._merge(self._observer.logs(request, follow=False).facts)
            self.logs.append(request.SerializeToString())
            return
        observed = self._observer.traces(request)
        self.invalid += observed.rejected
        self._merge(observed.facts)
        payload, _ = shallow.filter_items(request.SerializeToString(), shallow.has_valid_ids)
        self.payloads.append(payload)

    def _merge(self, facts: dict[bytes, TraceFacts]) -> None:
        for trace_id, found in facts.items():
            if trace_id in self.facts:
                self.facts[trace_id].merge(found)
            else:
                self.facts[trace_id] = found

    def decisions(self, *, explain: bool = False) -> Iterator[Decided]:
        """Of every trace that has spans; a score for a trace that is not there changes nothing. Limits see all traces come
        at one moment.
        """
        decider = Decider(self.sampling)
        for trace_id, facts in self.facts.items():
            if facts.span_count:
                # Before the decision: what it keeps, a limit has less of afterwards.
                verdicts = decider.verdicts(trace_id, facts) if explain else []
                yield Decided(trace_id, facts, decider.decide(trace_id, facts), verdicts)


class Decided(NamedTuple):
    trace_id: bytes
    facts: TraceFacts
    decision: Decision
    verdicts: Sequence[Verdict]


def sent(recorded: Recorded, chain: Sequence[Processor]) -> Iterator[str]:
    """OTLP JSON lines, as the Collector's file exporter writes them. Of the log records, what they say of the spans."""
    stamps = {each.trace_id: each.decision.stamp() for each in recorded.decisions() if each.decision.kept}
    payloads = [shallow.select_traces(payload, stamps)[0] for payload in recorded.payloads]
    dropper = ContentDropper(MATCHER)
    for logs in recorded.logs:
        transform(Signal.LOGS, [logs], stamps, chain, dropper)
    for payload, _ in transform(Signal.TRACES, payloads, stamps, chain, dropper).batches:
        yield encode_json(Signal.TRACES, ExportTraceServiceRequest.FromString(payload))


def explain(recorded: Recorded, chain: Sequence[Processor]) -> Iterator[str]:
    """A block of lines for each trace; numbers and names, never content."""
    kept = 0
    count = 0
    for trace_id, facts, decision, verdicts in recorded.decisions(explain=True):
        count += 1
        kept += decision.kept
        yield f"{trace_id.hex()}  {_plural(facts.span_count, 'span')}  {_outcome(decision)}"
        for verdict in verdicts:
            saw = ", ".join(f"{name} {_shown(value)}" for name, value in verdict.saw.items())
            yield f"  {verdict.policy}: {'keep' if verdict.kept else 'pass'}{f' ({saw})' if saw else ''}"
        if decision.kept:
            stamps = {trace_id: decision.stamp()}
            payloads = [shallow.select_traces(payload, stamps)[0] for payload in recorded.payloads]
            done = transform(Signal.TRACES, payloads, stamps, chain, ContentDropper(MATCHER))
            yield from _done(done)
    yield f"{_plural(count, 'trace')}: {kept} kept, {count - kept} dropped"


def _done(done: Transformed) -> Iterator[str]:
    report = done.report
    found = ", ".join(f"{entity} {number}" for entity, number in sorted(report.pii_findings.items()))
    yield f"  scrubbed: {found or 'nothing'}"
    for reason, number in sorted(report.scrub_failures.items()):
        yield f"  content removed, could not be scrubbed: {_plural(number, 'item')} ({reason})"
    for reason, number in sorted(done.rejected.items()):
        yield f"  not sent: {_plural(number, 'span')} ({reason})"
    unpriced = ", ".join(f"{model} {number}" for model, number in sorted(report.unpriced.items()))
    yield f"  cost: {report.priced_usd:.6f} USD{f'; no price for {unpriced}' if unpriced else ''}"


def _outcome(decision: Decision) -> str:
    if decision.would == "dropped":
        return f"forwarded in a dry run; would be dropped: {decision.policy.replace('_', ' ')}"
    if decision.kept:
        return f"kept by {decision.policy}"
    return f"dropped: {decision.policy.replace('_', ' ')}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {_shown(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_shown, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _json_values(content: bytes) -> Iterator[tuple[int, bytes]]:
    """One value that may span lines, or one a line as the Collector's file exporter writes; with their first lines."""
    lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if _is_json(lines[0][1]):
        yield from lines
    else:
        yield lines[0][0], content


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _decode(text: bytes) -> ExportTraceServiceRequest | ExportLogsServiceRequest:
    """A line of logs counts for the scores in it, and for what it says of spans."""
    traces = decode_json(Signal.TRACES, text)
    if isinstance(traces, ExportTraceServiceRequest) and traces.resource_spans:
        return traces
    logs = decode_json(Signal.LOGS, text)
    if isinstance(logs, ExportLogsServiceRequest) and logs.resource_logs:
        return logs
    return ExportTraceServiceRequest()
