"""A local stand-in for an OpenAI-compatible endpoint: `POST /v1/chat/completions`, scripted, without a key."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import uvicorn

from sidecar.demo.chats import Chat, Reply

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_PATH: Final = "/v1/chat/completions"
_STOP_TIMEOUT_S: Final = 10.0


class Script:
    """Gives each chat's replies in turn; a chat is known by its user's question."""

    def __init__(self, chats: Sequence[Chat]) -> None:
        self._chats = {chat.question: chat for chat in chats}
        self._turns: Counter[str] = Counter()

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """HTTP status and body for one request; the last reply of a chat is repeated, an unknown chat is a 404."""
        question = next((m["content"] for m in request["messages"] if m["role"] == "user"), "")
        chat = self._chats.get(question)
        if chat is None:
            return 404, _error("there is no such chat", "not_found")
        turn = self._turns[question]
        self._turns[question] += 1
        reply = chat.replies[min(turn, len(chat.replies) - 1)]
        if reply.status != 200:
            return reply.status, _error(reply.text, "rate_limit_exceeded" if reply.status == 429 else "server_error")
        return 200, _completion(reply, request["model"], f"chatcmpl-{self._turns.total():04d}")


def _error(message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": code, "code": code, "param": None}}


def _completion(reply: Reply, model: str, response_id: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.tool_arguments is not None:
        function = {"name": "find_order", "arguments": json.dumps(reply.tool_arguments)}
        message["tool_calls"] = [{"id": f"call_{response_id}", "type": "function", "function": function}]
    return {
        "id": response_id,
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if reply.tool_arguments else "stop"}
        ],
        "usage": {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def model_app(script: Script) -> Callable[[_Message, _Receive, _Send], Awaitable[None]]:
    """The endpoint as an ASGI application."""

    async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if (scope["method"], scope["path"]) == ("POST", _PATH):
            status, answer = script.answer(json.loads(body))
        else:
            status, answer = 404, _error("only chat completions are served", "not_found")
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    return app


class FakeModel:
    """Serves a script on a free port of 127.0.0.1 while the context lasts."""

    def __init__(self, chats: Sequence[Chat]) -> None:
        config = uvicorn.Config(
            model_app(Script(chats)), lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        # The protocol is named because asyncio switches Nagle's delay off only where it is.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="fake-model", daemon=True
        )

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as `base_url`."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    def __enter__(self) -> Self:
        self._socket.bind(("127.0.0.1", 0))
        # Listening from here on: a client that comes before the server runs waits instead of being refused.
        self._socket.listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_TIMEOUT_S)
        self._socket.close()
