"""Links: by which a score that names a response, a session or a span, and no trace, finds the traces meant.

A link is a hash of the id. Two ids with one hash would cost no data: a trace would be given a score too many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import xxhash

MAX_ID_CHARS: Final = 512
"""Longer ids are nobody's: providers' are below 100."""

MakeLink: TypeAlias = Callable[[str], int]

_ONE_TRACE_BIT: Final = 1 << 59
"""Set for responses and spans, of which each is in one trace."""
_SPARE_BITS: Final = 5
"""With 59 bits of hash and one for the kind, a link is an int of two digits: 32 bytes rather than 48."""


def response_link(response_id: str) -> int:
    """The link of one model call's response. Raises UnicodeEncodeError for a lone surrogate."""
    return xxhash.xxh3_64_intdigest(response_id.encode(), seed=1) >> _SPARE_BITS | _ONE_TRACE_BIT


def session_link(session_id: str) -> int:
    """The link of a session, conversation or thread. Raises UnicodeEncodeError for a lone surrogate."""
    return xxhash.xxh3_64_intdigest(session_id.encode(), seed=2) >> _SPARE_BITS


def span_link(span_id: bytes) -> int:
    """The link of one span; its id is 8 bytes, and random."""
    return int.from_bytes(span_id) >> _SPARE_BITS | _ONE_TRACE_BIT


def is_session_link(link: int) -> bool:
    return not link & _ONE_TRACE_BIT


_KEYS: Final[dict[str, MakeLink]] = {
    # What the model provider calls its response.
    "gen_ai.response.id": response_link,
    "gen_ai.response_id": response_link,  # OpenLLMetry and Azure, older
    "llm.response.id": response_link,  # before the conventions
    "weave.response.id": response_link,
    "ai.response.id": response_link,  # Vercel AI SDK
    # A session, a conversation, a thread: what a user would call one chat.
    "gen_ai.conversation.id": session_link,
    "gen_ai.session.id": session_link,
    "gen_ai.thread.id": session_link,
    "session.id": session_link,
    "conversation.id": session_link,
    "ai.observability.conversation_id": session_link,  # TruLens
    "ai.observability.record_id": session_link,  # TruLens: what its scores name
    "ai.telemetry.metadata.sessionId": session_link,  # Vercel AI SDK
    "confident.trace.thread_id": session_link,
    "copilot_chat.chat_session_id": session_link,
    "copilot_chat.session_id": session_link,
    "dify.conversation.id": session_link,
    "dify.session.id": session_link,
    "galileo.session.id": session_link,
    "gcp.vertex.agent.session_id": session_link,  # Google ADK
    "honeyhive.session_id": session_link,
    "judgment.session_id": session_link,
    "langfuse.session.id": session_link,
    "langsmith.metadata.conversation_id": session_link,
    "langsmith.metadata.session_id": session_link,
    "langsmith.metadata.thread_id": session_link,
    "langwatch.session.id": session_link,
    "langwatch.thread.id": session_link,
    "lk.room_sid": session_link,  # LiveKit
    "lmnr.association.properties.session_id": session_link,  # Laminar
    "mastra.metadata.sessionId": session_link,
    "mlflow.trace.session": session_link,
    "respan.sessions.session_identifier": session_link,
    "respan.threads.thread_identifier": session_link,
    "spring.ai.chat.client.conversation.id": session_link,
    "traceloop.association.properties.conversation_id": session_link,
    "traceloop.association.properties.session_id": session_link,
    "traceloop.association.properties.thread_id": session_link,
    "voltagent.conversation_id": session_link,
    "wandb.thread_id": session_link,
    "weave.conversation.id": session_link,
    "workflow.session_id": session_link,
}
"""Left out, since one id stands for many chats: `langsmith.trace.session_id` (a project), `prompt.id` (also a
template), `mcp.session.id` (a transport). Also `gen_ai.request.previous_response.id`, the response before."""


def link_maker(key: str) -> MakeLink | None:
    """What makes a link of that attribute's string; None for a key that carries neither id."""
    return _KEYS.get(key)
