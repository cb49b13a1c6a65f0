"""MLflow Tracing 3.x over OTLP. Every value went through `json.dumps`, strings and numbers too: JSON in JSON, `"chat"` in quotes.

Streamed answers are events besides, one for each piece. `mlflow.trace.*` are sums over a trace. Assessments stay in MLflow's own store.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

MLFLOW: Final = Dialect(
    "mlflow",
    title="MLflow Tracing 3.x over OTLP",
    keys=(
        # Content
        Key("mlflow.spanInputs", Role.PROMPT, Format.JSON),
        Key("mlflow.traceInputs", Role.PROMPT, Format.JSON),
        Key("mlflow.spanOutputs", Role.COMPLETION, Format.JSON),
        Key("mlflow.trace.intermediate_outputs", Role.COMPLETION, Format.JSON),
        Key("mlflow.traceOutputs", Role.COMPLETION, Format.JSON),
        Key("mlflow.chat.tools", Role.TOOL_DEFS, Format.JSON),
        Key("mlflow.traceTag.*", Role.METADATA, Format.PLAIN),
        # Arguments of the call under their own names
        Key("messages", Role.PROMPT, Format.JSON, scoped=True),
        Key("input", Role.PROMPT, Format.JSON, scoped=True),
        Key("prompt", Role.PROMPT, Format.JSON, scoped=True),
        Key("contents", Role.PROMPT, Format.JSON, scoped=True),
        Key("instructions", Role.SYSTEM_PROMPT, Format.JSON, scoped=True),
        Key("system", Role.SYSTEM_PROMPT, Format.JSON, scoped=True),
        Key("tools", Role.TOOL_DEFS, Format.JSON, scoped=True),
        Key("functions", Role.TOOL_DEFS, Format.JSON, scoped=True),
        Key("invocation_params", Role.TOOL_DEFS, Format.JSON, scoped=True),
        # Streamed answers, one event each piece
        Key("mlflow.chunk.value", Role.CHUNK, Format.JSON, "mlflow.chunk.item.*"),
        Key("token", Role.CHUNK, Format.PLAIN, "new_token"),
        Key("chunk", Role.CHUNK, Format.JSON, "new_token"),
        # Usage
        Key("mlflow.trace.tokenUsage", Role.TOK_AGGREGATE, Format.JSON),
        Key("mlflow.chat.tokenUsage", Role.USAGE, Format.JSON),
        # Cost
        Key("mlflow.trace.cost", Role.COST_AGGREGATE, Format.JSON),
        # The call
        Key("mlflow.llm.model", Role.MODEL_REQ, Format.JSON),
        Key("mlflow.llm.provider", Role.PROVIDER, Format.JSON),
        Key("mlflow.spanType", Role.OP, Format.JSON),
        # Whose call it is
        Key("mlflow.trace.user", Role.USER_ID, Format.PLAIN),
        Key("mlflow.trace.session", Role.SESSION_ID, Format.PLAIN),
        Key("mlflow.linkedPrompts", Role.PROMPT_NAME, Format.JSON),  # [{name, version}]
        # The rest
        Key("model", Role.MODEL_REQ, Format.JSON, scoped=True),
        Key("stream", Role.MISC, Format.JSON, scoped=True),
        Key("mlflow.spanFunctionName", Role.MISC, Format.JSON),
        Key("mlflow.traceRequestId", Role.MISC, Format.JSON),
        Key("mlflow.message.format", Role.MISC, Format.JSON),
        Key("mlflow.spanLogLevel", Role.MISC, Format.JSON),
    ),
    scopes=("mlflow*",),
    markers=("mlflow.*",),
)
