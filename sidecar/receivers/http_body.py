"""Receiving an HTTP body: limits on what arrives and on what it unpacks to, checked while it arrives."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol

from sidecar.intake import BadData, TooLarge
from sidecar.receivers.budget import Hold

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_GZIP: Final = 31
_MAX_GZIP_MEMBERS: Final = 1000
"""An empty member is twenty bytes and costs a decompressor."""


class ClientGone(Exception):  # noqa: N818  # no error of ours
    """The connection ended before the body did."""


class Sink(Protocol):
    def feed(self, chunk: bytes) -> None:
        """Raises TooLarge, BadData or Overloaded."""

    def finish(self) -> bytes:
        """The whole body. Raises BadData if it is not complete."""


class Plain:
    """A body without a content coding."""

    def __init__(self, limit_bytes: int, hold: Hold) -> None:
        self._limit = limit_bytes
        self._hold = hold
        self._size = 0
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit:
            raise TooLarge(f"the body is larger than {self._limit} bytes")
        self._hold.grow(len(chunk))
        self._parts.append(chunk)

    def finish(self) -> bytes:
        return b"".join(self._parts)


class Gunzip:
    """A gzip body (RFC 1952), one or more members. Never unpacks more than a byte over the limit."""

    def __init__(self, limit_bytes: int, hold: Hold) -> None:
        self._unpacked = Plain(limit_bytes, hold)
        self._limit = limit_bytes
        self._arrived = 0
        self._room = limit_bytes + 1
        self._member: Any = None
        self._members = 0

    def feed(self, chunk: bytes) -> None:
        self._arrived += len(chunk)
        if self._arrived > self._limit:
            raise TooLarge(f"the body is larger than {self._limit} bytes")
        while chunk:
            if self._member is None:
                chunk = chunk.lstrip(b"\0") if self._members else chunk
                if not chunk:
                    return
                self._members += 1
                if self._members > _MAX_GZIP_MEMBERS:
                    raise BadData("too many gzip members")
                self._member = zlib.decompressobj(_GZIP)
            try:
                unpacked = self._member.decompress(chunk, self._room)
            except zlib.error:
                raise BadData("the body is not valid gzip") from None
            self._room -= len(unpacked)
            self._unpacked.feed(unpacked)
            if self._member.eof:
                chunk = self._member.unused_data
                self._member = None
            else:
                chunk = self._member.unconsumed_tail

    def finish(self) -> bytes:
        if self._member is not None:
            raise BadData("the gzip body is cut short")
        return self._unpacked.finish()


async def read_body(receive: Receive, sink: Sink) -> bytes:
    """Feeds the request's body to the sink. Raises what the sink raises, and ClientGone."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        if chunk:
            sink.feed(chunk)
        if not message.get("more_body", False):
            return sink.finish()
