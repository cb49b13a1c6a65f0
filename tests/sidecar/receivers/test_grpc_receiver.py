"""What only gRPC has: health, channel arguments, metadata."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from processors.otlp.signal import Signal
from processors.values import Secret
from sidecar.receivers import grpc_receiver
from sidecar.receivers.config import BearerAuth, GrpcReceiverConfig
from sidecar.receivers.grpc_receiver import SERVICES, GrpcReceiver
from sidecar.receivers.guard import Guard
from tests.support.otlp import good
from tests.support.receiving import GrpcClient, RememberingIntake

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def run(body: Callable[[GrpcReceiver, RememberingIntake], Awaitable[None]], **config: Any) -> None:
    async def inside() -> None:
        intake = RememberingIntake()
        settings = GrpcReceiverConfig.model_validate({"endpoint": "127.0.0.1:0", **config})
        receiver = GrpcReceiver(settings, Guard(), intake)
        await receiver.start()
        try:
            await body(receiver, intake)
        finally:
            await receiver.stop(0.2)

    asyncio.run(asyncio.wait_for(inside(), 30))


async def _health(channel: Any, service: str) -> Any:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)).status


@pytest.mark.parametrize("service", ["", *SERVICES.values()])
def test_health_says_serving_until_it_stops(service: str) -> None:
    """For the server and for each service; a token is not needed, so probes can ask."""

    async def body(receiver: GrpcReceiver, intake: RememberingIntake) -> None:
        intake.gate = asyncio.Event()
        client = GrpcClient(receiver.port)
        headers = "Bearer t"
        async with grpc.aio.insecure_channel(f"127.0.0.1:{receiver.port}") as channel:
            assert await _health(channel, service) == SERVING
            stub: Any = health_pb2_grpc.HealthStub(channel)
            watch = stub.Watch(health_pb2.HealthCheckRequest(service=service))
            assert (await watch.read()).status == SERVING
            hanging = asyncio.create_task(client.send(Signal.TRACES, good(Signal.TRACES), token=headers))
            await intake.entered.wait()
            stopping = asyncio.create_task(receiver.stop(2))
            assert (await watch.read()).status == NOT_SERVING
            watch.cancel()
            intake.gate.set()
            assert (await hanging).ok
            await stopping
        await client.close()

    run(body, auth=BearerAuth(bearer_token=Secret("t")))


def test_other_services_are_unimplemented() -> None:
    """As every gRPC server answers."""

    async def body(receiver: GrpcReceiver, _: RememberingIntake) -> None:
        channel: Any = grpc.aio.insecure_channel(f"127.0.0.1:{receiver.port}")
        async with channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Other")(b"")
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED

    run(body)


def test_metadata_is_limited() -> None:
    """The option is spelled as gRPC core expects: it would ignore a typo."""

    async def body(receiver: GrpcReceiver, intake: RememberingIntake) -> None:
        client = GrpcClient(receiver.port)
        answer = await client.send(Signal.TRACES, good(Signal.TRACES), token="x" * 40_000)
        assert not answer.ok
        assert intake.accepted == []
        assert (await client.send(Signal.TRACES, good(Signal.TRACES), token="x" * 1000)).ok
        await client.close()

    run(body)


def test_streams_of_one_connection_are_limited() -> None:
    """Requests above the limit wait in the client until one is done, or are told to come back."""

    async def body(receiver: GrpcReceiver, intake: RememberingIntake) -> None:
        intake.gate = asyncio.Event()
        waiting = 0
        accept = intake.accept

        async def counted(admitted: Any) -> Any:
            nonlocal waiting
            waiting += 1
            return await accept(admitted)

        intake.accept = counted  # type: ignore[method-assign]  # to see how many come in at once
        client = GrpcClient(receiver.port)
        assert (await client.send(Signal.TRACES, b"")).ok
        calls = [asyncio.create_task(client.send(Signal.TRACES, good(Signal.TRACES))) for _ in range(6)]
        await intake.entered.wait()
        await asyncio.sleep(0.2)
        assert waiting == 2
        intake.gate.set()
        answers = await asyncio.gather(*calls)
        assert all(answer.ok or answer.retryable for answer in answers)
        assert sum(answer.ok for answer in answers) == waiting
        await client.close()

    run(body, max_concurrent_streams=2)


@pytest.mark.parametrize(
    "parameters",
    [{"max_connection_idle": "300ms"}, {"max_connection_age": "300ms", "max_connection_age_grace": "100ms"}],
)
def test_connections_end_as_configured(parameters: dict[str, str]) -> None:
    """When idle, and when old: the client sees its channel go idle and simply connects again."""

    async def body(receiver: GrpcReceiver, _: RememberingIntake) -> None:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{receiver.port}") as channel:
            await _health(channel, "")
            state = channel.get_state()
            assert state is grpc.ChannelConnectivity.READY
            await asyncio.wait_for(channel.wait_for_state_change(state), 10)
            assert await _health(channel, "") == SERVING

    run(body, keepalive={"server_parameters": parameters})


async def _first_frames(port: int, seconds: float, frames: bytes = b"") -> tuple[bytes, bool]:
    """What the server sends a client that speaks HTTP/2 but never answers, and whether it hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0" + frames)
    received = b""
    try:
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(65536):
                received += chunk
    except TimeoutError:
        return received, False
    finally:
        writer.close()
    return received, True


def test_dead_peers_are_pinged_and_dropped() -> None:
    """With time and timeout set, a peer that does not answer pings is gone soon."""

    async def body(receiver: GrpcReceiver, _: RememberingIntake) -> None:
        received, closed = await _first_frames(receiver.port, 10)
        assert b"\0\0\x08\x06\0\0\0\0\0" in received
        assert closed

    run(
        body,
        keepalive={
            "server_parameters": {"time": "1s", "timeout": "500ms"},
            "enforcement_policy": {"permit_without_stream": True},
        },
    )


def test_ping_floods_are_answered_with_goaway() -> None:
    """min_time is enforced: a client that pings far more often is disconnected."""

    async def body(receiver: GrpcReceiver, _: RememberingIntake) -> None:
        pings = b"".join(b"\0\0\x08\x06\0\0\0\0\0" + number.to_bytes(8, "big") for number in range(20))
        received, closed = await _first_frames(receiver.port, 10, pings)
        assert b"too_many_pings" in received
        assert closed

    run(body, keepalive={"enforcement_policy": {"min_time": "60s", "permit_without_stream": True}})


def test_pings_within_min_time_are_fine() -> None:
    """The option is spelled as gRPC core expects: its own default is five minutes, and would end this connection."""

    async def body(receiver: GrpcReceiver, _: RememberingIntake) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0")
        for number in range(8):
            await asyncio.sleep(0.05)
            writer.write(b"\0\0\x08\x06\0\0\0\0\0" + number.to_bytes(8, "big"))
        last_pong = b"\0\0\x08\x06\x01\0\0\0\0" + (7).to_bytes(8, "big")
        received = b""
        async with asyncio.timeout(5):
            while last_pong not in received and (chunk := await reader.read(65536)):
                received += chunk
        assert last_pong in received
        assert b"too_many_pings" not in received
        writer.close()

    run(body, keepalive={"enforcement_policy": {"min_time": "10ms", "permit_without_stream": True}})


def test_a_handshake_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent connection is closed; gRPC's own default would wait two minutes."""
    assert grpc_receiver._HANDSHAKE_TIMEOUT_MS == 10_000
    monkeypatch.setattr(grpc_receiver, "_HANDSHAKE_TIMEOUT_MS", 300)

    async def body(receiver: GrpcReceiver, _: RememberingIntake) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        async with asyncio.timeout(8):
            while await reader.read(65536):
                pass
        writer.close()

    run(body)
