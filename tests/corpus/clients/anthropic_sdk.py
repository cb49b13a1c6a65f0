"""Anthropic's SDK: messages."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined"

from __future__ import annotations

from typing import Any

import anthropic

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused

_TOOL = {"name": talk.TOOL_NAME, "description": talk.TOOL_DESCRIPTION, "input_schema": talk.TOOL_PARAMETERS}


def run() -> None:
    client = anthropic.Anthropic(base_url=provider(), api_key="corpus", max_retries=0)

    def ask(turn: talk.Turn, **more: Any) -> Any:
        first = {"role": "user", "content": turn.user}
        whole = {"model": "claude-sonnet-4-5", "max_tokens": 512, "system": talk.SYSTEM, "messages": [first], **more}
        return client.messages.create(**whole)

    ask(talk.PLAIN, metadata={"user_id": "user-4711"})
    for _ in ask(talk.STREAM, stream=True):
        pass
    first = ask(talk.TOOL_REQUEST, tools=[_TOOL])
    call = first.content[0]
    used = {"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": talk.TOOL_RESULT_JSON}
    messages = [
        {"role": "user", "content": talk.TOOL_REQUEST.user},
        {"role": "assistant", "content": [used]},
        {"role": "user", "content": [result]},
    ]
    ask(talk.TOOL_REQUEST, tools=[_TOOL], messages=messages)
    with refused():
        ask(talk.FAILING)
