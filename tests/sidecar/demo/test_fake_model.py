from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from openai import InternalServerError, NotFoundError, OpenAI, RateLimitError
from openai.types.chat import ChatCompletion

from sidecar.demo.chats import Chat, Reply
from sidecar.demo.fake_model import FakeModel

CHATS = (
    Chat("plain", "What is one and one?", (Reply("Two.", input_tokens=11, output_tokens=3),)),
    Chat("busy", "Are you busy?", (Reply("wait", status=429), Reply("No longer."))),
    Chat("broken", "Do you work?", (Reply("out of order", status=500),)),
    Chat("tool", "Where is it?", (Reply(tool_arguments={"email": "a@example.com"}), Reply("There."))),
)


@pytest.fixture(scope="module")
def model() -> Iterator[FakeModel]:
    with FakeModel(CHATS) as running:
        yield running


@pytest.fixture(scope="module")
def client(model: FakeModel) -> Iterator[OpenAI]:
    with OpenAI(base_url=model.base_url, api_key="none", max_retries=0, timeout=10) as client:
        yield client


def ask(client: OpenAI, question: str) -> ChatCompletion:
    return client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": question}])


def test_an_answer_has_text_and_usage(client: OpenAI) -> None:
    """The openai client reads the scripted text and token counts, and the model that was asked for."""
    completion = ask(client, "What is one and one?")
    assert completion.choices[0].message.content == "Two."
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model == "gpt-4o-mini"
    assert completion.usage is not None
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (11, 3)


def test_replies_come_in_turn_and_the_last_one_stays(client: OpenAI) -> None:
    """A rate limit first, then an answer, and the same answer from then on."""
    with pytest.raises(RateLimitError, match="wait"):
        ask(client, "Are you busy?")
    assert ask(client, "Are you busy?").choices[0].message.content == "No longer."
    assert ask(client, "Are you busy?").choices[0].message.content == "No longer."


def test_a_failure_is_a_server_error(client: OpenAI) -> None:
    """Status 500 reaches the client with the scripted message."""
    with pytest.raises(InternalServerError, match="out of order"):
        ask(client, "Do you work?")


def test_a_tool_call_has_its_arguments(client: OpenAI) -> None:
    """The call names the app's tool and carries JSON arguments."""
    choice = ask(client, "Where is it?").choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    call = choice.message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "find_order"
    assert json.loads(call.function.arguments) == {"email": "a@example.com"}


def test_an_unknown_chat_is_not_found(client: OpenAI) -> None:
    """A question that is in no script is a mistake of the demo, and shows as one."""
    with pytest.raises(NotFoundError):
        ask(client, "Who are you?")


def test_an_unknown_path_is_not_found(client: OpenAI) -> None:
    """Only chat completions are served."""
    with pytest.raises(NotFoundError):
        client.models.list()


def test_every_response_has_its_own_id(client: OpenAI) -> None:
    """Evaluations refer to a response by its id."""
    assert ask(client, "What is one and one?").id != ask(client, "What is one and one?").id
