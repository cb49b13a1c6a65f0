r"""What the outbox's rows say, and how each is sealed.

    sealed = salt (32) · number (8, big-endian) · AES-256-GCM ciphertext and tag

Invariants
  1. A process seals under one key of its own, made from a salt no other process has; the salt is in every row, so
     that a row opens by itself, wherever it was found.
  2. `number` grows with every row a process seals, and is never used for a second one.
  3. The associated data names the table, the row id and every plain column: a row opens only where it belongs.

    batch     {"signal", "items", "size", "left": [exporter], "ends": {exporter: rejected items | reason refused}}, JSON
    payload   an OTLP export request, protobuf
    decision  u32 length · {"decided_unix_nano", "until_unix_nano", "policy", "traces", "stamp"}, JSON · trace ids, 16 bytes
              each · nothing, or the randomness of each: u64, all ones for none
    done      nothing (the whole record), or \x01 and trace ids, 16 bytes each
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Final

from processors.otlp.signal import Signal
from processors.processor import Stamp
from sidecar.batch import Delivered, Refused
from sidecar.storage.interfaces import Decided, Done
from sidecar.storage.queues import End, Waiting
from sidecar.storage.vault import SALT_BYTES, TAG_BYTES, Cipher, Damaged, Vault

_PURPOSE: Final = "outbox"
_NUMBER: Final = struct.Struct(">Q")
_LENGTH: Final = struct.Struct(">I")
_SEALED_FROM: Final = SALT_BYTES + _NUMBER.size
_TRACE_ID_BYTES: Final = 16
_NO_RANDOMNESS: Final = 2**64 - 1
_CIPHERS: Final = 256
SIGNALS: Final = tuple(Signal)
"""A signal's number in a plain column is its place here."""


class Table(Enum):
    BATCHES = "batches"
    PAYLOADS = "payloads"
    DECISIONS = "decisions"
    DONE = "done"


class Seals:
    """Seals under this process's key, opens what any process sealed with the same vault."""

    def __init__(self, vault: Vault) -> None:
        self._salt = vault.new_salt()
        self._cipher = vault.cipher(_PURPOSE, self._salt)
        self._numbers = itertools.count()

        @lru_cache(maxsize=_CIPHERS)
        def cipher(salt: bytes) -> Cipher:
            return vault.cipher(_PURPOSE, salt)

        self._cipher_of = cipher

    def seal(self, data: bytes, table: Table, row: int, *plain: int) -> bytes:
        number = next(self._numbers)
        sealed = self._cipher.seal(number, data, _associated(table, row, plain))
        return b"".join((self._salt, _NUMBER.pack(number), sealed))

    def open(self, sealed: object, table: Table, row: int, *plain: object) -> bytes:
        """`sealed` and `plain` are whatever the database gave. Raises Damaged."""
        if not isinstance(sealed, bytes) or len(sealed) < _SEALED_FROM + TAG_BYTES:
            raise Damaged
        cipher = self._cipher_of(sealed[:SALT_BYTES])
        (number,) = _NUMBER.unpack_from(sealed, SALT_BYTES)
        return cipher.open(number, sealed[_SEALED_FROM:], _associated(table, row, plain))


def _associated(table: Table, row: int, plain: Sequence[object]) -> bytes:
    return f"{table.value} {row} {plain}".encode()


# What a seal opened was written by `*_to_bytes` below: it needs no second check.


def plain_of(waiting: Waiting) -> tuple[int, int]:
    """The plain columns of its payload."""
    return SIGNALS.index(waiting.signal), waiting.items


def batch_to_bytes(waiting: Waiting) -> bytes:
    return json.dumps(
        {
            "signal": waiting.signal.value,
            "items": waiting.items,
            "size": waiting.size,
            "left": [*waiting.left, *waiting.elsewhere],
            "ends": {name: _end_to_json(end) for name, end in waiting.ends},
        }
    ).encode()


def batch_from_bytes(row: int, data: bytes, exporters: Sequence[str]) -> Waiting:
    """`exporters` are those the configuration names."""
    head = json.loads(data)
    return Waiting(
        row,
        Signal(head["signal"]),
        head["items"],
        head["size"],
        tuple(name for name in exporters if name in head["left"]),
        tuple(name for name in head["left"] if name not in exporters),
        tuple((name, _end_from_json(end)) for name, end in head["ends"].items()),
    )


def _end_to_json(end: End) -> int | str:
    """A backend's message may quote what it was sent, and stays out."""
    return end.rejected_items if isinstance(end, Delivered) else end.reason


def _end_from_json(value: int | str) -> End:
    return Delivered(value) if isinstance(value, int) else Refused(value)


def decided_to_bytes(decided: Decided) -> bytes:
    stamp = decided.stamp
    head = json.dumps(
        {
            "decided_unix_nano": decided.decided_unix_nano,
            "until_unix_nano": decided.until_unix_nano,
            "policy": decided.policy,
            "traces": len(decided.trace_ids),
            "stamp": stamp
            and [stamp.policy, stamp.threshold, stamp.randomness, stamp.category, stamp.late, stamp.would],
        }
    ).encode()
    return b"".join((_LENGTH.pack(len(head)), head, _join(decided.trace_ids), _randomness_to_bytes(decided)))


def decided_from_bytes(data: bytes) -> Decided:
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    head = json.loads(data[_LENGTH.size : start])
    end = start + head["traces"] * _TRACE_ID_BYTES
    numbers = struct.unpack_from(f">{(len(data) - end) // 8}Q", data, end)
    return Decided(
        head["decided_unix_nano"],
        head["until_unix_nano"],
        head["policy"],
        head["stamp"] and Stamp(*head["stamp"]),
        _split(data[:end], start),
        tuple(None if number == _NO_RANDOMNESS else number for number in numbers),
    )


def _randomness_to_bytes(decided: Decided) -> bytes:
    """8 bytes for each trace; nothing if none has any."""
    if not any(number is not None for number in decided.randomness):
        return b""
    numbers = (_NO_RANDOMNESS if number is None else number for number in decided.randomness)
    return struct.pack(f">{len(decided.trace_ids)}Q", *numbers)


def done_to_bytes(done: Done) -> bytes:
    return b"" if done.trace_ids is None else b"\x01" + _join(done.trace_ids)


def done_from_bytes(ref: int, data: bytes) -> Done:
    return Done(ref, tuple(_split(data, 1)) if data else None)


def _join(trace_ids: Sequence[bytes]) -> bytes:
    joined = b"".join(trace_ids)
    if len(joined) != len(trace_ids) * _TRACE_ID_BYTES:
        raise ValueError("a trace id has 16 bytes")
    return joined


def _split(data: bytes, start: int) -> list[bytes]:
    return [data[at : at + _TRACE_ID_BYTES] for at in range(start, len(data), _TRACE_ID_BYTES)]
