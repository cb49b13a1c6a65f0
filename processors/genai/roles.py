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
    """The reasons of a judge or a guardrail, which often quote the answer."""
    RAW = auto()
    """A request or a response as a whole, or a dump of a program's state."""
    CHUNK = auto()
    """A piece of a streamed answer. A name that is cut in two shows in neither half, and the whole stands elsewhere."""

    # Text of programs, which may quote people, but is no part of a conversation.
    ERROR_TEXT = auto()
    """An error's message or stack trace."""
    HEADERS = auto()
    """Of requests and responses: keys, tokens, cookies."""
    STATEMENT = auto()
    """A database statement and its parameters, a command line, a log line."""
    URL = auto()
    """A URL, or the query part of one."""
    PERSONAL = auto()
    """By itself personal: a name, an e-mail address, a telephone number."""
    SCORE_DETAILS = auto()
    """Scores together with their reasons, in one JSON value."""

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
    TOK_IN_UNCACHED = auto()
    """The input without what was read from and written to a cache."""
    TOK_OTHER = auto()
    """A part of some other count, or a second spelling of it: not to be added."""
    TOK_AGGREGATE = auto()
    """Sums over several calls, of an agent or a trace: never to be priced."""
    USAGE = auto()
    """Several counts in one JSON object."""

    # Cost, in USD.
    COST = auto()
    COST_IN = auto()
    COST_OUT = auto()
    COST_DETAIL = auto()
    """A part of COST_IN or COST_OUT."""
    COST_AGGREGATE = auto()
    """A sum over several calls, or over time."""

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
    SCORE_TARGET = auto()
    """The id of what was scored."""
    SCORE_DIRECTION = auto()
    """Whether higher is better."""
    GUARDRAIL = auto()
    """A verdict of a guardrail: passed, blocked, by which rule."""

    # Whose call it is.
    USER_ID = auto()
    SESSION_ID = auto()
    AGENT = auto()
    TENANT = auto()
    TAGS = auto()
    ENVIRONMENT = auto()
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
        Role.RAW,
        Role.CHUNK,
    }
)
"""Attributes with these roles hold text that may be personal."""

TEXT_ROLES: Final = CONTENT_ROLES | {
    Role.ERROR_TEXT,
    Role.HEADERS,
    Role.STATEMENT,
    Role.URL,
    Role.PERSONAL,
    Role.SCORE_DETAILS,
}
"""Attributes with these roles are read as closely as content. Those that are no content stay where content is removed."""


class Standing(Enum):
    """What a key alone says about the text under it."""

    CONTENT = auto()
    """Text of a user, the application or the model."""
    TEXT = auto()
    """Text of a program, which may quote people."""
    KNOWN = auto()
    """Neither: a name, a count, an id."""
    UNKNOWN = auto()
    """No dialect knows the key."""


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
    STRINGIFIED = auto()
    """A Python repr: single quotes, None, True."""
    CUT_JSON = auto()
    """JSON that may end anywhere."""
    SECONDS = auto()
    MILLISECONDS = auto()
    NANOSECONDS = auto()
    TIMESTAMP = auto()
    """ISO 8601, at times in quotes of its own: a point in time, not a duration."""
    USD = auto()
    MICRO_USD = auto()
