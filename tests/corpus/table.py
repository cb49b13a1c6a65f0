"""What is recorded: one row for each version of a dialect, with the packages that speak it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

PYTHON: Final = "3.11"
PACKAGES_UNTIL: Final = "2026-11-20"
"""Packages that are not pinned below are taken as they were on this day."""

_LATEST: Final = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}


@dataclass(frozen=True)
class Row:
    name: str
    client: str
    """Who makes the calls: a module in `clients/`."""
    setup: str
    """How they are instrumented: a function in `clients/setups.py`, or `module:Class` of an OpenTelemetry instrumentor."""
    requirements: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    is_node: bool = False

    @property
    def pinned(self) -> dict[str, str]:
        """Version by package, for the packages that the row names."""
        pairs = (re.sub(r"\[.*?\]", "", each).rpartition("@" if self.is_node else "==") for each in self.requirements)
        return {name.rstrip("="): version for name, _, version in pairs}


_OPENAI: Final = "openai==2.54.0"
_ANTHROPIC: Final = "anthropic==0.125.0"
_GOOGLE: Final = "google-genai==1.75.0"
_CONTENT: Final = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"}
_SPAN_AND_EVENT: Final = {
    "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_AND_EVENT",
    "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT": "true",
}
_LOCAL_COSTS: Final = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
_OTEL_JS: Final = (
    "@opentelemetry/api@1.9.1",
    "@opentelemetry/exporter-trace-otlp-proto@0.223.0",
    "@opentelemetry/resources@2.12.0",
    "@opentelemetry/sdk-trace-node@2.12.0",
)
_LANGCHAIN: Final = ("langchain==1.4.7", "langchain-core==1.7.2", "langchain-openai==1.7.3")
_LLAMA_INDEX: Final = (
    "llama-index-core==0.14.25",
    "llama-index-llms-openai==0.8.3",
    "llama-index-embeddings-openai==0.7.0",
)

ROWS: Final[tuple[Row, ...]] = (
    Row("openai_v2_legacy", "openai_sdk", "opentelemetry.instrumentation.openai_v2:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-openai-v2==2.4b0", "opentelemetry-util-genai==0.4b0", _OPENAI), _CONTENT),
    Row("openai_v2_latest", "openai_sdk", "opentelemetry.instrumentation.openai_v2:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-openai-v2==2.4b0", "opentelemetry-util-genai==0.4b0", _OPENAI), _SPAN_AND_EVENT),
    Row("genai_openai", "openai_sdk", "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-genai-openai==1.3b0", _OPENAI), _SPAN_AND_EVENT),
    Row("genai_openai_responses", "openai_sdk", "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-genai-openai==1.3b0", _OPENAI), {**_SPAN_AND_EVENT, "CORPUS_RESPONSES": "1"}),
    Row("genai_anthropic", "anthropic_sdk", "opentelemetry.instrumentation.genai.anthropic:AnthropicInstrumentor",
        ("opentelemetry-instrumentation-genai-anthropic==1.3b0", _ANTHROPIC), _SPAN_AND_EVENT),
    Row("genai_langchain", "langchain_chat", "opentelemetry.instrumentation.genai.langchain:LangChainInstrumentor",
        ("opentelemetry-instrumentation-genai-langchain==1.3b0", *_LANGCHAIN), _SPAN_AND_EVENT),
    Row("google_genai_legacy", "google_genai_sdk", "opentelemetry.instrumentation.google_genai:GoogleGenAiSdkInstrumentor",
        ("opentelemetry-instrumentation-google-genai==1.3b0", _GOOGLE),
        {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY"}),
    Row("google_genai_latest", "google_genai_sdk", "opentelemetry.instrumentation.google_genai:GoogleGenAiSdkInstrumentor",
        ("opentelemetry-instrumentation-google-genai==1.3b0", _GOOGLE), _SPAN_AND_EVENT),
    Row("botocore_bedrock", "bedrock", "opentelemetry.instrumentation.botocore:BotocoreInstrumentor",
        ("opentelemetry-instrumentation-botocore==0.66b2", "boto3==1.44.5"), _CONTENT),
    Row("openinference_openai", "openai_sdk", "openinference.instrumentation.openai:OpenAIInstrumentor",
        ("openinference-instrumentation-openai==0.1.66", _OPENAI)),
    Row("openinference_openai_responses", "openai_sdk", "openinference.instrumentation.openai:OpenAIInstrumentor",
        ("openinference-instrumentation-openai==0.1.66", _OPENAI), {"CORPUS_RESPONSES": "1"}),
    Row("openinference_anthropic", "anthropic_sdk", "openinference.instrumentation.anthropic:AnthropicInstrumentor",
        ("openinference-instrumentation-anthropic==3.1.0", "anthropic==2.10.0")),
    Row("openinference_google_genai", "google_genai_sdk", "openinference.instrumentation.google_genai:GoogleGenAIInstrumentor",
        ("openinference-instrumentation-google-genai==1.4.14", _GOOGLE)),
    Row("openinference_langchain", "langchain_chat", "openinference.instrumentation.langchain:LangChainInstrumentor",
        ("openinference-instrumentation-langchain==0.1.80", *_LANGCHAIN)),
    Row("openinference_llama_index", "llama_index_chat", "openinference.instrumentation.llama_index:LlamaIndexInstrumentor",
        ("openinference-instrumentation-llama-index==4.6.1", *_LLAMA_INDEX)),
    Row("openinference_bedrock", "bedrock", "openinference.instrumentation.bedrock:BedrockInstrumentor",
        ("openinference-instrumentation-bedrock==0.1.61", "boto3==1.44.5")),
    Row("traceloop_openai", "openai_sdk", "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-openai==0.62.4", _OPENAI)),
    Row("traceloop_openai_indexed", "openai_sdk", "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-openai==0.40.14", "openai==1.109.1")),
    Row("traceloop_anthropic", "anthropic_sdk", "opentelemetry.instrumentation.anthropic:AnthropicInstrumentor",
        ("opentelemetry-instrumentation-anthropic==0.62.4", _ANTHROPIC)),
    Row("traceloop_anthropic_indexed", "anthropic_sdk", "opentelemetry.instrumentation.anthropic:AnthropicInstrumentor",
        ("opentelemetry-instrumentation-anthropic==0.40.14", "anthropic==0.60.0")),
    Row("traceloop_langchain", "langchain_chat", "opentelemetry.instrumentation.langchain:LangchainInstrumentor",
        ("opentelemetry-instrumentation-langchain==0.62.4", *_LANGCHAIN)),
    Row("traceloop_bedrock", "bedrock", "opentelemetry.instrumentation.bedrock:BedrockInstrumentor",
        ("opentelemetry-instrumentation-bedrock==0.62.4", "boto3==1.44.5")),
    Row("openlit_openai", "openai_sdk", "openlit", ("openlit==1.45.0", _OPENAI)),
    Row("openlit_anthropic", "anthropic_sdk", "openlit", ("openlit==1.45.0", _ANTHROPIC)),
    Row("langfuse_v4_langchain", "langchain_chat", "langfuse_langchain", ("langfuse==4.18.0", *_LANGCHAIN)),
    Row("langfuse_v5_langchain", "langchain_chat", "langfuse_langchain", ("langfuse==5.0.4", *_LANGCHAIN)),
    Row("pydantic_ai_v1", "pydantic_ai_agent", "pydantic_ai",
        ("pydantic-ai-slim[openai]==1.107.10",), {"CORPUS_VERSION": "1"}),
    Row("pydantic_ai_v2", "pydantic_ai_agent", "pydantic_ai",
        ("pydantic-ai-slim[openai]==1.107.10",), {"CORPUS_VERSION": "2"}),
    Row("pydantic_ai_v3", "pydantic_ai_agent", "pydantic_ai",
        ("pydantic-ai-slim[openai]==1.107.10",), {"CORPUS_VERSION": "3"}),
    Row("pydantic_ai_v5", "pydantic_ai_agent", "pydantic_ai",
        ("pydantic-ai-slim[openai]==2.62.0",), {"CORPUS_VERSION": "5"}),
    Row("logfire_openai", "openai_sdk", "logfire", ("logfire==5.2.0", _OPENAI), {"CORPUS_INSTRUMENT": "openai"}),
    Row("logfire_anthropic", "anthropic_sdk", "logfire",
        ("logfire==5.2.0", _ANTHROPIC), {"CORPUS_INSTRUMENT": "anthropic"}),
    Row("langsmith_langchain", "langchain_chat", "langsmith", ("langsmith[otel]==0.14.16", *_LANGCHAIN)),
    Row("mlflow_openai", "openai_sdk", "mlflow",
        ("mlflow==3.17.2", _OPENAI), {"CORPUS_INSTRUMENT": "openai"}),
    Row("mlflow_langchain", "langchain_chat", "mlflow",
        ("mlflow==3.17.2", *_LANGCHAIN), {"CORPUS_INSTRUMENT": "langchain"}),
    Row("langfuse_v3_openai", "openai_langfuse", "langfuse", ("langfuse==3.15.0", _OPENAI)),
    Row("langfuse_v5_openai", "openai_langfuse", "langfuse", ("langfuse==5.0.4", _OPENAI)),
    Row("litellm", "litellm_sdk", "litellm", ("litellm[proxy]==1.106.2", "mcp==2.3.0"), _LOCAL_COSTS),
    Row("openinference_litellm", "litellm_sdk", "openinference.instrumentation.litellm:LiteLLMInstrumentor",
        ("openinference-instrumentation-litellm==0.1.51", "litellm==1.106.2", "mcp==2.3.0"), _LOCAL_COSTS),
    Row("openinference_agno", "agno_agent", "openinference.instrumentation.agno:AgnoInstrumentor",
        ("openinference-instrumentation-agno==1.0.15", "agno==3.1.10", _OPENAI)),
    Row("openinference_smolagents", "smolagents_agent", "openinference.instrumentation.smolagents:SmolagentsInstrumentor",
        ("openinference-instrumentation-smolagents==0.1.43", "smolagents==1.26.0", _OPENAI)),
    Row("openinference_dspy", "dspy_program", "openinference.instrumentation.dspy:DSPyInstrumentor",
        ("openinference-instrumentation-dspy==0.1.48", "dspy==3.4.1", "numpy==2.4.6"), _LOCAL_COSTS),
    Row("openinference_haystack", "haystack_pipeline", "openinference.instrumentation.haystack:HaystackInstrumentor",
        ("openinference-instrumentation-haystack==0.1.46", "haystack-ai==3.4.0", _OPENAI)),
    Row("openinference_crewai", "crewai_crew", "openinference.instrumentation.crewai:CrewAIInstrumentor",
        ("openinference-instrumentation-crewai==1.1.21", "crewai==1.15.30")),
    Row("openinference_openai_agents", "openai_agents_run", "openinference.instrumentation.openai_agents:OpenAIAgentsInstrumentor",
        ("openinference-instrumentation-openai-agents==2.6.0", "openai-agents==0.24.0"), {"CORPUS_RESPONSES": "1"}),
    Row("genai_openai_agents", "openai_agents_run",
        "opentelemetry.instrumentation.genai.openai_agents:OpenAIAgentsInstrumentor"
        "+opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
        ("opentelemetry-instrumentation-genai-openai-agents==1.3b0", "opentelemetry-instrumentation-genai-openai==1.3b0",
         "openai-agents==0.24.0"), _SPAN_AND_EVENT),
    Row("traceloop_openai_agents", "openai_agents_run", "opentelemetry.instrumentation.openai_agents:OpenAIAgentsInstrumentor",
        ("opentelemetry-instrumentation-openai-agents==0.62.4", "openai-agents==0.24.0"), {"CORPUS_RESPONSES": "1"}),
    Row("haystack", "haystack_pipeline", "haystack", ("haystack-ai==2.31.0", _OPENAI)),
    Row("strands", "strands_agent", "native", ("strands-agents[openai]==1.62.0",)),
    Row("strands_latest", "strands_agent", "native", ("strands-agents[openai]==1.62.0",),
        {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental,gen_ai_tool_definitions"}),
    Row("google_adk", "google_adk_agent", "native", ("google-adk==2.13.0",), {"GOOGLE_API_KEY": "corpus", **_CONTENT}),
    Row("google_adk_latest", "google_adk_agent", "native",
        ("google-adk==2.13.0",), {"GOOGLE_API_KEY": "corpus", **_SPAN_AND_EVENT}),
    Row("agent_framework", "agent_framework_agent", "agent_framework",
        ("agent-framework-core==1.23.0", "agent-framework-openai==1.17.0")),
    Row("semantic_kernel", "semantic_kernel_chat", "semantic_kernel", ("semantic-kernel==1.45.0",),
        {"SEMANTICKERNEL_EXPERIMENTAL_GENAI_ENABLE_OTEL_DIAGNOSTICS_SENSITIVE": "true"}),
    Row("laminar_openai", "openai_sdk", "laminar", ("lmnr==0.8.2", _OPENAI)),
    Row("agentops_openai", "openai_sdk", "agentops", ("agentops==0.4.21", "openai==1.109.1", "opentelemetry-sdk==1.36.0", "opentelemetry-exporter-otlp-proto-http==1.36.0")),
    Row("vercel_ai_v4", "vercel_ai", "4", ("ai@4.3.19", "@ai-sdk/openai@1.3.24", *_OTEL_JS), is_node=True),
    Row("vercel_ai_v5", "vercel_ai", "5", ("ai@5.0.277", "@ai-sdk/openai@2.0.130", *_OTEL_JS), is_node=True),
    Row("vercel_ai_v6", "vercel_ai", "6", ("ai@6.0.322", "@ai-sdk/openai@3.0.141", *_OTEL_JS), is_node=True),
    Row("vercel_ai_v7", "vercel_ai", "7",
        ("ai@7.0.173", "@ai-sdk/openai@4.0.118", "@ai-sdk/otel@1.0.173", *_OTEL_JS), is_node=True),
    Row("vercel_ai_v7_legacy", "vercel_ai", "7",
        ("ai@7.0.173", "@ai-sdk/openai@4.0.118", "@ai-sdk/otel@1.0.173", *_OTEL_JS), {"CORPUS_LEGACY": "1"}, is_node=True),
    Row("openinference_langchain_js", "langchain_js", "openinference",
        ("@arizeai/openinference-instrumentation-langchain@4.1.1", "@langchain/core@1.2.13", "@langchain/openai@1.6.0",
         "langchain@1.5.14", *_OTEL_JS), is_node=True),
    Row("mastra", "mastra", "mastra",
        ("@mastra/core@1.71.0", "@mastra/observability@1.17.9", "@mastra/otel-exporter@1.4.0", "@ai-sdk/openai@3.0.141",
         "@opentelemetry/exporter-trace-otlp-proto@0.223.0", "zod@4.6.7", *_OTEL_JS[:1], *_OTEL_JS[2:]), is_node=True),
    Row("claude_code", "claude_code", "claude", ("@anthropic-ai/claude-code@2.1.329", *_OTEL_JS), is_node=True),
    Row("codex", "codex", "codex", ("@openai/codex@0.169.0", *_OTEL_JS), is_node=True),
    Row("gemini_cli", "gemini_cli", "gemini", ("@google/gemini-cli@0.61.0", *_OTEL_JS), is_node=True),
)  # fmt: skip
"""In the order of `docs/corpus.md`."""
