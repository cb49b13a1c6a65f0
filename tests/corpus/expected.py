"""What is known not to be in a recording, by hand: where an instrumentation does not record what the endpoint served.

Everything else about a call is expected as it was served (the recording's header says how).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

Fields = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Gaps:
    unrecorded: frozenset[str] = frozenset()
    """Calls without a span of their own: by the name of the turn, or `embeddings`."""
    fields: Fields = field(default_factory=dict)
    """What a span does not say, by the name of the turn, or `*`: fields of a served call. Where it says `response_model`
    at most in a dump of the answer, the model asked for is right too; `model` stands for both."""
    no_prompt: frozenset[str] = frozenset()
    """Turns whose prompt is not on the span, or not as it was sent, by name, or `*`. Their hashes are not compared."""
    unlike: Fields = field(default_factory=dict)
    """Parts of a conversation (`prompt`, `system`, `completion`, `template`) that are not there as they were sent and
    answered, by the name of the turn, or `*`. Their hashes are not compared either."""
    retries_in_one_span: bool = False


def _says_not(**fields: str) -> Fields:
    """`turn="field field"`; `each` stands for all turns."""
    return {"*" if turn == "each" else turn: frozenset(names.split()) for turn, names in fields.items()}


_ALL: Final = frozenset("*")
_FAILING: Final = frozenset({"failing"})
_NO_DETAILS: Final = _says_not(each="cache_read_tokens reasoning_tokens stream")
"""Neither parts of the usage nor whether the answer was streamed."""
_NO_STREAM: Final = _says_not(each="stream")
_ADK: Final = _says_not(each="system template", stream="completion")
"""It adds the agent's name to the system prompt, and keeps the pieces of a streamed answer, which are scrubbed as such."""

EXPECTED: Final[dict[str, Gaps]] = {
    # Messages are log records, and the stream's finish reason is there alone.
    "openai_v2_legacy": Gaps(
        fields=_says_not(each="cache_read_tokens reasoning_tokens stream", stream="finish_reason")
    ),
    "openai_v2_latest": Gaps(fields=_NO_DETAILS),
    "botocore_bedrock": Gaps(fields=_NO_STREAM),
    "openinference_google_genai": Gaps(fields=_NO_STREAM),
    "openinference_langchain": Gaps(fields=_NO_STREAM),
    "openinference_llama_index": Gaps(fields=_says_not(each="response_model", embeddings="input_tokens")),
    "openinference_bedrock": Gaps(fields=_NO_STREAM),
    "traceloop_openai": Gaps(fields=_says_not(each="reasoning_tokens")),
    "traceloop_openai_indexed": Gaps(fields=_says_not(stream="input_tokens output_tokens reasoning_tokens")),
    # The stream's output is counted with the one token that the first event announces: 211.
    "traceloop_anthropic": Gaps(fields=_says_not(stream="output_tokens")),
    "traceloop_anthropic_indexed": Gaps(
        unrecorded=_FAILING, fields=_says_not(stream="response_model input_tokens output_tokens")
    ),
    "traceloop_langchain": Gaps(fields=_says_not(stream="response_model reasoning_tokens stream")),
    # The region is cut off the model's name; a failed call has no prompt.
    "traceloop_bedrock": Gaps(fields=_says_not(each="model stream"), no_prompt=_FAILING),
    # Tool calls in what was sent are left out.
    "openlit_openai": Gaps(
        fields=_says_not(each="reasoning_tokens"), no_prompt=_FAILING, unlike=_says_not(tool_answer="prompt")
    ),
    "openlit_anthropic": Gaps(unrecorded=_FAILING),
    "langfuse_v4_langchain": Gaps(fields=_says_not(each="finish_reason stream", stream="response_model")),
    "langfuse_v5_langchain": Gaps(fields=_says_not(each="finish_reason stream", stream="response_model")),
    "pydantic_ai_v1": Gaps(fields=_NO_STREAM, no_prompt=_FAILING),
    "pydantic_ai_v2": Gaps(fields=_NO_STREAM, no_prompt=_FAILING),
    "pydantic_ai_v3": Gaps(fields=_NO_STREAM, no_prompt=_FAILING),
    "pydantic_ai_v5": Gaps(fields=_NO_STREAM, no_prompt=_FAILING),
    "logfire_openai": Gaps(fields=_says_not(stream="response_model")),
    "logfire_anthropic": Gaps(fields=_says_not(stream="response_model")),
    "langsmith_langchain": Gaps(fields=_NO_STREAM),
    "mlflow_langchain": Gaps(
        fields=_says_not(
            **dict.fromkeys(("plain", "tool_request", "tool_answer"), "finish_reason response_model"),
            failing="response_model",
        )
    ),
    "langfuse_v3_openai": Gaps(
        fields=_says_not(
            each="stream", plain="finish_reason", tool_request="finish_reason", tool_answer="finish_reason"
        )
    ),
    "langfuse_v5_openai": Gaps(
        fields=_says_not(
            each="stream", plain="finish_reason", tool_request="finish_reason", tool_answer="finish_reason"
        )
    ),
    "litellm": Gaps(fields=_says_not(stream="response_model")),
    "openinference_litellm": Gaps(
        fields=_says_not(
            plain="response_model", stream="response_model", tool_answer="response_model", failing="response_model"
        )
    ),
    "openinference_agno": Gaps(fields=_says_not(each="response_model finish_reason reasoning_tokens stream")),
    # The agent writes its own prompts around the scenario's.
    "openinference_smolagents": Gaps(
        fields=_says_not(stream="response_model finish_reason reasoning_tokens stream", failing="model response_model"),
        no_prompt=frozenset({"tool_request", "tool_answer"}),
    ),
    "openinference_dspy": Gaps(
        unrecorded=frozenset({"embeddings"}),
        fields=_says_not(each="response_model input_tokens output_tokens cache_read_tokens finish_reason"),
        no_prompt=frozenset({"retrieval"}),
    ),
    # Nothing but the texts of messages.
    "openinference_haystack": Gaps(
        fields=_says_not(each="stream", failing="model"), unlike=_says_not(tool_answer="prompt")
    ),
    # Crews, agents and tools only.
    "openinference_crewai": Gaps(unrecorded=frozenset({"plain", "tool_request", "tool_answer", "failing"})),
    "openinference_openai_agents": Gaps(
        fields=_says_not(each="stream", tool_request="finish_reason", failing="model"), no_prompt=_FAILING
    ),
    "traceloop_openai_agents": Gaps(fields=_says_not(each="stream", failing="model"), no_prompt=_FAILING),
    "haystack": Gaps(fields=_says_not(each="stream", failing="model")),
    "strands": Gaps(fields=_says_not(each="response_model reasoning_tokens", failing="stream")),
    "strands_latest": Gaps(fields=_says_not(each="response_model reasoning_tokens", failing="stream")),
    "google_adk": Gaps(fields=_NO_STREAM, unlike=_ADK),
    "google_adk_latest": Gaps(fields=_NO_STREAM, unlike=_ADK),
    "agent_framework": Gaps(fields=_NO_STREAM),
    "semantic_kernel": Gaps(fields=_says_not(each="response_model cache_read_tokens reasoning_tokens stream")),
    "agentops_openai": Gaps(
        fields=_says_not(each="cache_read_tokens reasoning_tokens"), unlike=_says_not(tool_request="completion")
    ),
    "vercel_ai_v5": Gaps(fields=_says_not(each="cache_read_tokens")),
    "vercel_ai_v7": Gaps(fields=_says_not(each="reasoning_tokens stream")),
    # An agent's system prompt is on the agent's span.
    "openinference_langchain_js": Gaps(
        fields=_NO_STREAM, unlike=_says_not(tool_request="system template", tool_answer="system template")
    ),
    # One span for the agent's two requests.
    "mastra": Gaps(fields=_NO_STREAM, unlike=_says_not(tool_request="completion", tool_answer="prompt")),
    # Its own instructions and context stand around the question; of a span's attempts only the last is described.
    "claude_code": Gaps(fields=_says_not(failing="stream"), no_prompt=_ALL, retries_in_one_span=True),
    # Log records only.
    "codex": Gaps(unrecorded=frozenset({"plain", "failing"})),
    "gemini_cli": Gaps(fields=_says_not(each="cache_read_tokens finish_reason stream"), no_prompt=_ALL),
}
