from __future__ import annotations

import pytest

from sidecar.demo.chats import CHATS, TOOL_RESULT, Chat


def test_every_question_and_title_is_its_own() -> None:
    """The fake model knows a chat by its question, the page by its title."""
    assert len({chat.question for chat in CHATS}) == len(CHATS)
    assert len({chat.title for chat in CHATS}) == len(CHATS)


@pytest.mark.parametrize("chat", [chat for chat in CHATS if chat.planted], ids=lambda chat: chat.title)
def test_planted_values_are_in_the_chat(chat: Chat) -> None:
    """A value that is nowhere could not leak, and the check for it would say nothing."""
    spoken = chat.question + TOOL_RESULT + "".join(reply.text for reply in chat.replies)
    assert all(value in spoken for value in chat.planted)


def test_every_fate_is_met() -> None:
    """The demo shows an error, a low score, a late one and routine, and mostly routine."""
    fates = [chat.fate for chat in CHATS]
    assert set(fates) == {"error", "low_score", "late_low_score", "routine"}
    assert fates.count("routine") > len(fates) / 2


def test_scores_go_with_fates() -> None:
    """What is to be kept for its score has a low one, and nothing else has any."""
    for chat in CHATS:
        assert (chat.score is not None and chat.score < 0.5) == (chat.fate == "low_score")
        assert (chat.late_score is not None and chat.late_score < 0.5) == (chat.fate == "late_low_score")
