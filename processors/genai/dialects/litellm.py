"""LiteLLM, proxy and SDK: the old OTel logger, and the package with mappers to several dialects at once.

Its span `raw_gen_ai_request` has one attribute for each field of request and response, `llm.<provider>.<field>`, each the
Python repr of its value. `metadata.*` names keys, teams and end users. Guardrail spans quote what they matched.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LITELLM: Final = Dialect(
    "litellm",
    title="LiteLLM, proxy and SDK",
    keys=(
        # Content
        Key("llm.*.messages", Role.PROMPT, Format.STRINGIFIED, scoped=True),
        Key("llm.*.system", Role.PROMPT, Format.STRINGIFIED, scoped=True),
        Key("llm.*.input", Role.PROMPT, Format.STRINGIFIED, scoped=True),
        Key("llm.*.prompt", Role.PROMPT, Format.STRINGIFIED, scoped=True),
        Key("llm.*.contents", Role.PROMPT, Format.STRINGIFIED, scoped=True),
        Key("llm.*.choices", Role.COMPLETION, Format.STRINGIFIED, scoped=True),
        Key("llm.*.content", Role.COMPLETION, Format.STRINGIFIED, scoped=True),
        Key("llm.*.candidates", Role.COMPLETION, Format.STRINGIFIED, scoped=True),
        Key("llm.*.output", Role.COMPLETION, Format.STRINGIFIED, scoped=True),
        Key("llm.*.stringified_raw_response", Role.COMPLETION, Format.PLAIN_OR_JSON, scoped=True),
        Key("message.content", Role.COMPLETION, Format.PLAIN, "gen_ai.content.completion"),
        Key("hidden_params", Role.RAW, Format.JSON, scoped=True),
        Key("litellm.metadata.*", Role.METADATA, Format.PLAIN),
        Key("litellm.team.metadata", Role.METADATA, Format.JSON),
        Key("litellm.guardrail.response", Role.SCORE_EXPLANATION, Format.PLAIN_OR_JSON),
        Key("guardrail_response", Role.SCORE_EXPLANATION, Format.JSON, scoped=True),
        Key("message.content", Role.COMPLETION, Format.PLAIN, scoped=True),
        # Text of programs, and what is personal by itself
        Key("litellm.provider.error.stack_trace", Role.ERROR_TEXT, Format.PLAIN),
        Key("error.stack_trace", Role.ERROR_TEXT, Format.PLAIN),
        Key("metadata.user_api_key_user_email", Role.PERSONAL, Format.PLAIN),
        Key("metadata.requester_ip_address", Role.PERSONAL, Format.PLAIN),
        # Usage
        Key("metadata.usage_object", Role.USAGE, Format.STRINGIFIED),
        # Cost
        Key("gen_ai.cost.total_cost", Role.COST, Format.USD),
        Key("gen_ai.cost.input_cost", Role.COST_IN, Format.USD),
        Key("gen_ai.cost.output_cost", Role.COST_OUT, Format.USD),
        Key("gen_ai.cost.*", Role.COST_DETAIL, Format.USD),
        Key("litellm.cost.*", Role.COST_DETAIL, Format.USD),
        # The call
        Key("litellm.provider.model", Role.MODEL_RESP, Format.PLAIN),
        Key("litellm.call_type", Role.OP, Format.PLAIN),
        Key("litellm.provider.error.code", Role.ERROR, Format.PLAIN),
        Key("finish_reason", Role.FINISH, Format.PLAIN, scoped=True),
        Key("error.code", Role.ERROR, Format.PLAIN, scoped=True),
        # Quality
        Key("litellm.guardrail.name", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.mode", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.status", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.action", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.confidence_score", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.risk_score", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.violation_categories", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("litellm.guardrail.masked_entity_count", Role.GUARDRAIL, Format.PLAIN_OR_JSON),
        Key("guardrail_name", Role.GUARDRAIL, Format.PLAIN, scoped=True),
        Key("guardrail_status", Role.GUARDRAIL, Format.PLAIN, scoped=True),
        # Whose call it is
        Key("litellm.end_user.id", Role.USER_ID, Format.PLAIN),
        Key("metadata.user_api_key_end_user_id", Role.USER_ID, Format.PLAIN),
        Key("metadata.user_api_key_user_id", Role.USER_ID, Format.PLAIN),
        Key("litellm.team.id", Role.TENANT, Format.PLAIN),
        Key("litellm.team.alias", Role.TENANT, Format.PLAIN),
        Key("litellm.team_id", Role.TENANT, Format.PLAIN),
        Key("litellm.team_alias", Role.TENANT, Format.PLAIN),
        Key("metadata.user_api_key_team_id", Role.TENANT, Format.PLAIN),
        Key("metadata.user_api_key_team_alias", Role.TENANT, Format.PLAIN),
        Key("metadata.user_api_key_org_id", Role.TENANT, Format.PLAIN),
        Key("litellm.api_key.hash", Role.TENANT, Format.PLAIN),
        Key("metadata.user_api_key_alias", Role.TENANT, Format.PLAIN),
        Key("litellm.key_alias", Role.TENANT, Format.PLAIN),
        # The rest
        Key("litellm.saved_cache_cost", Role.MISC, Format.USD),
        Key("litellm.provider.error.llm_provider", Role.MISC, Format.PLAIN),
        Key("llm.token_count.*", Role.MISC, Format.INT, scoped=True),  # not of a provider named `token_count`
        Key("llm.cost.*", Role.MISC, Format.USD, scoped=True),
        Key("llm.usage.*", Role.MISC, Format.PLAIN, scoped=True),
        Key("llm.request.*", Role.MISC, Format.PLAIN, scoped=True),
        Key("error.llm_provider", Role.MISC, Format.PLAIN),
        Key("event_name", Role.MISC, Format.PLAIN, scoped=True),
        Key("llm.is_streaming", Role.MISC, Format.BOOL),
        Key("litellm.call_id", Role.MISC, Format.PLAIN),
        # Whatever no line above names
        Key("llm.*.*", Role.RAW, Format.STRINGIFIED, scoped=True),
    ),
    scopes=("litellm*",),
    markers=(
        "litellm.*",
        "metadata.user_api_key_*",
    ),
)
