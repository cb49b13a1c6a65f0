"""OpenAI's SDK: chat completions, embeddings; responses where CORPUS_RESPONSES is set."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined"

from __future__ import annotations

import json
import os
from typing import Any

import openai

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused

_SYSTEM = {"role": "system", "content": talk.SYSTEM}
_TOOL = {"name": talk.TOOL_NAME, "description": talk.TOOL_DESCRIPTION, "parameters": talk.TOOL_PARAMETERS}


def make() -> Any:
    return openai.OpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0)


def run(client: Any = None) -> None:
    client = client or make()
    if os.environ.get("CORPUS_RESPONSES"):
        _responses(client)
        return
    client.chat.completions.create(model="gpt-4o", messages=[_SYSTEM, _user(talk.PLAIN)], temperature=0.2)
    stream = client.chat.completions.create(
        model="gpt-4o", messages=[_SYSTEM, _user(talk.STREAM)], stream=True, stream_options={"include_usage": True}
    )
    for _ in stream:
        pass
    messages: list[Any] = [_SYSTEM, _user(talk.TOOL_REQUEST)]
    tools = [{"type": "function", "function": _TOOL}]
    answer = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
    call = answer.choices[0].message.tool_calls[0]
    messages.append(
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": call.id, "type": "function", "function": _function(call)}],
        }
    )
    messages.append({"role": "tool", "tool_call_id": call.id, "content": talk.TOOL_RESULT_JSON})
    client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
    with refused():
        client.chat.completions.create(model="gpt-4o", messages=[_SYSTEM, _user(talk.FAILING)])
    client.embeddings.create(model="text-embedding-3-small", input=talk.EMBEDDED)


def _user(turn: talk.Turn) -> dict[str, str]:
    return {"role": "user", "content": turn.user}


def _function(call: Any) -> dict[str, str]:
    return {"name": call.function.name, "arguments": call.function.arguments}


def _responses(client: Any) -> None:
    def ask(turn: talk.Turn, **more: Any) -> Any:
        return client.responses.create(
            **{"model": "gpt-4o", "instructions": talk.SYSTEM, "input": [_user(turn)], **more}
        )

    ask(talk.PLAIN)
    for _ in ask(talk.STREAM, stream=True):
        pass
    tools = [{"type": "function", "strict": False, **_TOOL}]
    call = ask(talk.TOOL_REQUEST, tools=tools).output[0]
    request = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": talk.TOOL_RESULT_JSON}
    assert json.loads(call.arguments) == talk.TOOL_ARGUMENTS
    ask(talk.TOOL_REQUEST, tools=tools, input=[_user(talk.TOOL_REQUEST), request, result])
    with refused():
        ask(talk.FAILING)
