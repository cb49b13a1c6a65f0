"""What an attribute says about a model call, and how its value is written."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class Role(Enum):
    # Content: free text of users, applications and models.
    PROMPT = auto()
    """The history sent to the model, or a span's input."""
    COMPLETION = auto()
    """What the model answered, or a span's output."""
    SYSTEM_PROMPT = auto()
    TOOL_ARGS = auto()
    TOOL_RESULT = auto()
    TOOL_DEFS = auto()
    """Definitions and descriptions of tools and agents."""
    PROMPT_TEMPLATE = auto()
    PROMPT_VARS = auto()
    RETRIEVAL_QUERY = auto()
    RETRIEVAL_DOCS = auto()
    EMBEDDING_TEXT = auto()
    """Text that is embedded, or its vector, from which text can be guessed."""
    MEMORY = auto()
    MEDIA = auto()
    """Images, audio, video, documents: data URIs, base64, links, transcripts."""
    METADATA = auto()
    """Free-form fields of the application's own; nobody knows what is in them."""
    SCORE_EXPLANATION = auto()
    """A judge's reasons, which often quote the answer."""

    # A pointer to content that lies outside the telemetry.
    CONTENT_REF = auto()

    # Usage, in tokens.
    TOK_IN = auto()
    TOK_OUT = auto()
    TOK_TOTAL = auto()
    TOK_CACHE_READ = auto()
    TOK_CACHE_WRITE = auto()
    TOK_REASONING = auto()
    TOK_AUDIO_IN = auto()
    TOK_AUDIO_OUT = auto()
    TOK_AUDIO_CACHE_READ = auto()
    TOK_MODALITY = auto()
    """Other parts of the counts above, by modality."""

    # Cost, in USD.
    COST = auto()
    COST_IN = auto()
    COST_OUT = auto()
    COST_DETAIL = auto()
    """A part of COST_IN or COST_OUT."""

    # The call itself.
    MODEL_REQ = auto()
    MODEL_RESP = auto()
    PROVIDER = auto()
    OP = auto()
    FINISH = auto()
    TTFT = auto()
    """Time to the first token or chunk."""
    ERROR = auto()

    # Quality.
    SCORE = auto()
    SCORE_NAME = auto()
    SCORE_LABEL = auto()

    # Whose call it is.
    USER_ID = auto()
    SESSION_ID = auto()
    AGENT = auto()
    TENANT = auto()
    TAGS = auto()
    PROMPT_NAME = auto()
    PROMPT_VERSION = auto()

    MISC = auto()


CONTENT_ROLES: Final = frozenset(
    {
        Role.PROMPT,
        Role.COMPLETION,
        Role.SYSTEM_PROMPT,
        Role.TOOL_ARGS,
        Role.TOOL_RESULT,
        Role.TOOL_DEFS,
        Role.PROMPT_TEMPLATE,
        Role.PROMPT_VARS,
        Role.RETRIEVAL_QUERY,
        Role.RETRIEVAL_DOCS,
        Role.EMBEDDING_TEXT,
        Role.MEMORY,
        Role.MEDIA,
        Role.METADATA,
        Role.SCORE_EXPLANATION,
    }
)
"""Attributes with these roles hold text that may be personal."""


class Format(Enum):
    """How instrumentations are known to write a value. A hint: readers accept any other."""

    PLAIN = auto()
    JSON = auto()
    """JSON in a string, or the same as a structured AnyValue."""
    PLAIN_OR_JSON = auto()
    JSON_MESSAGES = auto()
    """A list of `{role, parts | content}`, as JSON in a string or as a structured AnyValue."""
    JSON_PARTS = auto()
    """A list of `{type, content}`, written as JSON_MESSAGES are."""
    DATA_URI = auto()
    URI = auto()
    STRING_ARRAY = auto()
    DOUBLE_ARRAY = auto()
    INT = auto()
    DOUBLE = auto()
    BOOL = auto()
    SECONDS = auto()
    USD = auto()
