"""A model that answers as `scripts.py` says, in the formats of OpenAI's chat completions and responses and of Gemini."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any, Final

from tests.corpus.agents.scripts import MARKER, SCENARIOS, Ask, Call, Handoff
from tests.corpus.endpoints import served
from tests.corpus.endpoints.server import Providers

_CREATED: Final = 1_768_471_200
_USAGE: Final = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


class Scripted(Providers):
    """Speaks as the models of the scenarios that requests name."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._number = 0
        self._counting = threading.Lock()

    def answer(self, path: str, body: dict[str, Any]) -> served.Answer:
        gemini = path.endswith(":generateContent")
        found = MARKER.search(json.dumps(body, ensure_ascii=False))
        if found is None or not (gemini or path.endswith(("/chat/completions", "/responses"))):
            self.unknown_paths.append(path)
            return served.Answer(404, {"error": {"message": "no such path"}}, None)
        scenario, agent = found.groups()
        names = _tool_names(body)
        if "handoff_to_agent" in names and (body["messages"][-1]["role"] == "tool"):
            # A swarm lets an agent end its turn before the other one begins.
            self._number += 1
            return served.Answer(200, _chat(body, "Over to you.", [], self._number), None)
        with self._counting:
            asked = self._asked[scenario, agent]
            self._asked[scenario, agent] += 1
            self._number += 1
            number = self._number
        self.served.append({"scenario": scenario, "agent": agent, "asked": asked})
        answer = SCENARIOS[scenario][agent](asked)
        calls = [_as_call(each, names) for each in answer] if isinstance(answer, list) else []
        text = answer if isinstance(answer, str) else ""
        if gemini:
            return served.Answer(200, _gemini(text, calls, number), None)
        if path.endswith("/responses"):
            return served.Answer(200, _response(body, text, calls, number), None)
        return served.Answer(200, _chat(body, text, calls, number), None)


def _tool_names(body: dict[str, Any]) -> list[str]:
    names: list[str] = []
    for tool in body.get("tools") or ():
        declared = tool.get("functionDeclarations") or (tool.get("function", tool),)
        names += [each.get("name", "") for each in declared]
    return names


def _as_call(step: Call | Handoff | Ask, names: list[str]) -> Call:
    match step:
        case Handoff(to):
            if "transfer_to_agent" in names:
                return Call("transfer_to_agent", {"agent_name": to})
            if "handoff_to_agent" in names:
                return Call("handoff_to_agent", {"agent_name": to, "message": "Your turn."})
            return Call(f"transfer_to_{to}", {})
        case Ask(agent, question):
            delegates = next((name for name in names if name.startswith("delegate_work")), None)
            if delegates is not None:
                return Call(delegates, {"task": question, "context": "None.", "coworker": agent})
            key = "request" if agent in names else "input"
            return Call(agent if agent in names else f"ask_{agent}", {key: question})
    return step


def _function(call: Call, number: int, index: int) -> dict[str, Any]:
    function = {"name": call.tool, "arguments": json.dumps(call.arguments)}
    return {"id": f"call_{number:04d}_{index}", "type": "function", "function": function}


def _chat(body: dict[str, Any], text: str, calls: list[Call], number: int) -> dict[str, Any] | str:
    functions = [_function(call, number, index) for index, call in enumerate(calls)]
    finish = "tool_calls" if calls else "stop"
    common = {"id": f"chatcmpl-{number:04d}", "created": _CREATED, "model": body["model"]}
    if not body.get("stream"):
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if functions:
            message["tool_calls"] = functions
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return {**common, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    deltas: list[tuple[dict[str, Any], str | None]] = [({"role": "assistant", "content": text or None}, None)]
    deltas += [({"tool_calls": [{"index": index, **each}]}, None) for index, each in enumerate(functions)]
    deltas.append(({}, finish))
    events: list[dict[str, Any]] = [
        {
            **common,
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            "usage": None,
        }
        for delta, finish in deltas
    ]
    events.append({**common, "object": "chat.completion.chunk", "choices": [], "usage": _USAGE})
    return "".join([*(f"data: {json.dumps(event)}\n\n" for event in events), "data: [DONE]\n\n"])


def _response(body: dict[str, Any], text: str, calls: list[Call], number: int) -> dict[str, Any]:
    output: list[dict[str, Any]] = [
        {
            "id": f"fc_{number:04d}_{index}",
            "type": "function_call",
            "status": "completed",
            "call_id": f"call_{number:04d}_{index}",
            "name": call.tool,
            "arguments": json.dumps(call.arguments),
        }
        for index, call in enumerate(calls)
    ]
    if text:
        part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        message = {"id": f"msg_{number:04d}", "type": "message", "status": "completed", "role": "assistant"}
        output.append({**message, "content": [part]})
    return {
        "id": f"resp_{number:04d}",
        "object": "response",
        "created_at": _CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": body["model"],
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 10,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 110,
        },
    }


def _gemini(text: str, calls: list[Call], number: int) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"functionCall": {"name": call.tool, "args": call.arguments}} for call in calls]
    if text:
        parts.append({"text": text})
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110}
    candidate = {"content": {"parts": parts, "role": "model"}, "index": 0, "finishReason": "STOP"}
    return {
        "candidates": [candidate],
        "modelVersion": "gemini-2.5-flash",
        "responseId": f"gemini-{number:04d}",
        "usageMetadata": usage,
    }
