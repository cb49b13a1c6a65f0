"""LangWatch. Values are JSON `{type, value}`, cut at any depth with `... (truncated string)`. Evaluations are span events."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LANGWATCH: Final = Dialect(
    "langwatch",
    title="LangWatch",
    keys=(
        # Content
        Key("langwatch.input", Role.PROMPT, Format.JSON),
        Key("langwatch.output", Role.COMPLETION, Format.JSON),
        Key("langwatch.params", Role.PROMPT_VARS, Format.JSON),
        Key("langwatch.prompt.variables", Role.PROMPT_VARS, Format.JSON),
        Key("langwatch.rag_contexts", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("langwatch.rag.contexts", Role.RETRIEVAL_DOCS, Format.JSON),
        # Text of programs, and what is personal by itself
        Key(
            "json_encoded_event", Role.SCORE_DETAILS, Format.JSON, "langwatch.evaluation.custom"
        ),  # {name, passed, score, label, details}
        # Usage
        Key("langwatch.metrics", Role.USAGE, Format.JSON),  # {prompt_tokens, completion_tokens, cost}
        Key("gen_ai.usage.cached_input_tokens", Role.TOK_CACHE_READ, Format.INT),
        # The call
        Key("langwatch.timestamps", Role.TTFT, Format.JSON),  # {first_token_at}
        # Whose call it is
        Key("langwatch.user.id", Role.USER_ID, Format.PLAIN),
        Key("langwatch.thread.id", Role.SESSION_ID, Format.PLAIN),
        Key("langwatch.session.id", Role.SESSION_ID, Format.PLAIN),
        Key("langwatch.customer.id", Role.TENANT, Format.PLAIN),
        Key("langwatch.prompt.handle", Role.PROMPT_NAME, Format.PLAIN),
        Key("langwatch.prompt.id", Role.PROMPT_NAME, Format.PLAIN),
        Key("langwatch.prompt.version.number", Role.PROMPT_VERSION, Format.INT),
        Key("langwatch.prompt.version.id", Role.PROMPT_VERSION, Format.PLAIN),
    ),
    scopes=("langwatch*",),
    markers=("langwatch.*",),
)
