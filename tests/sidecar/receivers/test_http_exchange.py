"""An answer as the server is told to send it; over a real connection it is seen in `test_http_app.py`."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types

from sidecar.intake import Overloaded
from sidecar.receivers.answers import METHOD_NOT_ALLOWED, NOT_FOUND, UNAUTHENTICATED, Refusal, refusal_of
from sidecar.receivers.http_exchange import Exchange

Message = MutableMapping[str, Any]


class Wire:
    """What is left of the body, and what was sent."""

    def __init__(self, *body: Message) -> None:
        self.body = list(body)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self.body.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def exchange(wire: Wire, *headers: tuple[bytes, bytes]) -> Exchange:
    return Exchange({"method": "POST", "path": "/", "headers": headers}, wire.receive, wire.send)


def refused(refusal: Refusal, *headers: tuple[bytes, bytes]) -> Wire:
    wire = Wire()
    asyncio.run(exchange(wire, *headers).refuse(refusal))
    return wire


@pytest.mark.parametrize(
    ("refusal", "name", "value"),
    [
        (METHOD_NOT_ALLOWED, b"allow", b"POST"),
        (UNAUTHENTICATED, b"www-authenticate", b"Bearer"),
        (refusal_of(Overloaded("full", 6.2)), b"retry-after", b"7"),
        (refusal_of(Overloaded("full", 0)), b"retry-after", b"1"),
        (NOT_FOUND, b"retry-after", None),
    ],
)
def test_refusals_bring_the_headers_of_their_kind(refusal: Refusal, name: bytes, value: bytes | None) -> None:
    """Whole seconds, rounded up, never none."""
    wire = refused(refusal)
    assert wire.sent[0]["status"] == refusal.http_status
    assert wire.headers.get(name) == value


def test_the_answer_is_in_the_encoding_of_the_request() -> None:
    """JSON for JSON, protobuf for everything else, unless the path takes JSON alone."""
    assert Status.FromString(refused(NOT_FOUND).sent[1]["body"]).code == 12
    as_json = refused(NOT_FOUND, (b"content-type", b"Application/JSON; charset=utf-8"))
    assert json_format.Parse(as_json.sent[1]["body"], Status()).code == 12
    wire = Wire()
    told = exchange(wire)
    told.is_json = True
    asyncio.run(told.refuse(NOT_FOUND))
    assert wire.headers[b"content-type"] == b"application/json"


def test_headers_that_come_twice_are_a_list() -> None:
    """A second coding cannot hide behind the first."""
    asked = exchange(Wire(), (b"content-encoding", b"gzip"), (b"content-encoding", b"GZIP"))
    assert asked.content_coding == b"gzip,gzip"


@pytest.mark.parametrize(
    ("headers", "complete"),
    [
        ([], True),
        ([(b"content-length", b"0")], True),
        ([(b"content-length", b"5")], False),
        ([(b"transfer-encoding", b"chunked")], False),
    ],
)
def test_whether_a_body_is_to_come(headers: list[tuple[bytes, bytes]], complete: bool) -> None:  # noqa: FBT001  # a table's column
    """Known from the headers."""
    assert exchange(Wire(), *headers).body_complete is complete


def test_an_answer_in_mid_body_reads_on() -> None:
    """The rest is read and forgotten before the connection ends."""
    wire = Wire({"body": b"a", "more_body": True}, {"body": b"b", "more_body": False}, {"never": "read"})
    asyncio.run(exchange(wire, (b"content-length", b"99")).refuse(NOT_FOUND))
    assert wire.headers[b"connection"] == b"close"
    assert [message.get("more_body") for message in wire.sent] == [None, True, False]
    assert wire.body == [{"never": "read"}]


def test_an_answer_after_the_body_ends_at_once() -> None:
    """The connection can be used again."""
    wire = Wire()
    asyncio.run(exchange(wire).answer(200, b"{}"))
    assert b"connection" not in wire.headers
    assert [message.get("more_body") for message in wire.sent] == [None, False]
    assert wire.sent[1]["body"] == b"{}"
