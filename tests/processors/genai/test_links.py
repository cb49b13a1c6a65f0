from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.genai.links import is_session_link, link_maker, response_link, session_link, span_link

ids = st.text(st.characters(codec="utf-8"), max_size=600)


@pytest.mark.parametrize(
    "key", ["gen_ai.response.id", "gen_ai.response_id", "ai.response.id", "llm.response.id", "weave.response.id"]
)
def test_response_keys(key: str) -> None:
    """Each dialect's spelling of the provider's id of a response."""
    assert link_maker(key) is response_link


@pytest.mark.parametrize(
    "key",
    [
        "ai.telemetry.metadata.sessionId",
        "dify.conversation.id",
        "gen_ai.conversation.id",
        "langfuse.session.id",
        "mastra.metadata.sessionId",
        "session.id",
        "wandb.thread_id",
        "weave.conversation.id",
        "traceloop.association.properties.session_id",
    ],
)
def test_session_keys(key: str) -> None:
    """Each dialect's spelling of a session or conversation."""
    assert link_maker(key) is session_link


@pytest.mark.parametrize(
    "key",
    [
        "",
        "gen_ai.request.previous_response.id",
        "gen_ai.response.model",
        "langsmith.trace.session_id",
        "mcp.session.id",
        "prompt.id",
        "session",
    ],
)
def test_other_keys(key: str) -> None:
    """What names another response, or one id for many chats, links nothing."""
    assert link_maker(key) is None


@given(ids)
def test_a_response_and_a_session_of_one_name_are_not_linked(identifier: str) -> None:
    """The kind is in the link, can be told from it, and both are as small as intended."""
    response, session = response_link(identifier), session_link(identifier)
    assert not is_session_link(response)
    assert is_session_link(session)
    assert max(sys.getsizeof(response), sys.getsizeof(session)) <= 32


@given(st.binary(min_size=8, max_size=8))
def test_a_span_is_found_like_a_response(span_id: bytes) -> None:
    """It is in one trace."""
    assert not is_session_link(span_link(span_id))
    assert sys.getsizeof(span_link(span_id)) <= 32
    assert span_link(span_id) != span_link(bytes([span_id[0] ^ 1]) + span_id[1:])


def test_links_do_not_change() -> None:
    """Replicas agree, whatever their version."""
    assert response_link("chatcmpl-1") == 0xB82F63D5B4587AA
    assert session_link("chatcmpl-1") == 0x6DA3A4A130FE848


def test_links_of_many_ids_differ() -> None:
    """A hundred thousand ids of a kind, and no two with one link."""
    links = {make(f"id-{n}") for n in range(100_000) for make in (response_link, session_link)}
    assert len(links) == 200_000
