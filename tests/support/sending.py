"""An app in the shortest form: sends chats to a running sidecar over gRPC."""

from __future__ import annotations

import random

import grpc

from tests.support.chats import chat_trace, request_of
from tests.support.sidecar_process import Sidecar

TRACE_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def send(sidecar: Sidecar, traces: int, *, seed: int = 1, error: bool = False) -> None:
    """One request a trace, each acknowledged."""
    rng = random.Random(seed)
    with grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}") as channel:
        export = channel.unary_unary(TRACE_EXPORT, request_serializer=None, response_deserializer=None)
        for _ in range(traces):
            export(request_of(chat_trace(rng, error=error, planted=False)).SerializeToString(), timeout=10)
