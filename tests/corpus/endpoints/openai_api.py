"""OpenAI's chat completions, responses and embeddings, as far as the scenario uses them."""

from __future__ import annotations

import json
from typing import Any

from tests.corpus.conversation import EMBEDDING_TOKENS, TOOL_ARGUMENTS, TOOL_NAME, Turn, chunks, turn_of
from tests.corpus.endpoints.served import Answer, served

_CREATED = 1_768_471_200
_MODELS = {"gpt-4o": "gpt-4o-2024-08-06", "gpt-4o-mini": "gpt-4o-mini-2024-07-18"}


def answer(path: str, body: dict[str, Any]) -> Answer | None:
    """None for a path that is not one of these."""
    if path.endswith("/chat/completions"):
        return _chat(body)
    if path.endswith("/responses"):
        return _responses(body)
    if path.endswith("/embeddings"):
        return _embeddings(body)
    return None


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part.get("text") or "" for part in content or () if isinstance(part, dict)]


def _error(turn: Turn) -> dict[str, Any]:
    return {"error": {"message": turn.answer, "type": "invalid_request_error", "param": None, "code": "bad_key"}}


def _chat(body: dict[str, Any]) -> Answer:
    messages = body["messages"]
    users = [text for each in messages if each["role"] == "user" for text in _texts(each.get("content"))]
    turn = turn_of(users, has_tool_result=any(each["role"] == "tool" for each in messages))
    model = _MODELS.get(body["model"], body["model"])
    streams = bool(body.get("stream"))
    response_id = f"chatcmpl-corpus{turn.response_number:04d}"
    finish = "tool_calls" if turn.calls_tool else "stop"
    record = served("openai.chat", turn, body["model"], model, response_id=response_id, finish=finish, stream=streams)
    record["cache_write_tokens"] = 0  # OpenAI does not say
    if turn.status != 200:
        return Answer(turn.status, _error(turn), record)
    common = {"id": response_id, "created": _CREATED, "model": model, "system_fingerprint": "fp_corpus"}
    common["service_tier"] = "default"
    calls = [_tool_call()] if turn.calls_tool else None
    if streams:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "" if not calls else None}]
        deltas += [{"content": part} for part in chunks(turn.answer)]
        deltas += [{"tool_calls": [{"index": 0, **call}]} for call in calls or ()]
        events: list[dict[str, Any]] = [_chunk(common, delta, None) for delta in deltas]
        events.append(_chunk(common, {}, finish))
        if (body.get("stream_options") or {}).get("include_usage"):
            usage = {**common, "object": "chat.completion.chunk", "choices": [], "usage": _chat_usage(turn)}
            events.append(usage)
        else:
            record["usage_sent"] = False
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        return Answer(200, "".join([*lines, "data: [DONE]\n\n"]), record)
    message: dict[str, Any] = {"role": "assistant", "content": turn.answer or None, "refusal": None, "annotations": []}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    whole = {**common, "object": "chat.completion", "choices": [choice], "usage": _chat_usage(turn)}
    return Answer(200, whole, record)


def _chunk(common: dict[str, Any], delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**common, "object": "chat.completion.chunk", "choices": [choice], "usage": None}


def _tool_call() -> dict[str, Any]:
    arguments = json.dumps(TOOL_ARGUMENTS)
    return {"id": "call_corpus0001", "type": "function", "function": {"name": TOOL_NAME, "arguments": arguments}}


def _chat_usage(turn: Turn) -> dict[str, Any]:
    return {
        "prompt_tokens": turn.input_tokens,
        "completion_tokens": turn.output_tokens,
        "total_tokens": turn.input_tokens + turn.output_tokens,
        "prompt_tokens_details": {"cached_tokens": turn.cache_read_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": turn.reasoning_tokens, "audio_tokens": 0},
    }


def _responses(body: dict[str, Any]) -> Answer:
    items = body["input"]
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    users = [text for item in items if item.get("role") == "user" for text in _texts(item.get("content"))]
    turn = turn_of(users, has_tool_result=any(item.get("type") == "function_call_output" for item in items))
    model = _MODELS.get(body["model"], body["model"])
    streams = bool(body.get("stream"))
    response_id = f"resp_corpus{turn.response_number:04d}"
    finish = "tool_calls" if turn.calls_tool else "stop"
    record = served(
        "openai.responses", turn, body["model"], model, response_id=response_id, finish=finish, stream=streams
    )
    record["cache_write_tokens"] = 0  # OpenAI does not say
    if turn.status != 200:
        return Answer(turn.status, _error(turn), record)
    output = _output(turn)
    whole = {
        "id": response_id,
        "object": "response",
        "created_at": _CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": None,
        "metadata": body.get("metadata") or {},
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": body.get("tools") or [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": turn.input_tokens,
            "input_tokens_details": {"cached_tokens": turn.cache_read_tokens},
            "output_tokens": turn.output_tokens,
            "output_tokens_details": {"reasoning_tokens": turn.reasoning_tokens},
            "total_tokens": turn.input_tokens + turn.output_tokens,
        },
    }
    if not streams:
        return Answer(200, whole, record)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    for index, item in enumerate(output):
        events += _item_events(index, item)
    events.append({"type": "response.completed", "response": whole})
    lines = [
        f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
        for number, event in enumerate(events)
    ]
    return Answer(200, "".join(lines), record)


def _output(turn: Turn) -> list[dict[str, Any]]:
    if turn.calls_tool:
        arguments = json.dumps(TOOL_ARGUMENTS)
        call = {"id": "fc_corpus0001", "type": "function_call", "status": "completed", "call_id": "call_corpus0001"}
        return [{**call, "name": TOOL_NAME, "arguments": arguments}]
    text = {"type": "output_text", "text": turn.answer, "annotations": [], "logprobs": []}
    message = {"id": f"msg_corpus{turn.response_number:04d}", "type": "message", "status": "completed"}
    return [{**message, "role": "assistant", "content": [text]}]


def _item_events(index: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    at = {"output_index": index, "item_id": item["id"]}
    if item["type"] == "function_call":
        empty = {**item, "status": "in_progress", "arguments": ""}
        return [
            {"type": "response.output_item.added", "output_index": index, "item": empty},
            {"type": "response.function_call_arguments.delta", **at, "delta": item["arguments"]},
            {"type": "response.function_call_arguments.done", **at, "arguments": item["arguments"]},
            {"type": "response.output_item.done", "output_index": index, "item": item},
        ]
    text = item["content"][0]
    at["content_index"] = 0
    empty = {**item, "status": "in_progress", "content": []}
    return [
        {"type": "response.output_item.added", "output_index": index, "item": empty},
        {"type": "response.content_part.added", **at, "part": {**text, "text": ""}},
        *({"type": "response.output_text.delta", **at, "delta": part, "logprobs": []} for part in chunks(text["text"])),
        {"type": "response.output_text.done", **at, "text": text["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": text},
        {"type": "response.output_item.done", "output_index": index, "item": item},
    ]


def _embeddings(body: dict[str, Any]) -> Answer:
    inputs = body["input"]
    count = len(inputs) if isinstance(inputs, list) and not isinstance(inputs[0], int) else 1
    record = served("openai.embeddings", None, body["model"], body["model"], stream=False)
    if body.get("encoding_format") == "base64":
        vector: Any = "AACAPgAAAD8AAEA/"  # 0.25, 0.5, 0.75 as little-endian floats
    else:
        vector = [0.25, 0.5, 0.75]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)]
    usage = {"prompt_tokens": EMBEDDING_TOKENS, "total_tokens": EMBEDDING_TOKENS}
    return Answer(200, {"object": "list", "data": data, "model": body["model"], "usage": usage}, record)
