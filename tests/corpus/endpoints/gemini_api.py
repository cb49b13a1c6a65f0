"""Gemini's generateContent and embeddings, as far as the scenario uses them. Thoughts are counted beside the answer."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.corpus.conversation import TOOL_ARGUMENTS, TOOL_NAME, Turn, chunks, turn_of
from tests.corpus.endpoints.served import Answer, served

_PATH = re.compile(r"/models/([^/:]+):(\w+)")


def answer(path: str, body: dict[str, Any]) -> Answer | None:
    """None for a path that is not one of these."""
    found = _PATH.search(path)
    if found is None:
        return None
    model, method = found.groups()
    if method in ("embedContent", "batchEmbedContents"):
        record = served("gemini.embeddings", None, model, model, stream=False)
        record["input_tokens"], record["usage_sent"] = 0, False  # Gemini does not say
        vector = {"values": [0.25, 0.5, 0.75]}
        many = {"embeddings": [vector for _ in body.get("requests", (0,))]}
        return Answer(200, {"embedding": vector} if method == "embedContent" else many, record)
    if method not in ("generateContent", "streamGenerateContent"):
        return None
    return _generate(model, body, streams=method == "streamGenerateContent")


def _generate(model: str, body: dict[str, Any], *, streams: bool) -> Answer:
    contents = body["contents"]
    parts = [part for content in contents if content.get("role", "user") == "user" for part in content["parts"]]
    has_result = any("functionResponse" in part for content in contents for part in content["parts"])
    turn = turn_of([part["text"] for part in parts if "text" in part], has_tool_result=has_result)
    response_id = f"gemini-corpus{turn.response_number:04d}"
    record = served(
        "gemini.generate_content", turn, model, model, response_id=response_id, finish="STOP", stream=streams
    )
    record["cache_write_tokens"] = 0  # Gemini does not say
    if turn.status != 200:
        return Answer(
            turn.status, {"error": {"code": 400, "message": turn.answer, "status": "INVALID_ARGUMENT"}}, record
        )
    common = {"modelVersion": model, "responseId": response_id, "usageMetadata": _usage(turn)}
    if turn.calls_tool:
        pieces: list[dict[str, Any]] = [{"functionCall": {"name": TOOL_NAME, "args": TOOL_ARGUMENTS}}]
    else:
        pieces = [{"text": text} for text in (chunks(turn.answer) if streams else [turn.answer])]
    if not streams:
        return Answer(200, {"candidates": [_candidate(pieces[0], "STOP")], **common}, record)
    answers = [
        {"candidates": [_candidate(piece, "STOP" if number == len(pieces) else None)], **common}
        for number, piece in enumerate(pieces, 1)
    ]
    return Answer(200, "".join(f"data: {json.dumps(each)}\r\n\r\n" for each in answers), record)


def _candidate(piece: dict[str, Any], finish: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [piece], "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return candidate


def _usage(turn: Turn) -> dict[str, Any]:
    usage: dict[str, Any] = {
        "promptTokenCount": turn.input_tokens,
        "candidatesTokenCount": turn.output_tokens - turn.reasoning_tokens,
        "totalTokenCount": turn.input_tokens + turn.output_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": turn.input_tokens}],
    }
    if turn.cache_read_tokens:
        usage["cachedContentTokenCount"] = turn.cache_read_tokens
    if turn.reasoning_tokens:
        usage["thoughtsTokenCount"] = turn.reasoning_tokens
    return usage
