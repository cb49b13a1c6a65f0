"""Anthropic's messages, as far as the scenario uses them. Usage counts cached tokens beside the input."""

from __future__ import annotations

import json
from typing import Any

from tests.corpus.conversation import TOOL_ARGUMENTS, TOOL_NAME, Turn, chunks, turn_of
from tests.corpus.endpoints.served import Answer, served

_MODELS = {"claude-sonnet-4-5": "claude-sonnet-4-5-20250929"}


def answer(path: str, body: dict[str, Any]) -> Answer | None:
    """None for a path that is not one of these."""
    return _messages(body) if path.endswith("/messages") else None


def _messages(body: dict[str, Any]) -> Answer:
    turn = _turn(body["messages"])
    model = _MODELS.get(body["model"], body["model"])
    streams = bool(body.get("stream"))
    response_id = f"msg_corpus{turn.response_number:04d}"
    finish = "tool_use" if turn.calls_tool else "end_turn"
    record = served(
        "anthropic.messages", turn, body["model"], model, response_id=response_id, finish=finish, stream=streams
    )
    record["reasoning_tokens"] = 0  # Anthropic does not say
    if turn.status != 200:
        error = {"type": "invalid_request_error", "message": turn.answer}
        return Answer(turn.status, {"type": "error", "error": error, "request_id": "req_corpus0005"}, record)
    whole: dict[str, Any] = {
        "id": response_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [_block(turn)],
        "stop_reason": finish,
        "stop_sequence": None,
        "usage": _usage(turn),
    }
    if not streams:
        return Answer(200, whole, record)
    begun = {**whole, "content": [], "stop_reason": None, "usage": {**_usage(turn), "output_tokens": 1}}
    events = [{"type": "message_start", "message": begun}, *_block_events(turn)]
    delta = {"stop_reason": finish, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": turn.output_tokens}})
    events.append({"type": "message_stop"})
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return Answer(200, "".join(lines), record)


def _turn(messages: list[dict[str, Any]]) -> Turn:
    users: list[str] = []
    has_result = False
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if message["role"] == "user":
            users += [block["text"] for block in blocks if block["type"] == "text"]
            has_result = has_result or any(block["type"] == "tool_result" for block in blocks)
    return turn_of(users, has_tool_result=has_result)


def _block(turn: Turn) -> dict[str, Any]:
    if turn.calls_tool:
        return {"type": "tool_use", "id": "toolu_corpus0001", "name": TOOL_NAME, "input": TOOL_ARGUMENTS}
    return {"type": "text", "text": turn.answer}


def _block_events(turn: Turn) -> list[dict[str, Any]]:
    block = _block(turn)
    if turn.calls_tool:
        empty = {**block, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in chunks(json.dumps(TOOL_ARGUMENTS))]
    else:
        empty = {**block, "text": ""}
        deltas = [{"type": "text_delta", "text": part} for part in chunks(turn.answer)]
    return [
        {"type": "content_block_start", "index": 0, "content_block": empty},
        *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": 0},
    ]


def _usage(turn: Turn) -> dict[str, Any]:
    return {
        "input_tokens": turn.input_tokens - turn.cache_read_tokens - turn.cache_write_tokens,
        "output_tokens": turn.output_tokens,
        "cache_read_input_tokens": turn.cache_read_tokens,
        "cache_creation_input_tokens": turn.cache_write_tokens,
        "service_tier": "standard",
    }
