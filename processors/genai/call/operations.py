"""What a span does, in the words of the semantic conventions (`gen_ai.operation.name`)."""

from __future__ import annotations

from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.call.values import json_of

ONE_CALL: Final = frozenset(
    {
        "chat",
        "text_completion",
        "generate_content",
        "embeddings",
        "rerank",
        "image_generation",
        "speech",
        "transcription",
    }
)
"""Operations that are exactly one request to a model. Agents, chains and workflows sum up others' usage, and
`fetch_response` repeats that of an earlier call."""

EVALUATOR: Final = "evaluate"
"""Whatever judges an answer. Its failure is none of the application's."""

_WORDS: Final = {
    # Several instrumentations
    "llm": "chat",
    "chat_model": "chat",
    "completion": "text_completion",
    "embedding": "embeddings",
    "embed": "embeddings",
    "reranker": "rerank",
    "agent": "invoke_agent",
    "tool": "execute_tool",
    "function": "execute_tool",
    "retriever": "retrieval",
    "workflow": "invoke_workflow",
    "chain": "invoke_workflow",
    "evaluator": EVALUATOR,
    "evaluation": EVALUATOR,
    "generation": "chat",
    "chat.completions": "chat",  # Semantic Kernel's first words
    "text.completions": "text_completion",
    "model_generation": "chat",
    # OpenAI's own names for its endpoints
    "response": "chat",
    "responses": "chat",
    "messages": "chat",
    "image": "image_generation",
    "tts": "speech",
    "stt": "transcription",
    # LiteLLM's call types
    "acompletion": "chat",
    "atext_completion": "text_completion",
    "aembedding": "embeddings",
    "arerank": "rerank",
    "aresponses": "chat",
    "anthropic_messages": "chat",
    "generate_content_stream": "generate_content",
    "agenerate_content": "generate_content",
    "agenerate_content_stream": "generate_content",
    "aimage_generation": "image_generation",
    "atranscription": "transcription",
    "aspeech": "speech",
    # Coding agents
    "llm_request": "chat",
    "llm_call": "generate_content",
    "interaction": "invoke_agent",
    "agent_call": "invoke_agent",
    "tool_call": "execute_tool",
    "tool.execution": "execute_tool",
    # Genkit
    "model": "chat",
    "embedder": "embeddings",
    "flow": "invoke_workflow",
    # Vercel AI SDK: the call within a step, and the steps of one answer around it
    "ai.generatetext.dogenerate": "chat",
    "ai.streamtext.dostream": "chat",
    "ai.generateobject.dogenerate": "chat",
    "ai.streamobject.dostream": "chat",
    "ai.embed.doembed": "embeddings",
    "ai.embedmany.doembed": "embeddings",
    "ai.rerank.dorerank": "rerank",
    "ai.generatetext": "invoke_agent",
    "ai.streamtext": "invoke_agent",
    "ai.generateobject": "invoke_agent",
    "ai.streamobject": "invoke_agent",
    "ai.embed": "invoke_workflow",
    "ai.embedmany": "invoke_workflow",
    "ai.rerank": "invoke_workflow",
    "ai.toolcall": "execute_tool",
}
_BRAINTRUST: Final = "braintrust.span_attributes.type"
_OF_KEY: Final = {
    ("litellm.call_type", "completion"): "chat",
    # Pipecat's speech to speech: a request is what goes in, and its usage comes with the response.
    ("gen_ai.operation.name", "llm_request"): "llm_request",
    ("gen_ai.operation.name", "llm_response"): "chat",
    (_BRAINTRUST, "function"): "function",  # any that is traced
    (_BRAINTRUST, "function_call"): "execute_tool",
    (_BRAINTRUST, "score"): EVALUATOR,
}
"""Words that mean something else elsewhere."""
_NO_CALLS: Final = frozenset({"task", "step"})
_NO_WORDS: Final = frozenset({"", "unknown", "undefined", "default", "none"})


def operation_of(key: str, word: str) -> str | None:
    """The operation that `word` under `key` stands for; None if it says nothing."""
    word = word.strip().lower()
    if key == "operation.name":  # Vercel: `ai.generateText.doGenerate <function id>`
        word = word.partition(" ")[0]
    elif key == "span.type":
        word = word.removeprefix("claude_code.")
    if word in _NO_WORDS:
        return None
    if key == "gen_ai.operation.name" and word in ONE_CALL:
        return word
    if key == "haystack.component.type":
        return _of_haystack(word)
    if key == "genkit:type" and word not in _WORDS:
        return None  # `action`: its kind stands under `genkit:metadata:subtype`
    if key == "gen_ai.span.kind" and word not in _WORDS:
        return word if word in _NO_CALLS else None
    return _OF_KEY.get((key, word)) or _WORDS.get(word, word)


def operation_of_type(value: AnyValue) -> str | None:
    """Of Braintrust's `{"type": "llm"}`."""
    tree = json_of(value)
    word = tree.get("type") if isinstance(tree, dict) else None
    return operation_of(_BRAINTRUST, word) if isinstance(word, str) else None


def _of_haystack(component: str) -> str | None:
    """Haystack names the class of a component, such as `OpenAIChatGenerator`."""
    if component.endswith("generator"):
        return "chat"
    return "embeddings" if component.endswith("embedder") else None
