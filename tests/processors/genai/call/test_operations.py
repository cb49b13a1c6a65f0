from __future__ import annotations

import pytest

from processors.genai.call.operations import ONE_CALL, operation_of, operation_of_type
from tests.processors.genai.spans import any_value

WORDS: dict[tuple[str, str], str | None] = {
    ("gen_ai.operation.name", "chat"): "chat",
    ("gen_ai.operation.name", " CHAT "): "chat",
    ("gen_ai.operation.name", "invoke_agent"): "invoke_agent",
    ("gen_ai.operation.name", "framework"): "framework",
    ("openinference.span.kind", "LLM"): "chat",
    ("openinference.span.kind", "EMBEDDING"): "embeddings",
    ("openinference.span.kind", "RERANKER"): "rerank",
    ("openinference.span.kind", "CHAIN"): "invoke_workflow",
    ("openinference.span.kind", "TOOL"): "execute_tool",
    ("openinference.span.kind", "UNKNOWN"): None,
    ("llm.request.type", "completion"): "text_completion",
    ("litellm.call_type", "completion"): "chat",
    ("litellm.call_type", "aembedding"): "embeddings",
    ("mlflow.spanType", "CHAT_MODEL"): "chat",
    ("langfuse.observation.type", "generation"): "chat",
    ("langfuse.observation.type", "span"): "span",
    ("operation.name", "ai.streamText.doStream answer"): "chat",
    ("ai.operationId", "ai.generateText"): "invoke_agent",
    ("ai.operationId", "ai.embed.doEmbed"): "embeddings",
    ("haystack.component.type", "OpenAIChatGenerator"): "chat",
    ("haystack.component.type", "OpenAITextEmbedder"): "embeddings",
    ("haystack.component.type", "PromptBuilder"): None,
    ("genkit:type", "action"): None,
    ("genkit:metadata:subtype", "model"): "chat",
    ("span.type", "llm_request"): "chat",
    ("span.type", "claude_code.tool.execution"): "execute_tool",
    ("gen_ai.operation.name", "llm_request"): "llm_request",
    ("gen_ai.operation.name", "llm_response"): "chat",
    ("gen_ai.operation.name", "stt"): "transcription",
    ("gen_ai.span.kind", "GENERATION"): "chat",
    ("gen_ai.span.kind", "STEP"): "step",
    ("gen_ai.span.kind", "CLIENT"): None,
    ("lmnr.span.type", "DEFAULT"): None,
    ("braintrust.span_attributes.type", "function"): "function",
    ("braintrust.span_attributes.type", "function_call"): "execute_tool",
    ("braintrust.span_attributes.type", "score"): "evaluate",
}


@pytest.mark.parametrize(("key", "word"), WORDS)
def test_one_word_for_one_thing(key: str, word: str) -> None:
    """Every dialect's word becomes that of the semantic conventions; what is unknown stays."""
    assert operation_of(key, word) == WORDS[key, word]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"type": "llm", "name": "tool"}', "chat"),
        ('{"type": 1}', None),
        ("{}", None),
        ("llm", None),
        ('["llm"]', None),
    ],
)
def test_the_type_in_an_object(value: str, expected: str | None) -> None:
    """Braintrust's."""
    assert operation_of_type(any_value(value)) == expected


def test_what_sums_up_is_no_call() -> None:
    """Only requests to a model are."""
    assert not {"invoke_agent", "invoke_workflow", "execute_tool", "fetch_response", "span"} & ONE_CALL
