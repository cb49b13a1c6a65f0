"""The road of the traces: app → sidecar → backend, and to a second exporter that keeps what left the sidecar."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.backends.traces import all_traces, request_of
from tests.support.backend import Backend, wait_until
from tests.support.sidecar_process import Sidecar, imbalance, total

TRACE_EXPORT: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

INPUT_USD: Final = 7.0
OUTPUT_USD: Final = 11.0
"""For a million tokens of gpt-4o-mini, as no list has it: whose price a backend shows can be told."""

_POLICY: Final = f"""
version: 1
sampling:
  decision_wait: 1s
  decision_wait_after_root_received: 200ms
  policies:
    - {{name: errors, type: status_code, status_code: {{status_codes: [ERROR]}}}}
    - {{name: low-score, type: score, score: {{below: 0.5}}}}
    - {{name: rest, type: always_sample}}
cost:
  attributes: [gen_ai.usage.cost, openinference, mlflow]
  prices:
    - {{provider: openai, model: "gpt-4o-mini*", input_per_million: {INPUT_USD}, output_per_million: {OUTPUT_USD}}}
"""


@dataclass(frozen=True)
class Journey:
    sent: list[Span]
    left: list[Span]
    """The sidecar, towards every exporter alike."""


def send_through_the_sidecar(directory: Path, exporter: str) -> Journey:
    """Detection is that of the built-in policy. `exporter` is YAML below `exporters`; when this returns, it has all."""
    sent: list[Span] = []
    with Backend() as witness, Sidecar(directory, witness.port, policy=_POLICY, exporter=exporter) as sidecar:
        with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
            export = channel.unary_unary(TRACE_EXPORT, request_serializer=None, response_deserializer=None)
            for spans in all_traces(random.Random(11)):
                sent += spans
                export(request_of(spans).SerializeToString(), timeout=10)

        def delivered() -> bool:
            samples = sidecar.metrics()
            assert imbalance(samples, "traces") == 0
            return total(samples, "genai_sidecar_waiting") == 0

        wait_until("everything is delivered", delivered, 60)
        return Journey(sent, witness.spans())


def family(spans: list[Span]) -> set[tuple[str, str, str, str]]:
    """Trace, span, parent and name of each."""
    return {(span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.name) for span in spans}
