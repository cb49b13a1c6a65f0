"""The promise of the project, through real processes: an app sends, a backend receives what the policy allows."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import grpc
import httpx2
import pytest
from genai_prices import Usage, calc_price
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from tests.support.backend import Backend, attributes, wait_until
from tests.support.chats import PLANTED, chat_trace, request_of
from tests.support.sidecar_process import Sidecar, imbalance, total

TRACE_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@pytest.mark.timeout(180)
def test_a_thousand_traces_through_three_protocols(tmp_path: Path) -> None:
    """Every error and every low score arrives whole, a tenth of the rest, nothing planted, every cost right.

    A third each over gRPC, HTTP protobuf and HTTP JSON. The accounting identity holds at every scrape on the way.
    """
    rng = random.Random(7)
    with Backend() as backend, Sidecar(tmp_path, backend.port) as sidecar:
        sent: dict[bytes, list[Span]] = {}
        must_keep: set[bytes] = set()
        channel = grpc.insecure_channel(f"127.0.0.1:{sidecar.grpc_port}")
        export = channel.unary_unary(TRACE_EXPORT, request_serializer=None, response_deserializer=None)
        url = f"http://127.0.0.1:{sidecar.http_port}/v1/traces"
        with httpx2.Client(trust_env=False) as client:
            for start in range(0, 1000, 20):
                spans: list[Span] = []
                for number in range(start, start + 20):
                    error, low = number % 33 == 0, number % 33 == 1
                    trace = chat_trace(rng, error=error, score=0.2 if low else (0.9 if number % 5 == 0 else None))
                    sent[trace[0].trace_id] = trace
                    if error or low:
                        must_keep.add(trace[0].trace_id)
                    spans += trace
                request = request_of(spans)
                match start // 20 % 3:
                    case 0:
                        export(request.SerializeToString(), timeout=10)
                    case 1:
                        headers = {"content-type": "application/x-protobuf"}
                        assert client.post(url, content=request.SerializeToString(), headers=headers).status_code == 200
                    case _:
                        body = encode_json(Signal.TRACES, request)
                        headers = {"content-type": "application/json"}
                        assert client.post(url, content=body, headers=headers).status_code == 200
                assert imbalance(sidecar.metrics(), "traces") == 0

        def done() -> bool:
            samples = sidecar.metrics()
            assert imbalance(samples, "traces") == 0
            return total(samples, "genai_sidecar_waiting") == 0

        wait_until("everything is decided and delivered", done, 120)
        arrived: dict[bytes, list[Span]] = defaultdict(list)
        for span in backend.spans():
            arrived[span.trace_id].append(span)
        samples = sidecar.metrics()
        assert total(samples, "genai_sidecar_received_total", signal="traces") == 2000
        channel.close()

    assert must_keep <= arrived.keys()
    assert all(len(spans) == 2 for spans in arrived.values())
    routine = len(arrived.keys() - must_keep) / (1000 - len(must_keep))
    assert 0.08 <= routine <= 0.12
    everything = backend.all_bytes()
    for planted in PLANTED:
        assert planted.encode() not in everything
        assert planted.replace(" ", "").encode() not in everything
    for trace_id, spans in arrived.items():
        call = next(span for span in spans if span.parent_span_id)
        original = next(span for span in sent[trace_id] if span.parent_span_id)
        assert_call_is_right(call, original)


def assert_call_is_right(call: Span, original: Span) -> None:
    got, had = attributes(call), attributes(original)
    price = calc_price(
        Usage(input_tokens=had["gen_ai.usage.input_tokens"], output_tokens=had["gen_ai.usage.output_tokens"]),
        "gpt-4o-mini-2024-07-18",
        provider_id="openai",
        genai_request_timestamp=datetime.fromtimestamp(original.start_time_unix_nano / 1e9, UTC),
    )
    assert got["gen_ai.usage.cost"] == pytest.approx(float(price.total_price), rel=1e-12)
    assert got["genai_sidecar.cost.source"].startswith("genai-prices@")
    assert got["genai_sidecar.prompt.hash"]
    assert got["genai_sidecar.sampling.policy"] in {"errors", "low-score", "routine"}
    assert "ot=th:" in call.trace_state
    messages = json.loads(got["gen_ai.input.messages"])
    assert "<EMAIL_ADDRESS>" in messages[0]["parts"][0]["content"]
    assert got["genai_sidecar.pii.email_address"] >= 1
    assert got["gen_ai.usage.input_tokens"] == had["gen_ai.usage.input_tokens"]


@pytest.mark.timeout(120)
def test_bad_requests_get_their_statuses_and_the_next_good_one_passes(tmp_path: Path) -> None:
    """Malformed, oversize, empty and compressed requests, over the running program."""
    import gzip  # noqa: PLC0415  # only here

    rng = random.Random(8)
    with Backend() as backend, Sidecar(tmp_path, backend.port) as sidecar:
        url = f"http://127.0.0.1:{sidecar.http_port}/v1/traces"
        proto = {"content-type": "application/x-protobuf"}
        good = request_of(chat_trace(rng, error=True)).SerializeToString()
        with httpx2.Client(trust_env=False, timeout=30) as client:
            assert client.post(url, content=b"\xff\xff", headers=proto).status_code == 400
            bad_json = client.post(url, content=b"{", headers={"content-type": "application/json"})
            assert bad_json.status_code == 400
            assert "message" in bad_json.json()
            bomb = gzip.compress(b"\0" * (70 * 1024 * 1024))
            answer = client.post(url, content=bomb, headers={**proto, "content-encoding": "gzip"})
            assert answer.status_code == 413
            assert client.post(url, content=b"", headers=proto).status_code == 200
            packed = client.post(url, content=gzip.compress(good), headers={**proto, "content-encoding": "gzip"})
            assert packed.status_code == 200
            assert not ExportTraceServiceResponse.FromString(packed.content).HasField("partial_success")
        with grpc.insecure_channel(
            f"127.0.0.1:{sidecar.grpc_port}", options=[("grpc.max_send_message_length", -1)]
        ) as channel:
            export = channel.unary_unary(TRACE_EXPORT, request_serializer=None, response_deserializer=None)
            for body, code in (
                (b"\xff\xff", grpc.StatusCode.INVALID_ARGUMENT),
                (b"\0" * (65 * 1024 * 1024), grpc.StatusCode.RESOURCE_EXHAUSTED),
            ):
                with pytest.raises(grpc.RpcError) as refused:
                    export(body, timeout=30)
                assert refused.value.code() is code
            assert export(b"", timeout=10) == b""
            export(good, timeout=10, compression=grpc.Compression.Gzip)
        wait_until("the good ones arrive", lambda: len(backend.spans()) == 4)
