"""Amazon Bedrock's Converse and ConverseStream, as far as the scenario uses them. Cached tokens count beside the input."""

from __future__ import annotations

import json
import re
import struct
import zlib
from typing import Any
from urllib.parse import unquote

from tests.corpus.conversation import TOOL_ARGUMENTS, TOOL_NAME, Turn, chunks, turn_of
from tests.corpus.endpoints.served import Answer, served

_PATH = re.compile(r"/model/([^/]+)/(converse|converse-stream)$")


def answer(path: str, body: dict[str, Any]) -> Answer | None:
    """None for a path that is not one of these."""
    found = _PATH.search(path)
    if found is None:
        return None
    model, streams = unquote(found[1]), found[2] == "converse-stream"
    users = [
        block["text"]
        for message in body["messages"]
        if message["role"] == "user"
        for block in message["content"]
        if "text" in block
    ]
    has_result = any("toolResult" in block for message in body["messages"] for block in message["content"])
    turn = turn_of(users, has_tool_result=has_result)
    finish = "tool_use" if turn.calls_tool else "end_turn"
    record = served("bedrock.converse", turn, model, model, finish=finish, stream=streams)
    record["reasoning_tokens"] = 0  # Bedrock does not say
    if turn.status != 200:
        return Answer(turn.status, {"message": turn.answer, "__type": "ValidationException"}, record)
    if streams:
        return Answer(200, b"".join(_frame(kind, data) for kind, data in _events(turn, finish)), record)
    call = {"toolUseId": "tooluse_corpus0001", "name": TOOL_NAME, "input": TOOL_ARGUMENTS}
    content = [{"toolUse": call}] if turn.calls_tool else [{"text": turn.answer}]
    message = {"role": "assistant", "content": content}
    whole = {"output": {"message": message}, "stopReason": finish, "usage": _usage(turn), "metrics": {"latencyMs": 250}}
    return Answer(200, whole, record)


def _events(turn: Turn, finish: str) -> list[tuple[str, dict[str, Any]]]:
    begin: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    deltas: list[dict[str, Any]] = [{"text": part} for part in chunks(turn.answer)]
    if turn.calls_tool:
        start = {"toolUse": {"toolUseId": "tooluse_corpus0001", "name": TOOL_NAME}}
        begin.append(("contentBlockStart", {"contentBlockIndex": 0, "start": start}))
        deltas = [{"toolUse": {"input": part}} for part in chunks(json.dumps(TOOL_ARGUMENTS))]
    return [
        *begin,
        *(("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta}) for delta in deltas),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": finish}),
        ("metadata", {"usage": _usage(turn), "metrics": {"latencyMs": 250}}),
    ]


def _usage(turn: Turn) -> dict[str, int]:
    return {
        "inputTokens": turn.input_tokens - turn.cache_read_tokens - turn.cache_write_tokens,
        "outputTokens": turn.output_tokens,
        "totalTokens": turn.input_tokens + turn.output_tokens,
        "cacheReadInputTokens": turn.cache_read_tokens,
        "cacheWriteInputTokens": turn.cache_write_tokens,
    }


def _frame(kind: str, data: dict[str, Any]) -> bytes:
    """One message of an AWS event stream: prelude, headers, payload, each with its checksum."""
    payload = json.dumps(data).encode()
    named = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in named.items()
    )
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return head + struct.pack("!I", zlib.crc32(head))
