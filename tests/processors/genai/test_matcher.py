from __future__ import annotations

import subprocess
import sys

import pytest

from processors.genai.dialects import DIALECTS, Dialect, Key
from processors.genai.matcher import MATCHER, Matcher, keys_of
from processors.genai.memo import KeyMemo
from processors.genai.roles import CONTENT_ROLES, Format, Role

CONTENT = {
    "gen_ai.input.messages": Role.PROMPT,
    "gen_ai.output.messages": Role.COMPLETION,
    "gen_ai.system_instructions": Role.SYSTEM_PROMPT,
    "gen_ai.prompt": Role.PROMPT,
    "gen_ai.completion": Role.COMPLETION,
    "gen_ai.prompt.variable.customer": Role.PROMPT_VARS,
    "gen_ai.prompt.variable.a.b": Role.PROMPT_VARS,
    "gen_ai.tool.call.arguments": Role.TOOL_ARGS,
    "gen_ai.tool.call.result": Role.TOOL_RESULT,
    "gen_ai.evaluation.explanation": Role.SCORE_EXPLANATION,
    "input.value": Role.PROMPT,
    "output.value": Role.COMPLETION,
    "llm.input_messages.0.message.content": Role.PROMPT,
    "llm.input_messages.12.message.contents.3.message_content.text": Role.PROMPT,
    "llm.output_messages.0.message.content": Role.COMPLETION,
    "llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments": Role.TOOL_ARGS,
    "llm.output_messages.1.message.function_call_arguments_json": Role.TOOL_ARGS,
    "llm.input_messages.0.message.contents.1.message_content.image.image.url": Role.MEDIA,
    "retrieval.documents.4.document.content": Role.RETRIEVAL_DOCS,
    "embedding.embeddings.0.embedding.text": Role.EMBEDDING_TEXT,
    "metadata": Role.METADATA,
    "metadata.user.note": Role.METADATA,
    "trace.annotations.0.annotation.explanation": Role.SCORE_EXPLANATION,
}

NOT_CONTENT = (
    "gen_ai.prompt.name",
    "gen_ai.prompt.version",
    "gen_ai.prompt.hash",
    "gen_ai.prompt.id",
    "gen_ai.prompt.0.role",
    "gen_ai.completion.0.finish_reason",
    "gen_ai.completion.0.role",
    "gen_ai.input.messages_ref",
    "gen_ai.output.type",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.cost",
    "gen_ai.request.model",
    "gen_ai.tool.name",
    "llm.token_count.prompt",
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.completion",
    "llm.cost.prompt",
    "llm.prompt_template.version",
    "llm.model_name",
    "llm.input_messages.0.message.role",
    "llm.input_messages.x.message.content",
    "llm.output_messages.0.message.tool_calls.0.tool_call.id",
    "input.mime_type",
    "retrieval.documents.0.document.score",
    "retrieval.documents.0.document.id",
    "evaluations.0.evaluation.score",
    "genai_sidecar.prompt.hash",
    "genai_sidecar.completion.hash",
    "content",
    "message",
    "service.name",
    "",
)


@pytest.mark.parametrize(("key", "role"), CONTENT.items())
def test_content_is_found(key: str, role: Role) -> None:
    """In every dialect, at any index."""
    match = MATCHER.role(key)
    assert match is not None
    assert match.role is role
    assert MATCHER.is_content(key)


@pytest.mark.parametrize("key", NOT_CONTENT)
def test_metadata_beside_content_is_not_content(key: str) -> None:
    """Counts, names, versions and roles share prefixes with content, and nothing else."""
    assert not MATCHER.is_content(key)


def test_every_listed_key_is_found() -> None:
    """No entry is hidden behind another one of a different kind; one of another role only under other words for the same."""
    hidden = set()
    for dialect in DIALECTS:
        roles = MATCHER.for_scope(dialect.scopes[0].replace("*", "x") if dialect.scopes else "")
        for key in dialect.keys:
            example = key.pattern.replace("*_messages", "input_messages").replace("#", "3").replace("*", "x")
            event = key.event and key.event.replace("*", "x")
            match = roles.role(example, event)
            if match is None or match.role is not key.role:
                hidden.add((dialect.name, key.pattern, match and match.dialect))
            assert roles.is_content(example, event) is (key.role in CONTENT_ROLES), (dialect.name, key)
    assert hidden == set()


def test_bare_keys_need_their_event() -> None:
    """`content` is a word like any other, unless the event says that it is a message."""
    assert MATCHER.is_content("content", "gen_ai.user.message")
    assert MATCHER.is_content("message", "gen_ai.choice")
    assert not MATCHER.is_content("content", "cache.hit")
    assert not MATCHER.is_content("finish_reason", "gen_ai.choice")


def test_keys_without_an_event_hold_in_every_event() -> None:
    """Content keys turn up on span events and log records too."""
    assert MATCHER.is_content("gen_ai.input.messages", "gen_ai.client.inference.operation.details")
    assert MATCHER.is_content("gen_ai.prompt", "gen_ai.user.message")
    assert not MATCHER.is_content("gen_ai.system", "gen_ai.user.message")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gen_ai.user.message", True),
        ("gen_ai.system.message", True),
        ("gen_ai.assistant.message", True),
        ("gen_ai.tool.message", True),
        ("gen_ai.choice", True),
        ("gen_ai.content.prompt", True),
        ("gen_ai.evaluation.result", False),
        ("exception", False),
        ("", False),
    ],
)
def test_message_events(name: str, expected: bool) -> None:  # noqa: FBT001  # a table's column
    """Their bodies are content; other events' are not known to be."""
    assert MATCHER.is_content_event(name) is expected


def test_exact_keys_come_before_patterns_and_then_the_first_wins() -> None:
    """So that one exception can be listed beside a wide pattern."""
    matcher = Matcher(
        [
            Dialect("a", keys=(Key("x.*", Role.PROMPT, Format.PLAIN),)),
            Dialect("b", keys=(Key("x.name", Role.MISC, Format.PLAIN), Key("x.#", Role.MEDIA, Format.PLAIN))),
        ]
    )
    assert matcher.is_content("x.1")
    match = matcher.role("x.1")
    assert match is not None
    assert match[:3] == (Role.PROMPT, Format.PLAIN, "a")
    assert not matcher.is_content("x.name")


def test_usage_is_believed_in_the_order_of_the_dialects() -> None:
    """Current conventions before older ones before OpenInference."""
    keys = keys_of(Role.TOK_IN)
    assert keys[:3] == ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")


def test_keys_that_clients_invent_do_not_fill_the_memory() -> None:
    """The memo holds a bounded number of keys, and none of great length; the answers stay right."""
    computed: list[str] = []

    def length(key: str) -> int:
        computed.append(key)
        return len(key)

    memo = KeyMemo(length)
    assert memo["abc"] == memo["abc"] == 3
    assert computed == ["abc"]
    for number in range(40_000):
        assert memo[f"key.{number}"] == len(f"key.{number}")
    assert memo["x" * 10_000] == 10_000
    assert len(memo) <= 16 * 1024
    assert all(len(key) <= 256 for key in memo)


def test_reading_spans_loads_no_price_list_and_no_language_model() -> None:
    """The process that takes in telemetry imports this package, and must stay small."""
    modules = ("matcher", "model_call", "conversation.read", "scores")
    script = "".join(f"import processors.genai.{module}\n" for module in modules) + (
        "import sys\n"
        "heavy = {'genai_prices', 'spacy', 'presidio_analyzer', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=50)  # noqa: S603  # our own interpreter


def test_a_bare_key_counts_only_behind_its_scope() -> None:
    """`input` is anything's name; under the scope of its instrumentation it is a prompt. Other scopes stay as they were."""
    dialect = Dialect(
        "bare",
        keys=(Key("input", Role.PROMPT, Format.PLAIN, scoped=True), Key("bare.input", Role.PROMPT, Format.PLAIN)),
        scopes=("bare.*", "bare-js"),
    )
    matcher = Matcher((dialect,))
    for scope in ("bare.agents", "bare-js"):
        assert matcher.for_scope(scope).is_content("input")
    for scope in ("", "bare", "other.bare.agents"):
        assert not matcher.for_scope(scope).is_content("input")
        assert matcher.for_scope(scope).is_content("bare.input")
    assert not matcher.is_content("input")
    assert matcher.for_scope("bare.a") is matcher.for_scope("bare.b")


def test_the_rank_is_the_order_of_the_tables() -> None:
    """Where a span speaks several dialects, the earlier table is believed."""
    first = Dialect("a", keys=(Key("a.1", Role.MODEL_REQ, Format.PLAIN), Key("a.2", Role.MODEL_REQ, Format.PLAIN)))
    second = Dialect("b", keys=(Key("b.#", Role.MODEL_REQ, Format.PLAIN),))
    matcher = Matcher((first, second))
    matches = [matcher.role(key) for key in ("a.1", "a.2", "b.0")]
    ranks = [match.rank for match in matches if match is not None]
    assert len(ranks) == 3
    assert ranks == sorted(set(ranks))
