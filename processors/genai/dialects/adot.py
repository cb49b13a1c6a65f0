"""AWS Distro for OpenTelemetry (ADOT) and Bedrock AgentCore.

ADOT takes content off the spans and sends it as a log record whose event name is the instrumentation scope's name, with
the body `{input: {messages: […]}, output: {messages: […]}}`. Bodies under such a name are content (`processors.prompts`).
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

ADOT: Final = Dialect(
    "adot",
    title="AWS Distro for OpenTelemetry, Bedrock AgentCore",
    keys=(
        # Quality
        Key("aws.bedrock.guardrail.arn", Role.GUARDRAIL, Format.PLAIN),
        # Whose call it is
        Key("aws.bedrock.agentcore.runtime.arn", Role.TENANT, Format.PLAIN),
        Key("aws.bedrock.agentcore.gateway.arn", Role.TENANT, Format.PLAIN),
        Key("aws.bedrock.agentcore.memory.arn", Role.TENANT, Format.PLAIN),
        Key("gen_ai.runtime.id", Role.TENANT, Format.PLAIN),
        Key("gen_ai.gateway.id", Role.TENANT, Format.PLAIN),
        Key("gen_ai.memory.id", Role.TENANT, Format.PLAIN),
        Key("gen_ai.browser.id", Role.TENANT, Format.PLAIN),
        Key("gen_ai.code_interpreter.id", Role.TENANT, Format.PLAIN),
    ),
    markers=("aws.bedrock.*",),
)
