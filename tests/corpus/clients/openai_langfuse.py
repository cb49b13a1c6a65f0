"""OpenAI's SDK as Langfuse wraps it."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined"

from __future__ import annotations

from langfuse.openai import OpenAI

from tests.corpus.clients import openai_sdk
from tests.corpus.clients.setups import provider


def run() -> None:
    openai_sdk.run(OpenAI(base_url=f"{provider()}/v1", api_key="corpus", max_retries=0))
