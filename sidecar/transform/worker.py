"""The transform worker's own process: reads jobs from stdin, answers on stdout, ends when stdin does.

Nothing else is written to stdout, and nothing of a job to stderr: an error is named by its class alone.
"""

from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO

import processors
from processors.genai.matcher import MATCHER
from processors.otlp.signal import Signal
from processors.pii.drop import ContentDropper
from processors.policy import Policy, PolicyKeys
from processors.processor import Processor
from processors.transform import transform
from processors.values import Secret
from sidecar.transform import wire


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break the frames
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # the sidecar is gone; closing the pipe in order would fail once more


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    frame = _read(jobs)
    if frame is None:
        return
    chain = _build(frame[0])
    dropper = ContentDropper(MATCHER)
    _write(answers, wire.pack({"kind": "ready", "pid": os.getpid()}))
    while (frame := _read(jobs)) is not None:
        _write(answers, _answer(*frame, chain, dropper))


def _build(header: dict[str, Any]) -> tuple[Processor, ...]:
    policy = Policy.model_validate(header["policy"])
    keys = PolicyKeys(
        pseudonym=_secret(header["pseudonym"]),
        prompt_hash=_secret(header["prompt_hash"]),
        recognizers=header["recognizers"],
    )
    return processors.build(policy, keys)


def _secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)


def _answer(
    header: dict[str, Any], payloads: list[bytes], chain: tuple[Processor, ...], dropper: ContentDropper
) -> bytes:
    try:
        done = transform(
            Signal(header["signal"]),
            payloads,
            wire.stamps_from_json(header["stamps"]),
            processors.without_content(chain, dropper) if header["mode"] == "drop" else chain,
            dropper,
        )
    except Exception as error:  # noqa: BLE001  # the class name is all that may be told of it
        return wire.pack({"kind": "failed", "error": type(error).__name__})
    return wire.pack(
        {
            "kind": "done",
            "items": [items for _, items in done.batches],
            "report": wire.report_to_json(done.report),
            "rejected": done.rejected,
            "rss_mib": _rss_mib(),
        },
        [payload for payload, _ in done.batches],
    )


def _rss_mib() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # a kernel file, once a job
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // (1024 * 1024)


def _read(stream: BinaryIO) -> tuple[dict[str, Any], list[bytes]] | None:
    prefix = stream.read(wire.PREFIX.size)
    if len(prefix) < wire.PREFIX.size:
        return None
    head_bytes, body_bytes = wire.PREFIX.unpack(prefix)
    return wire.unpack(stream.read(head_bytes), stream.read(body_bytes))


def _write(stream: BinaryIO, frame: bytes) -> None:
    stream.write(frame)
    stream.flush()


if __name__ == "__main__":
    main()
