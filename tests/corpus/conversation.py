"""The scenario that every instrumentation records: fixed texts, one tool, and what the fake endpoints answer.

Needs nothing but the standard library: it is imported in the environments of the instrumentations as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.corpus import planted

SYSTEM: Final = (
    f"You are the support assistant of Acme Travel. If you are in doubt, ask {planted.SYSTEM_PERSON}, who can be "
    f"reached at {planted.SYSTEM_EMAIL} or {planted.SYSTEM_PHONE}."
)
SESSION_ID: Final = "session-2f81"
FEATURE: Final = "refund-chat"

TOOL_NAME: Final = "find_booking"
TOOL_DESCRIPTION: Final = "Finds the booking of a traveller."
TOOL_PARAMETERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "email": {"type": "string", "description": "E-mail address of the traveller"},
        "phone": {"type": "string", "description": "Telephone number of the traveller"},
    },
    "required": ["email", "phone"],
}
TOOL_ARGUMENTS: Final[dict[str, str]] = {"email": planted.TOOL_EMAIL, "phone": planted.TOOL_ARGUMENT_PHONE}
TOOL_RESULT: Final[dict[str, str]] = {
    "traveller": planted.TOOL_RESULT_PERSON,
    "card": planted.TOOL_RESULT_CARD,
    "iban": planted.TOOL_RESULT_IBAN,
    "status": "confirmed",
}
TOOL_RESULT_JSON: Final = json.dumps(TOOL_RESULT)

DOCUMENTS: Final = (
    f"Baggage rules: questions about the allowance go to {planted.DOCUMENT_PERSON}, {planted.DOCUMENT_EMAIL}.",
    "Two bags of 23 kg each are included in every long-haul ticket.",
)
EMBEDDED: Final = (
    f"Customer note: write to {planted.EMBEDDED_EMAIL} about the claim, social security number {planted.EMBEDDED_SSN}."
)
"""The text of the embeddings call."""


@dataclass(frozen=True)
class Turn:
    """One request to a model, and the answer. Tokens: cached ones within input, reasoning within output."""

    name: str
    marker: str
    """What the user's text holds, and no other's does."""
    user: str
    answer: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    calls_tool: bool = False
    status: int = 200
    response_number: int = 0


PLAIN: Final = Turn(
    "plain",
    "charged twice",
    f"Hello, my name is {planted.PLAIN_PERSON}. My card {planted.PLAIN_CARD} was charged twice. Please write to "
    f"{planted.PLAIN_EMAIL}.",
    f"I have refunded the second charge. The receipt comes from {planted.PLAIN_ANSWER_EMAIL}.",
    input_tokens=1820,
    output_tokens=46,
    cache_read_tokens=1536,
    response_number=1,
)
STREAM: Final = Turn(
    "stream",
    "my itinerary",
    f"My name is {planted.STREAM_PERSON}, please send my itinerary to {planted.STREAM_PHONE}. Our API key is "
    f"{planted.STREAM_KEY}.",
    f"It is on its way; if nothing arrives, write to {planted.STREAM_ANSWER_EMAIL} and ask for a copy.",
    input_tokens=415,
    output_tokens=210,
    reasoning_tokens=128,
    response_number=2,
)
TOOL_REQUEST: Final = Turn(
    "tool_request",
    "find the booking",
    f"Please find the booking of {planted.TOOL_PERSON}.",
    "",
    input_tokens=1530,
    output_tokens=38,
    cache_write_tokens=1024,
    calls_tool=True,
    response_number=3,
)
TOOL_ANSWER: Final = Turn(
    "tool_answer",
    TOOL_REQUEST.marker,
    TOOL_REQUEST.user,
    f"The booking is confirmed. Please call {planted.TOOL_ANSWER_PHONE} to change it.",
    input_tokens=1655,
    output_tokens=52,
    cache_read_tokens=1024,
    response_number=4,
)
FAILING: Final = Turn(
    "failing",
    "lost luggage",
    "What about my lost luggage?",
    f"Invalid request: the key {planted.ERROR_KEY} of {planted.ERROR_EMAIL} may not use this model.",
    input_tokens=0,
    output_tokens=0,
    status=400,
    response_number=5,
)
RETRIEVAL: Final = Turn(
    "retrieval",
    "baggage allowance",
    "What is the baggage allowance?",
    f"Two bags of 23 kg. Questions are answered at {planted.DOCUMENT_ANSWER_PHONE}.",
    input_tokens=540,
    output_tokens=33,
    response_number=6,
)
OTHER: Final = Turn("other", "", "", "Understood.", input_tokens=100, output_tokens=4, response_number=7)
"""What a framework asks on its own account."""

EMBEDDING_TOKENS: Final = 24
TURNS: Final = (PLAIN, STREAM, TOOL_REQUEST, TOOL_ANSWER, FAILING, RETRIEVAL)


def turn_of(user_texts: list[str], *, has_tool_result: bool) -> Turn:
    """The turn that a request is: by the last of the user's texts that belongs to the scenario."""
    has_tool_result = has_tool_result or any(planted.TOOL_RESULT_PERSON in text for text in user_texts)
    for text in reversed(user_texts):
        for turn in TURNS:
            if turn.marker in text:
                return TOOL_ANSWER if turn is TOOL_REQUEST and has_tool_result else turn
    return OTHER


def chunks(text: str, size: int = 24) -> list[str]:
    """As a stream brings it: without regard to words or values."""
    return [text[at : at + size] for at in range(0, len(text), size)]
