from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest
import yaml

from processors.genai.dialects import BY_NAME, DIALECTS, Dialect
from processors.genai.matcher import MATCHER, Roles
from processors.genai.roles import Format, Role, Standing

WRITTEN: Final[dict[str, dict[str, list[str]]]] = yaml.safe_load(
    Path(__file__).with_name("dialect_keys.yaml").read_text(encoding="utf-8")
)

CLOSER_THAN_WRITTEN: Final = {
    "messages of errors quote what failed": """
        gen_ai.guardrail.error.message langfuse.observation.status_message pydantic_ai.tool.retry.cause error error.message
        litellm.provider.error.stack_trace gen_ai.framework.error.message crewai.tool.failure.reason
        crewai.tool.failure.message ai.observability.*.error
    """,
    "guardrails quote what they found": """
        litellm.guardrail.response guardrail_response guard.explanation crewai.guardrail.result crewai.guardrail.error
        crewai.guardrail.description crewai.policy.reason gen_ai.guardrail.result gen_ai.guardrail.modified_output
        guardrail.reasons guardrails.rail.reason
    """,
    "reasons stand beside the scores": "json_encoded_event braintrust.scores scores assertions labels",
    "personal by itself": "user.email respan.customer_params.email respan.customer_params.name",
    "metadata of the application's own": "langfuse_metadata_*",
    "a participant's name, or a function's": "llm.*_messages.#.message.name",
    "a path or a query may name somebody": "mcp.resource.uri",
    "a description, wherever it stands": "gen_ai.agent.description",
}
"""Keys that their dialect writes as signals, and that are read as closely as content all the same; and why."""

LESS_THAN_WRITTEN: Final = {
    "the name of a tool": "gen_ai.tool.name",
    "numbers only": "lk.llm_metrics lk.tts_metrics lk.realtime_model_metrics",
}

NEVER_CONTENT = """
    gen_ai.prompt.name gen_ai.prompt.version gen_ai.prompt.hash gen_ai.prompt.id gen_ai.prompt.length
    gen_ai.prompt.template_id gen_ai.completion.3.finish_reason gen_ai.completion.3.role gen_ai.prompt.3.role
    gen_ai.prompt.3.tool_call_id gen_ai.usage.prompt_tokens llm.token_count.prompt llm.token_count.prompt_details.audio
    gen_ai.output.type gen_ai.input.messages_ref input.mime_type ai.prompt.id ai.response.id ai.response.finishReason
    ai.usage.promptTokens langfuse.observation.prompt.name langfuse.observation.prompt.version
    langfuse.observation.completion_start_time langfuse.experiment.item.id traceloop.prompt.key traceloop.prompt.version
    traceloop.entity.name langwatch.prompt.handle confident.span.prompt_alias ai.observability.prompt.id
    crewai.task.output.truncated crewai.task.output.original_size_bytes openinference.span.kind mlflow.spanType
"""
"""Metadata under a prefix of content."""

BARE = """
    all_messages_events arguments body chunks content diff embeddings error events expected_output file_path final_result
    full_command function_args hidden_params hook_definitions input inputs message messages model_request_parameters
    new_context nodes output prompt query request_data request_text response response_data response_text system
    system_instruction system_prompt_preview system_reminders template text text_output tool_arguments tool_input
    tool_parameters tool_response tools tools_serialized transcript user_prompt user_system_prompt
"""
"""Words that mean content in one dialect and anything elsewhere."""


def scope_of(dialect: Dialect) -> str:
    return dialect.scopes[0].replace("*", "x") if dialect.scopes else ""


def standing(roles: Roles, entry: str) -> Standing:
    """Of an entry `key @ event` of the list; in an event that is a message, what is unknown is content."""
    key, _, event = entry.replace("*_messages", "input_messages").replace("#", "3").replace("*", "x").partition(" @ ")
    found = roles.standing(key, event or None)
    return Standing.CONTENT if found is Standing.UNKNOWN and roles.is_content_event(event) else found


@pytest.mark.parametrize("name", WRITTEN)
def test_every_key_that_instrumentations_write_is_known_for_what_it_is(name: str) -> None:
    """Content and what is as personal on one side, names, counts and verdicts on the other; exceptions have a reason."""
    roles = MATCHER.for_scope(scope_of(BY_NAME[name]))
    closer = {key for keys in CLOSER_THAN_WRITTEN.values() for key in keys.split()}
    less = {key for keys in LESS_THAN_WRITTEN.values() for key in keys.split()}
    read = {Standing.CONTENT, Standing.TEXT}
    for entry in WRITTEN[name].get("content", []):
        assert (standing(roles, entry) in read) is (entry not in less), entry
    for entry in WRITTEN[name].get("other", []):
        expected = read if entry.partition(" @ ")[0] in closer else {Standing.KNOWN}
        assert standing(roles, entry) in expected, entry


def test_the_list_is_of_all_dialects() -> None:
    """Those of the tables that are not on it: Sentry, Bedrock, what is no dialect, and costs that many report."""
    assert len(WRITTEN) == 65
    assert {dialect.name for dialect in DIALECTS} - WRITTEN.keys() == {"sentry", "bedrock", "general", "reported_cost"}
    assert sum(len(keys) for kinds in WRITTEN.values() for keys in kinds.values()) > 1500


def test_no_two_tables_disagree_about_content() -> None:
    """A key is listed once under any scope, so that it cannot be content here and none there."""
    places: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for dialect in DIALECTS:
        for key in dialect.keys:
            if not key.scoped:
                places[key.pattern, key.event].append(dialect.name)
    assert {place: names for place, names in places.items() if len(names) > 1} == {}


@pytest.mark.parametrize("key", NEVER_CONTENT.split())
def test_metadata_under_a_prefix_of_content_is_none(key: str) -> None:
    """Under any scope: a name, an id, a count or a verdict that is scrubbed or removed is lost to everybody after us."""
    for dialect in DIALECTS:
        assert MATCHER.for_scope(scope_of(dialect)).standing(key) not in {Standing.CONTENT, Standing.TEXT}, dialect.name


@pytest.mark.parametrize("key", BARE.split())
def test_bare_words_need_a_scope_or_an_event(key: str) -> None:
    """Without, they are anybody's."""
    assert MATCHER.standing(key) is Standing.UNKNOWN
    assert (
        any(MATCHER.for_scope(scope_of(each)).is_content(key) for each in DIALECTS)
        or any(listed.event for each in DIALECTS for listed in each.keys if listed.pattern.partition("*")[0] == key)
        or key == "error"
    )


@pytest.mark.parametrize(
    ("scope", "key", "event", "role"),
    [
        ("pydantic-ai", "final_result", None, Role.COMPLETION),
        ("logfire.openai", "request_data", None, Role.PROMPT),
        ("pipecat", "transcript", None, Role.PROMPT),
        ("com.anthropic.claude_code.events", "prompt", "user_prompt", Role.PROMPT),
        ("com.anthropic.claude_code.tracing", "tool_input", None, Role.TOOL_ARGS),
        ("com.anthropic.claude_code.tracing", "output", "tool.output", Role.TOOL_RESULT),
        ("anything", "prompt", "codex.user_prompt", Role.PROMPT),
        ("anything", "request_text", "gemini_cli.api_request", Role.PROMPT),
        ("litellm", "llm.anthropic.messages", None, Role.PROMPT),
        ("litellm", "llm.openai.service_tier", None, Role.RAW),
        ("litellm", "llm.token_count.prompt", None, Role.TOK_IN),
        ("litellm", "llm.token_count.made_up", None, Role.MISC),
        ("litellm", "llm.input_messages.0.message.content", None, Role.PROMPT),
        ("openlit.instrumentation.chroma", "db.statement", None, Role.RETRIEVAL_QUERY),
        ("opentelemetry.instrumentation.psycopg2", "db.statement", None, Role.STATEMENT),
        ("anything", "messages", "LLMChatStartEvent", Role.PROMPT),
        ("anything", "response.text", "LLMCompletionEndEvent", Role.COMPLETION),
        ("anything", "nodes", "RetrievalEndEvent", Role.RETRIEVAL_DOCS),
        ("@voltagent/core", "input", None, Role.PROMPT),
    ],
)
def test_what_a_key_is_depends_on_scope_and_event(scope: str, key: str, event: str | None, role: Role) -> None:
    """The same word is a prompt here and a tool's result there."""
    match = MATCHER.for_scope(scope).role(key, event)
    assert match is not None
    assert match.role is role


@pytest.mark.parametrize(
    ("scope", "key", "unit"),
    [
        ("", "gen_ai.response.time_to_first_chunk", Format.SECONDS),
        ("", "ai.response.msToFirstChunk", Format.MILLISECONDS),
        ("", "gen_ai.response.time_to_first_token", Format.NANOSECONDS),
        ("", "langfuse.observation.completion_start_time", Format.TIMESTAMP),
        ("", "gen_ai.server.time_to_first_token", Format.SECONDS),
        ("strands.telemetry.tracer", "gen_ai.server.time_to_first_token", Format.MILLISECONDS),
        ("com.anthropic.claude_code.tracing", "ttft_ms", Format.MILLISECONDS),
    ],
)
def test_times_to_the_first_token_have_their_unit(scope: str, key: str, unit: Format) -> None:
    """One key has two units, told apart by the scope."""
    match = MATCHER.for_scope(scope).role(key)
    assert match is not None
    assert (match.role, match.format) == (Role.TTFT, unit)


def test_dialects_that_count_the_cache_beside_the_input() -> None:
    """And the one that counts reasoning beside the output. All others keep parts within the whole."""
    assert {each.name for each in DIALECTS if each.cache_beside_input} == {
        "bedrock",
        "claude_code",
        "judgment",
        "langfuse",
    }
    assert {each.name for each in DIALECTS if each.reasoning_beside_output} == {"gemini_cli"}


@pytest.mark.parametrize(
    ("scope", "speaker"),
    [
        ("openinference.instrumentation.langchain", "openinference"),
        ("opentelemetry.instrumentation.openai.v1", "openllmetry"),
        ("opentelemetry.instrumentation.openai_v2", "otel"),
        ("langfuse-sdk", "langfuse"),
        ("ai", "vercel_ai"),
        ("strands.telemetry.tracer", "strands"),
    ],
)
def test_a_scope_tells_its_dialect(scope: str, speaker: str) -> None:
    """So that what is unknown under it is known to be about model calls."""
    assert speaker in {dialect.name for dialect in MATCHER.for_scope(scope).speakers}


@pytest.mark.parametrize("scope", ["", "opentelemetry.instrumentation.requests", "app", "aiohttp", "com.example.ai"])
def test_other_scopes_speak_none(scope: str) -> None:
    """Long attributes of a web framework are not counted as content that a table misses."""
    assert MATCHER.for_scope(scope).speakers == ()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("gen_ai.anything.new", True),
        ("ai.operationId", True),
        ("langfuse.new", True),
        ("genkit:new", True),
        ("http.request.method", False),
        ("db.statement", False),
        ("user.id", False),
        ("input", False),
    ],
)
def test_markers_tell_a_model_call_under_any_scope(key: str, expected: bool) -> None:  # noqa: FBT001  # a table's column
    """A new key of a known family is enough."""
    assert MATCHER.is_marker(key) is expected


def test_the_page_of_dialects_lists_them_all() -> None:
    """docs/processors/dialects.md names each table, who writes it and how it is recognised, in the tables' order."""
    page = (Path(__file__).parents[3] / "docs" / "processors" / "dialects.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [row_of(dialect) for dialect in DIALECTS]


def row_of(dialect: Dialect) -> str:
    names = [f"`{name}`" for name in (*dialect.scopes[:3], *dialect.markers[:3])]
    more = ", …" if len(names) < len(dialect.scopes) + len(dialect.markers) else ""
    return f"| `{dialect.name}` | {dialect.title} | {', '.join(names) + more or 'its keys'} |"
