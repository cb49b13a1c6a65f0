from __future__ import annotations

import pytest

from processors.genai.attribution_keys import Who, attribution_of
from processors.genai.matcher import MATCHER

KEYS: dict[tuple[str, str], Who | None] = {
    ("user.id", ""): Who.USER,
    ("enduser.id", ""): Who.USER,
    ("langfuse_user_id", ""): Who.USER,
    ("ai.telemetry.metadata.userId", "ai"): Who.USER,
    ("traceloop.association.properties.end_user_id", ""): Who.USER,
    ("app.user", ""): Who.USER,
    ("mastra.metadata.userId", "@mastra/otel-exporter"): Who.USER,
    ("mastra.metadata.sessionId", "@mastra/otel-exporter"): Who.SESSION,
    ("dify.invoked_by", ""): Who.USER,
    ("dify.conversation.id", ""): Who.CONVERSATION,
    ("dify.session.id", ""): Who.SESSION,
    ("dify.tenant_id", ""): Who.TENANT,
    ("litellm.team_alias", ""): Who.TENANT,
    ("litellm.key_alias", ""): Who.TENANT,
    ("user", ""): None,
    ("user.email", ""): None,
    ("gen_ai.memory.user_id", ""): None,
    ("tenant.id", ""): Who.TENANT,
    ("metadata.organization_id", ""): Who.TENANT,
    ("team.id", ""): Who.TENANT,
    ("openinference.project.name", ""): None,
    ("langsmith.trace.session_id", ""): None,
    ("feature", ""): Who.FEATURE,
    ("gen_ai.agent.name", ""): Who.FEATURE,
    ("ai.telemetry.functionId", ""): Who.FEATURE,
    ("resource.name", "ai"): Who.FEATURE,
    ("resource.name", ""): None,
    ("deployment.environment.name", ""): Who.ENVIRONMENT,
    ("langfuse.trace.metadata.env", ""): Who.ENVIRONMENT,
    ("session.id", ""): Who.SESSION,
    ("gen_ai.conversation.id", ""): Who.CONVERSATION,
    ("prompt.id", "com.anthropic.claude_code.tracing"): None,
    ("http.method", ""): None,
}


@pytest.mark.parametrize(("key", "scope"), KEYS)
def test_whose_a_key_is(key: str, scope: str) -> None:
    """Roles of dialects, names that applications choose, and what only looks like one."""
    found = attribution_of(key, MATCHER.for_scope(scope))
    assert (found.who if found else None) is KEYS[key, scope]


def test_what_was_given_for_a_feature_is_believed_first() -> None:
    """An agent's name comes near it, no more."""
    given, near = attribution_of("app.feature", MATCHER), attribution_of("gen_ai.agent.name", MATCHER)
    assert given is not None
    assert near is not None
    assert given.rank < near.rank
