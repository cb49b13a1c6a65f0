"""LiteLLM: completions and embeddings, of OpenAI's and Anthropic's models."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

import json
from typing import Any

import litellm

from tests.corpus import conversation as talk
from tests.corpus import planted
from tests.corpus.clients.setups import provider, refused

_TOOL = {"name": talk.TOOL_NAME, "description": talk.TOOL_DESCRIPTION, "parameters": talk.TOOL_PARAMETERS}


def run() -> None:
    at: dict[str, Any] = {"api_base": f"{provider()}/v1", "api_key": "corpus", "num_retries": 0}

    def ask(turn: talk.Turn, **more: Any) -> Any:
        messages = [{"role": "system", "content": talk.SYSTEM}, {"role": "user", "content": turn.user}]
        about = {"session_id": talk.SESSION_ID, "manager": planted.METADATA_EMAIL}
        whole = {"model": "openai/gpt-4o", "messages": messages, "user": planted.USER_ID, "metadata": about, **at}
        return litellm.completion(**{**whole, **more})

    ask(talk.PLAIN)
    for _ in ask(talk.STREAM, stream=True, stream_options={"include_usage": True}):
        pass
    tools = [{"type": "function", "function": _TOOL}]
    answer = ask(talk.TOOL_REQUEST, tools=tools).choices[0].message
    messages = [
        {"role": "system", "content": talk.SYSTEM},
        {"role": "user", "content": talk.TOOL_REQUEST.user},
        json.loads(answer.model_dump_json(exclude_none=True)),
        {"role": "tool", "tool_call_id": answer.tool_calls[0].id, "content": talk.TOOL_RESULT_JSON},
    ]
    ask(talk.TOOL_REQUEST, tools=tools, messages=messages)
    with refused():
        ask(talk.FAILING)
    litellm.embedding(model="openai/text-embedding-3-small", input=[talk.EMBEDDED], **at)
