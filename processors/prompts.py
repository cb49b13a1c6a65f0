"""`prompts`: fingerprints of prompts and answers, and which traces keep their text.

The hashes are of the canonical text (`processors.genai.conversation`), so the same chat has the same hash whatever
instrumentation recorded it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

import xxhash
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import Field, model_validator

from processors.genai.conversation import events
from processors.genai.conversation.decode import is_cut
from processors.genai.conversation.heard import Heard
from processors.genai.conversation.message import Message, canonical_text
from processors.genai.conversation.read import READER, Conversation
from processors.genai.conversation.template import skeleton
from processors.genai.event_names import log_event_name, span_event_name
from processors.genai.matcher import MATCHER, Match, Roles
from processors.genai.model_call import read_model_call
from processors.genai.roles import Role, Standing
from processors.pii.hints import is_identifier
from processors.pii.slots import looks_like_content_value
from processors.processor import Category, Report, Stamps, SystemPrompt
from processors.section import Section, StrictModel
from processors.values import Secret

PROMPT_HASH: Final = "genai_sidecar.prompt.hash"
SYSTEM_PROMPT_HASH: Final = "genai_sidecar.system_prompt.hash"
COMPLETION_HASH: Final = "genai_sidecar.completion.hash"
TOOLS_HASH: Final = "genai_sidecar.tool_definitions.hash"
TEMPLATE_HASH: Final = "genai_sidecar.prompt.template.hash"
MESSAGE_HASH: Final = "genai_sidecar.message.hash"
PROMPT_LENGTH: Final = "genai_sidecar.prompt.length"
SYSTEM_PROMPT_LENGTH: Final = "genai_sidecar.system_prompt.length"
COMPLETION_LENGTH: Final = "genai_sidecar.completion.length"
MESSAGE_LENGTH: Final = "genai_sidecar.message.length"
PROMPT_NAME: Final = "gen_ai.prompt.name"
PROMPT_VERSION: Final = "gen_ai.prompt.version"

_SENTINEL: Final = re.compile(
    r"\s*(?:<REDACTED>|\[REDACTED\]|__REDACTED__|<elided>|<not serializable>|N/A|\{\}"
    r"|\[Scrubbed due to [^\]]*\]|@@@langfuseMedia:.*@@@)?\s*",
    re.DOTALL,
)
"""What instrumentations write where they hold content back: the same in every span, and no prompt."""

_NUMBERS: Final = frozenset({"bool_value", "int_value", "double_value"})

_MAX_FORMS: Final = 1024
_MAX_TEMPLATE_CHARS: Final = 4096
"""Of what a user said first: what follows are rarely an application's own words."""

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


class Drift(StrictModel):
    """A log event when a service starts to send a system prompt that was never seen before."""

    enabled: bool = True
    """Whether there are such events."""
    max_per_hour: Annotated[int, Field(ge=1, le=3600)] = 20
    """Events in an hour, of all services; what is beyond is counted and remembered, but not sent."""


class PromptsSection(Section):
    """Fingerprints of prompts and answers, and which traces keep their text."""

    hash: HashOptions = HashOptions()
    """How prompts are fingerprinted."""
    retain_content: RetainContent = RetainContent()
    """Which share of kept traces keeps its text."""
    drift: Drift = Drift()
    """A log event when a service starts to send a system prompt that was never seen before."""


class _Hashes(NamedTuple):
    values: dict[str, str | int]
    """By attribute key."""
    system_form: str
    """Of the system prompt's skeleton; empty where there is no system prompt, or nobody wants to hear of new ones."""


class PromptHash:
    """Writes hashes and lengths of what was said on each span of one model call, and on log records that are messages.

    A span that holds nothing of its conversation has the hashes of what log records said about it, if these came first
    (`processors.genai.conversation.heard`).

    Raises ValueError if the section asks for a keyed hash and there is no key.
    """

    def __init__(self, section: PromptsSection, key: Secret | None = None) -> None:
        self._digest = _digest(section.hash, key)
        self._reports_system_prompts = section.drift.enabled
        self._forms: dict[str, str | None] = {}
        self._heard: Heard[_Hashes] = Heard(self._of)

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        for group in request.resource_spans:
            service = _service(group.resource.attributes)
            for scope in group.scope_spans:
                for span in scope.spans:
                    try:
                        self._span(span, scope.scope.name, service, report)
                    except Exception:  # noqa: BLE001, S112  # one bad span costs its hashes
                        continue

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        for group in request.resource_logs:
            for scope in group.scope_logs:
                for record in scope.log_records:
                    try:
                        self._record(record, scope.scope.name)
                    except Exception:  # noqa: BLE001, S112  # one bad record costs its hashes
                        continue
        self._heard.end_batch()

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        """Metrics hold no prompts."""

    def _span(self, span: Span, scope: str, service: str, report: Report) -> None:
        call = read_model_call(span, scope)
        if call is None or not call.is_single:
            return
        conversation = READER.span(span, scope)
        values, form = self._of(conversation)
        if not (conversation.prompt or conversation.completion or conversation.system):
            heard = self._heard.about(
                span.trace_id + span.span_id, scope, choices=len(call.finish_reasons), failed=call.error is not None
            )
            if heard is not None:
                values, form = heard.values | values, heard.system_form
        if self._reports_system_prompts and SYSTEM_PROMPT_HASH in values:
            report.system_prompts.add(SystemPrompt(service, form, str(values[SYSTEM_PROMPT_HASH])))
        _write(span.attributes, values)
        # Under the standard keys where the dialect has keys of its own; what is there stays.
        names = {PROMPT_NAME: call.prompt_name, PROMPT_VERSION: call.prompt_version}
        there = {item.key for item in span.attributes}
        _write(span.attributes, {key: text for key, text in names.items() if text and key not in there})

    def _record(self, record: LogRecord, scope: str) -> None:
        event = log_event_name(record)
        if event is None:
            return
        conversation = READER.record(record, event, scope)
        if conversation is not None:
            hashes = self._of(conversation)
            self._heard.conversation(record, scope, conversation, hashes)
            _write(record.attributes, dict(hashes.values))
        elif event in events.ROLES:
            try:
                message = events.of_record(record, event)
            except Exception:  # noqa: BLE001  # one bad record costs its hash, and those of its conversation
                message = None
            self._heard.message(record, scope, event, message)
            if message:
                _write(record.attributes, self._pair(MESSAGE_HASH, MESSAGE_LENGTH, message))

    def _of(self, conversation: Conversation) -> _Hashes:
        values: dict[str, str | int] = {
            **self._pair(PROMPT_HASH, PROMPT_LENGTH, conversation.prompt),
            **self._pair(SYSTEM_PROMPT_HASH, SYSTEM_PROMPT_LENGTH, conversation.system),
            **self._pair(COMPLETION_HASH, COMPLETION_LENGTH, conversation.completion),
        }
        if conversation.tools:
            values[TOOLS_HASH] = self._hash_text(conversation.tools)
        if form := self._form(_template(conversation), conversation.variables):
            values[TEMPLATE_HASH] = form
        system_form = None
        if self._reports_system_prompts and SYSTEM_PROMPT_HASH in values:
            system_form = self._form(_text(conversation.system), conversation.variables)
        return _Hashes(values, system_form or "")

    def _form(self, text: str, variables: Sequence[str]) -> str | None:
        """The hash of a text's skeleton; None where nothing is left of it.

        Remembered: a service sends the same system prompt with every call, and this takes 80 µs for each 1,000 characters.
        """
        key = "" if variables else xxhash.xxh3_128_hexdigest(text.encode("utf-8", "surrogatepass"))
        if key not in self._forms:
            form = skeleton(text, variables)
            found = self._hash_text(form) if form.strip("{}") else None
            if not key:
                return found
            if len(self._forms) >= _MAX_FORMS:
                self._forms.clear()
            self._forms[key] = found
        return self._forms[key]

    def _pair(self, hash_key: str, length_key: str, messages: Sequence[Message]) -> dict[str, str | int]:
        """Nothing of what was held back, or is not there as a whole."""
        if all(_SENTINEL.fullmatch(message.text) for message in messages) or any(is_cut(text) for _, text in messages):
            return {}
        return {
            hash_key: self._hash_text(canonical_text(messages)),
            length_key: sum(len(message.text) for message in messages),
        }

    def _hash_text(self, text: str) -> str:
        return self._digest(text.encode("utf-8", "surrogatepass"))


def _service(attributes: Iterable[KeyValue]) -> str:
    return next((item.value.string_value for item in attributes if item.key == "service.name"), "")


def _text(messages: Iterable[Message]) -> str:
    return "\n".join(message.text for message in messages)


def _template(conversation: Conversation) -> str:
    """The template itself, or else the text that an application most likely fills variables into."""
    if conversation.template:
        return conversation.template
    if conversation.system:
        return _text(conversation.system)
    text = next((message.text for message in conversation.prompt if message.role == "user"), "")
    return "" if is_cut(text) or _SENTINEL.fullmatch(text) else text[:_MAX_TEMPLATE_CHARS]


def _write(attributes: Any, values: dict[str, str | int]) -> None:
    """Each once, in place of what was there under its key."""
    for attribute in attributes:
        value = values.pop(attribute.key, None)
        if value is not None:
            _set(attribute.value, value)
    for key, value in values.items():
        _set(attributes.add(key=key).value, value)


def _set(target: AnyValue, value: str | int) -> None:
    if isinstance(value, int):
        target.int_value = value
    else:
        target.string_value = value


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
                            _strip_span(span, scope.scope.name)
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
                            _strip_record(record, scope.scope.name)
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


def _is_harmless_metadata(attribute: KeyValue, match: Match | None) -> bool:
    """A number or a program's word among the application's own fields: `langgraph_step`, `ls_model_name`."""
    if match is None or match.role is not Role.METADATA:
        return False
    kind = attribute.value.WhichOneof("value")
    return kind in _NUMBERS or (kind == "string_value" and is_identifier(attribute.value.string_value.strip('"')))


class _Reading(NamedTuple):
    """How the keys of one span or log record are to be understood."""

    keys: Roles
    speaks: bool
    """It is about a model call, an agent or the like, so that what looks like content is some."""


def _reading(holder: Span | LogRecord, scope: str) -> _Reading:
    keys = MATCHER.for_scope(scope)
    return _Reading(keys, bool(keys.speakers) or any(keys.is_marker(item.key) for item in holder.attributes))


def _strip_span(span: Span, scope: str) -> None:
    reading = _reading(span, scope)
    for event in span.events:
        _strip(event.attributes, span_event_name(event), reading)
    for link in span.links:
        _strip(link.attributes, None, reading)
    _strip(span.attributes, None, reading)


def _strip_record(record: LogRecord, scope: str) -> None:
    reading = _reading(record, scope)
    name = log_event_name(record) or ""
    is_message = reading.keys.is_content_event(name) or (name and name == scope)  # ADOT names messages after the scope
    if is_message or (reading.speaks and looks_like_content_value(record.body)):
        record.ClearField("body")
    _strip(record.attributes, name, reading)


def _strip(attributes: Any, event: str | None, reading: _Reading) -> None:
    """Without content. Of a message event, only what is known to be none of the message stays."""
    going = [index for index, attribute in enumerate(attributes) if _goes(attribute, event, reading)]
    for index in reversed(going):
        del attributes[index]


def _goes(attribute: KeyValue, event: str | None, reading: _Reading) -> bool:
    match reading.keys.standing(attribute.key, event):
        case Standing.CONTENT:
            return not _is_harmless_metadata(attribute, reading.keys.role(attribute.key, event))
        case Standing.UNKNOWN:
            if event is not None and reading.keys.is_content_event(event):
                return True
            return reading.speaks and looks_like_content_value(attribute.value)
        case _:
            return False
