"""The dialects that are understood, in the order in which they are believed where a span speaks several."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.adot import ADOT
from processors.genai.dialects.ag2 import AG2
from processors.genai.dialects.agent_framework import AGENT_FRAMEWORK
from processors.genai.dialects.agentops import AGENTOPS
from processors.genai.dialects.arize import ARIZE
from processors.genai.dialects.autogen import AUTOGEN
from processors.genai.dialects.azure_ai import AZURE_AI
from processors.genai.dialects.bedrock import BEDROCK
from processors.genai.dialects.braintrust import BRAINTRUST
from processors.genai.dialects.claude_code import CLAUDE_CODE
from processors.genai.dialects.codex import CODEX
from processors.genai.dialects.copilot import COPILOT
from processors.genai.dialects.crewai import CREWAI
from processors.genai.dialects.deepeval import DEEPEVAL
from processors.genai.dialects.dialect import ContentEvent, Dialect, Key
from processors.genai.dialects.dify import DIFY
from processors.genai.dialects.flue import FLUE
from processors.genai.dialects.future_agi import FUTURE_AGI
from processors.genai.dialects.galileo import GALILEO
from processors.genai.dialects.gemini_cli import GEMINI_CLI
from processors.genai.dialects.genai_otel_instrument import GENAI_OTEL_INSTRUMENT
from processors.genai.dialects.general import GENERAL
from processors.genai.dialects.genkit import GENKIT
from processors.genai.dialects.google_adk import GOOGLE_ADK
from processors.genai.dialects.haystack import HAYSTACK
from processors.genai.dialects.honeyhive import HONEYHIVE
from processors.genai.dialects.judgment import JUDGMENT
from processors.genai.dialects.laminar import LAMINAR
from processors.genai.dialects.langfuse import LANGFUSE
from processors.genai.dialects.langsmith import LANGSMITH
from processors.genai.dialects.langtrace import LANGTRACE
from processors.genai.dialects.langwatch import LANGWATCH
from processors.genai.dialects.last9 import LAST9
from processors.genai.dialects.latitude import LATITUDE
from processors.genai.dialects.litellm import LITELLM
from processors.genai.dialects.livekit import LIVEKIT
from processors.genai.dialects.llamaindex import LLAMAINDEX
from processors.genai.dialects.logfire import LOGFIRE
from processors.genai.dialects.loongsuite import LOONGSUITE
from processors.genai.dialects.mastra import MASTRA
from processors.genai.dialects.mcp import MCP
from processors.genai.dialects.mlflow import MLFLOW
from processors.genai.dialects.nemo_guardrails import NEMO_GUARDRAILS
from processors.genai.dialects.openai_agents import OPENAI_AGENTS
from processors.genai.dialects.opencode import OPENCODE
from processors.genai.dialects.openinference import OPENINFERENCE
from processors.genai.dialects.openlit import OPENLIT
from processors.genai.dialects.openllmetry import OPENLLMETRY
from processors.genai.dialects.opik import OPIK
from processors.genai.dialects.otel import OTEL
from processors.genai.dialects.otel_legacy import OTEL_LEGACY
from processors.genai.dialects.patronus import PATRONUS
from processors.genai.dialects.pipecat import PIPECAT
from processors.genai.dialects.pydantic_ai import PYDANTIC_AI
from processors.genai.dialects.pydantic_evals import PYDANTIC_EVALS
from processors.genai.dialects.replicate import REPLICATE
from processors.genai.dialects.reported_cost import REPORTED_COST
from processors.genai.dialects.respan import RESPAN
from processors.genai.dialects.semantic_kernel import SEMANTIC_KERNEL
from processors.genai.dialects.sentry import SENTRY
from processors.genai.dialects.splunk import SPLUNK
from processors.genai.dialects.spring_ai import SPRING_AI
from processors.genai.dialects.strands import STRANDS
from processors.genai.dialects.trulens import TRULENS
from processors.genai.dialects.vercel_ai import VERCEL_AI
from processors.genai.dialects.vercel_ai_v7 import VERCEL_AI_V7
from processors.genai.dialects.vllm import VLLM
from processors.genai.dialects.voltagent import VOLTAGENT
from processors.genai.dialects.weave import WEAVE
from processors.genai.dialects.xai import XAI

DIALECTS: Final[tuple[Dialect, ...]] = (
    OTEL,
    OTEL_LEGACY,
    OPENINFERENCE,
    VERCEL_AI,
    VERCEL_AI_V7,
    REPLICATE,
    OPENLLMETRY,
    LANGFUSE,
    MLFLOW,
    REPORTED_COST,
    MCP,
    BEDROCK,
    PYDANTIC_AI,
    LOGFIRE,
    LANGSMITH,
    LITELLM,
    OPENLIT,
    STRANDS,
    GOOGLE_ADK,
    ADOT,
    AZURE_AI,
    SEMANTIC_KERNEL,
    AGENT_FRAMEWORK,
    OPENAI_AGENTS,
    SENTRY,
    CREWAI,
    AUTOGEN,
    AG2,
    HAYSTACK,
    LLAMAINDEX,
    SPRING_AI,
    CLAUDE_CODE,
    CODEX,
    GEMINI_CLI,
    COPILOT,
    OPENCODE,
    LAMINAR,
    LANGWATCH,
    DEEPEVAL,
    GALILEO,
    JUDGMENT,
    HONEYHIVE,
    RESPAN,
    FUTURE_AGI,
    TRULENS,
    AGENTOPS,
    LANGTRACE,
    LAST9,
    GENAI_OTEL_INSTRUMENT,
    PATRONUS,
    LATITUDE,
    WEAVE,
    BRAINTRUST,
    OPIK,
    NEMO_GUARDRAILS,
    LIVEKIT,
    PIPECAT,
    MASTRA,
    GENKIT,
    VOLTAGENT,
    VLLM,
    LOONGSUITE,
    DIFY,
    SPLUNK,
    ARIZE,
    PYDANTIC_EVALS,
    FLUE,
    XAI,
    GENERAL,
)

BY_NAME: Final = {dialect.name: dialect for dialect in DIALECTS}

__all__ = ["BY_NAME", "DIALECTS", "ContentEvent", "Dialect", "Key"]
