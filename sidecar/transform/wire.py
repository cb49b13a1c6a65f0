"""Frames between the sidecar and its transform worker, over the worker's stdin and stdout.

    frame = u32 header length · u32 body length · header (JSON object, UTF-8) · body

`header["lengths"]` cuts the body into blobs. JSON rather than pickle: the worker reads hostile text, and what it
answers must not be able to run code in the process that talks to the network.

    to the worker    {kind: "init", policy, pseudonym, prompt_hash, recognizers}          once, first
                     {kind: "job", signal, mode: "full"|"drop", stamps: […], lengths}     blobs: payloads
    from the worker  {kind: "ready", pid}                                                 once, after init
                     {kind: "done", items: […], report, rejected, rss_mib, lengths}       blobs: batches
                     {kind: "failed", error}                                              error: an exception's class
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, Final

from processors.processor import Report, Stamp, Stamps, SystemPrompt

PREFIX: Final = struct.Struct("<II")
MAX_HEADER_BYTES: Final = 64 * 1024 * 1024
MAX_BODY_BYTES: Final = 1024 * 1024 * 1024


def pack(header: dict[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    head = json.dumps({**header, "lengths": [len(blob) for blob in blobs]}).encode()
    return b"".join((PREFIX.pack(len(head), sum(map(len, blobs))), head, *blobs))


def unpack(head: bytes, body: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Raises ValueError for anything `pack` did not write."""
    header = json.loads(head)
    if not isinstance(header, dict) or sum(header.get("lengths", ())) != len(body):
        raise ValueError("not a frame")
    blobs, start = [], 0
    for length in header["lengths"]:
        blobs.append(body[start : start + length])
        start += length
    return header, blobs


def stamps_to_json(stamps: Stamps) -> list[list[Any]]:
    return [
        [trace_id.hex(), stamp.policy, stamp.threshold, stamp.randomness, stamp.category, stamp.late, stamp.would]
        for trace_id, stamp in stamps.items()
    ]


def stamps_from_json(rows: Sequence[Sequence[Any]]) -> Stamps:
    return {bytes.fromhex(trace_id): Stamp(*fields) for trace_id, *fields in rows}


def report_to_json(report: Report) -> dict[str, Any]:
    return {
        "priced_usd": report.priced_usd,
        "counters": report.counters(),
        "system_prompts": list(report.system_prompts),
    }


def report_from_json(data: dict[str, Any]) -> Report:
    report = Report(priced_usd=data["priced_usd"])
    for name, count in report.counters().items():
        count.update(data["counters"].get(name, {}))
    report.system_prompts.update(SystemPrompt(*fields) for fields in data["system_prompts"])
    return report
