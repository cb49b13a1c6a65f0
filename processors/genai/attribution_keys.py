"""Whose call it is, and what for: the keys under which users, tenants, features, environments and sessions stand.

The dialect tables give roles; what they call a tenant is often a project or a machine, which is none here. Keys that
applications choose themselves, below a prefix of their framework's, are known by their last part.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from processors.genai.links import link_maker, session_link
from processors.genai.matcher import Match, Roles
from processors.genai.roles import Role


class Who(IntEnum):
    USER = 0
    TENANT = 1
    FEATURE = 2
    ENVIRONMENT = 3
    SESSION = 4
    CONVERSATION = 5


class Attribution(NamedTuple):
    who: Who
    rank: int
    """The lowest is believed."""


_AFTER_TABLES: Final = 100_000
_LAST: Final = 200_000

_NAMES: Final[dict[str, Who]] = {
    # Compared without `_`, `-`, `.` and capitals.
    "userid": Who.USER,
    "user": Who.USER,
    "username": Who.USER,
    "enduserid": Who.USER,
    "enduser": Who.USER,
    "tenantid": Who.TENANT,
    "tenant": Who.TENANT,
    "tenantname": Who.TENANT,
    "customerid": Who.TENANT,
    "customer": Who.TENANT,
    "organizationid": Who.TENANT,
    "organisationid": Who.TENANT,
    "organization": Who.TENANT,
    "organisation": Who.TENANT,
    "orgid": Who.TENANT,
    "org": Who.TENANT,
    "teamid": Who.TENANT,
    "team": Who.TENANT,
    "feature": Who.FEATURE,
    "featureid": Who.FEATURE,
    "featurename": Who.FEATURE,
    "usecase": Who.FEATURE,
    "environment": Who.ENVIRONMENT,
    "env": Who.ENVIRONMENT,
    "deploymentenvironment": Who.ENVIRONMENT,
    "sessionid": Who.SESSION,
    "conversationid": Who.CONVERSATION,
    "threadid": Who.CONVERSATION,
    "chatid": Who.CONVERSATION,
}
_PREFIXES: Final = (
    "",
    "app.",
    "metadata.",
    "ai.telemetry.metadata.",
    "traceloop.association.properties.",
    "lmnr.association.properties.",
    "langsmith.metadata.",
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
    "langwatch.metadata.",
    "mastra.metadata.",
    "confident.trace.metadata.",
    "honeyhive_metadata.",
    "llm.metadata.",
    "baggage.",
)
_BARE: Final = frozenset({"user", "username", "team", "org", "customer", "organization", "organisation"})
"""Too general without a prefix."""

_FEATURES: Final = (
    "feature.name",
    "feature.id",
    "ai.telemetry.functionId",
    "resource.name",
    "gen_ai.workflow.name",
    "traceloop.workflow.name",
    "gen_ai.application_name",
    "gen_ai.pipeline.name",
    "gen_ai.agent.name",
    "agent.name",
    "gen_ai.prompt.name",
    "traceloop.entity.path",
    "tag.tags",
    "langfuse.trace.tags",
    "langfuse.tags",
)
"""In the order in which they are believed: what was given for it first, then what comes near it."""
_FEATURE_RANK: Final = {key: rank for rank, key in enumerate(_FEATURES)}

_NO_TENANTS: Final = (
    "openinference.project.name",
    "langsmith.trace.",
    "aws.bedrock.",
    "gen_ai.",
    "galileo.",
    "honeyhive.",
    "latitude.",
    "braintrust.",
)
"""Projects, machines and parents."""
_NO_SESSIONS: Final = frozenset({"prompt.id", "prompt_id"})
_MEMORY: Final = "gen_ai.memory.user_id"


def attribution_of(key: str, roles: Roles) -> Attribution | None:
    """What an attribute of this key says of whose call it is; None for one that says nothing."""
    if key in _FEATURE_RANK:
        match = roles.role(key)
        if key != "resource.name" or match is not None:  # Vercel's, under its own scope
            return Attribution(Who.FEATURE, _FEATURE_RANK[key])
        return None
    match = roles.role(key)
    if match is not None:
        found = _by_role(key, match)
        if found is not None:
            return found
    return _by_name(key)


def _by_role(key: str, match: Match) -> Attribution | None:
    if match.role is Role.USER_ID and key != _MEMORY:
        return Attribution(Who.USER, match.rank)
    if match.role is Role.TENANT and not key.startswith(_NO_TENANTS):
        return Attribution(Who.TENANT, match.rank)
    if match.role is Role.ENVIRONMENT:
        return Attribution(Who.ENVIRONMENT, match.rank)
    if match.role is Role.SESSION_ID and key not in _NO_SESSIONS:
        return Attribution(Who.SESSION if "session" in key else Who.CONVERSATION, match.rank)
    return None


def _by_name(key: str) -> Attribution | None:
    if link_maker(key) is session_link:
        return Attribution(Who.SESSION if "session" in key.lower() else Who.CONVERSATION, _AFTER_TABLES)
    prefix = max((prefix for prefix in _PREFIXES if key.startswith(prefix)), key=len)
    name = key[len(prefix) :].replace("_", "").replace("-", "").replace(".", "").lower()
    who = _NAMES.get(name)
    if who is None or (not prefix and name in _BARE):
        return None
    # A feature that was given for one is believed before all that only comes near.
    return Attribution(who, -1 if who is Who.FEATURE else _LAST)
