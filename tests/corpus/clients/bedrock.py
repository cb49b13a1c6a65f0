"""Amazon's SDK: Bedrock's Converse and ConverseStream."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined"

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused

_SPEC = {
    "name": talk.TOOL_NAME,
    "description": talk.TOOL_DESCRIPTION,
    "inputSchema": {"json": talk.TOOL_PARAMETERS},
}


def run() -> None:
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=provider(),
        region_name="eu-central-1",
        aws_access_key_id="corpus",
        aws_secret_access_key="corpus",
        config=Config(retries={"max_attempts": 1}),
    )

    def body(turn: talk.Turn, **more: Any) -> dict[str, Any]:
        first = {"role": "user", "content": [{"text": turn.user}]}
        model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
        return {"modelId": model, "system": [{"text": talk.SYSTEM}], "messages": [first], **more}

    client.converse(**body(talk.PLAIN))
    for _ in client.converse_stream(**body(talk.STREAM))["stream"]:
        pass
    tools = {"tools": [{"toolSpec": _SPEC}]}
    answer = client.converse(**body(talk.TOOL_REQUEST, toolConfig=tools))["output"]["message"]
    used = answer["content"][0]["toolUse"]["toolUseId"]
    result = {"toolResult": {"toolUseId": used, "content": [{"text": talk.TOOL_RESULT_JSON}]}}
    history = [*body(talk.TOOL_REQUEST)["messages"], answer, {"role": "user", "content": [result]}]
    client.converse(**body(talk.TOOL_REQUEST, messages=history, toolConfig=tools))
    with refused():
        client.converse(**body(talk.FAILING))
