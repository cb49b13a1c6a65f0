"""`prompts`: fingerprints of prompts and answers, and which traces keep their text.

The hashes are of the canonical text (`processors.genai.messages`), so the same chat has the same hash whatever
instrumentation recorded it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal, Self

import xxhash
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import Field, model_validator

from processors.genai.matcher import MATCHER
from processors.genai.message_shapes import Message
from processors.genai.messages import canonical_text, read_conversation
from processors.genai.model_call import read_model_call
from processors.genai.roles import CONTENT_ROLES
from processors.processor import Category, Report, Stamps
from processors.section import Section, StrictModel
from processors.values import Secret

PROMPT_HASH: Final = "genai_sidecar.prompt.hash"
SYSTEM_PROMPT_HASH: Final = "genai_sidecar.system_prompt.hash"
COMPLETION_HASH: Final = "genai_sidecar.completion.hash"

_SENTINEL: Final = re.compile(
    r"\s*(?:<REDACTED>|\[REDACTED\]|__REDACTED__|<elided>|<not serializable>|N/A|\{\}"
    r"|\[Scrubbed due to [^\]]*\]|@@@langfuseMedia:.*@@@)?\s*",
    re.DOTALL,
)
"""What instrumentations write where they hold content back: the same in every span, and no prompt."""

_RETENTION_SALT: Final = b"genai_sidecar.retain_content:"
"""Keeps the choice independent of sampling, which looks at the same trace id."""

Share = Annotated[float, Field(ge=0, le=1)]


class HashOptions(StrictModel):
    """How prompts are fingerprinted."""

    algorithm: Literal["xxh3_128", "sha256", "hmac-sha256"] = "xxh3_128"
    """xxh3_128 is the fastest, hmac-sha256 the one that cannot be tried out without the key."""
    of: Literal["scrubbed", "raw"] = "scrubbed"
    """raw: taken before personal data is replaced, so that prompts that differ in it only have different hashes; with
    hmac-sha256 alone."""
    key_file: str | None = None
    """Path of the file with the key for hmac-sha256, at least 32 bytes of text."""

    @model_validator(mode="after")
    def _keyed_where_it_must_be(self) -> Self:
        if self.of == "raw" and self.algorithm != "hmac-sha256":
            raise ValueError(
                f"of: raw needs algorithm: hmac-sha256, for short texts can be guessed from {self.algorithm} hashes"
            )
        if self.algorithm == "hmac-sha256" and not self.key_file:
            raise ValueError("algorithm: hmac-sha256 needs key_file")
        if self.key_file is not None and self.algorithm != "hmac-sha256":
            raise ValueError(f"key_file is for algorithm: hmac-sha256; {self.algorithm} takes no key")
        return self


class RetainContent(StrictModel):
    """Which share of kept traces keeps its text; the rest keep hashes, token counts and all else."""

    error: Share = 1.0
    """Of traces kept because something failed."""
    low_score: Share = 1.0
    """Of traces kept because of a score."""
    default: Share = 1.0
    """Of all other kept traces."""


class PromptsSection(Section):
    """Fingerprints of prompts and answers, and which traces keep their text."""

    hash: HashOptions = HashOptions()
    """How prompts are fingerprinted."""
    retain_content: RetainContent = RetainContent()
    """Which share of kept traces keeps its text."""


class PromptHash:
    """Writes the hashes of system prompt, prompt and completion on each span of one model call.

    Raises ValueError if the section asks for a keyed hash and there is no key.
    """

    def __init__(self, section: PromptsSection, key: Secret | None = None) -> None:
        self._digest = _digest(section.hash, key)

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    try:
                        self._span(span)
                    except Exception:  # noqa: BLE001, S112  # one bad span costs its hashes
                        continue

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        """A log record holds one message, not a prompt."""

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        """Metrics hold no prompts."""

    def _span(self, span: Span) -> None:
        call = read_model_call(span)
        if call is None or not call.is_single:
            return
        conversation = read_conversation(span)
        hashes = {
            PROMPT_HASH: self._hash(conversation.prompt),
            SYSTEM_PROMPT_HASH: self._hash(conversation.system),
            COMPLETION_HASH: self._hash(conversation.completion),
        }
        for attribute in span.attributes:
            text = hashes.pop(attribute.key, None)
            if text is not None:
                attribute.value.string_value = text
        for name, text in hashes.items():
            if text is not None:
                span.attributes.add(key=name).value.string_value = text

    def _hash(self, messages: Sequence[Message]) -> str | None:
        if all(_SENTINEL.fullmatch(message.text) for message in messages):
            return None
        return self._digest(canonical_text(messages).encode("utf-8", "surrogatepass"))


def _digest(options: HashOptions, key: Secret | None) -> Callable[[bytes], str]:
    match options.algorithm:
        case "xxh3_128":
            return xxhash.xxh3_128_hexdigest
        case "sha256":
            return lambda text: hashlib.sha256(text).hexdigest()
        case "hmac-sha256":
            if key is None or not key.reveal():
                raise ValueError("prompts.hash.key_file: hmac-sha256 needs a key, and there is none")
            secret = key.reveal().encode()
            return lambda text: hmac.digest(secret, text, "sha256").hex()


class ContentRetention:
    """Removes content from kept traces outside the share that keeps it.

    The choice depends on the trace id alone: every span and log record of a trace, on every replica, fares alike.
    Fails closed: a span or log record that cannot be walked loses all its attributes, events and its body.
    """

    def __init__(self, section: PromptsSection) -> None:
        shares = section.retain_content
        self._limits: dict[Category, int] = {
            "error": _limit(shares.error),
            "low_score": _limit(shares.low_score),
            "default": _limit(shares.default),
        }
        self._keeps_all = all(limit == 2**64 for limit in self._limits.values())

    def keeps(self, trace_id: bytes, category: Category) -> bool:
        """Whether a kept trace keeps its text."""
        return xxhash.xxh3_64_intdigest(_RETENTION_SALT + trace_id) < self._limits[category]

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        if self._keeps_all:
            return
        stripped = self._stripped(stamps)
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    if span.trace_id in stripped:
                        try:
                            _strip_span(span)
                        except Exception as error:  # noqa: BLE001  # see the class
                            del span.attributes[:], span.events[:]
                            report.scrub_failures[type(error).__name__] += 1

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        if self._keeps_all:
            return
        stripped = self._stripped(stamps)
        for group in request.resource_logs:
            for scope in group.scope_logs:
                for record in scope.log_records:
                    if record.trace_id in stripped:
                        try:
                            _strip_record(record)
                        except Exception as error:  # noqa: BLE001  # see the class
                            del record.attributes[:]
                            record.ClearField("body")
                            report.scrub_failures[type(error).__name__] += 1

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        """Metrics hold no prompts."""

    def _stripped(self, stamps: Stamps) -> frozenset[bytes]:
        return frozenset(trace_id for trace_id, stamp in stamps.items() if not self.keeps(trace_id, stamp.category))


def _limit(share: float) -> int:
    """Hashes below it are within the share."""
    return int(share * 2**64)


def _strip_span(span: Span) -> None:
    _strip(span.attributes, None)
    for event in span.events:
        _strip(event.attributes, event.name)


def _strip_record(record: LogRecord) -> None:
    name = record.event_name or next(
        (item.value.string_value for item in record.attributes if item.key == "event.name"), ""
    )
    _strip(record.attributes, name)
    if MATCHER.is_content_event(name):
        record.ClearField("body")


def _strip(attributes: Any, event: str | None) -> None:
    """Without content. Of a message event, only what is known to be none of the message stays."""
    going = [index for index, attribute in enumerate(attributes) if _goes(attribute.key, event)]
    for index in reversed(going):
        del attributes[index]


def _goes(key: str, event: str | None) -> bool:
    match = MATCHER.role(key, event)
    if match is None:
        return event is not None and MATCHER.is_content_event(event)
    return match.role in CONTENT_ROLES
