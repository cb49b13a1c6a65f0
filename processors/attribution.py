"""`attribution`: whose calls they are.

What a team wants to know of every model call, and does not find on its span, is counted. User ids are pseudonymised
where the policy says so, under every key that a user id is known to stand under, before anything else sees them.
"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any, Final, Literal

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from processors.genai.attribution_keys import Who, attribution_of
from processors.genai.matcher import MATCHER, Roles
from processors.genai.memo import KeyMemo
from processors.genai.model_call import read_attribution, read_model_call
from processors.genai.roles import Role
from processors.pii.actions import REMOVED, USER_ID
from processors.pii.places import Attributes, Body, Place, log_places, metric_places, trace_places
from processors.pii.pseudonyms import Pseudonyms
from processors.pii.urls import decoded
from processors.processor import Report, Stamps
from processors.section import Section
from processors.values import Secret

Tag = Literal["user", "feature", "tenant", "environment"]

_BAGGAGE: Final = frozenset({"baggage", "http.request.header.baggage", "rpc.request.metadata.baggage"})
_TOKEN: Final = re.compile(r"<USER_ID:k[0-9]+:[0-9a-f]{32}>")
_MAX_JSON_CHARS: Final = 64 * 1024
_MAX_DEPTH: Final = 20


class AttributionSection(Section):
    """Whose calls they are, and what for. The keys are found by themselves, in all dialects, on spans and resources."""

    require: tuple[Tag, ...] = ()
    """What each model call must say: user, feature, tenant, environment. Calls that lack one are counted (`untagged`)
    and kept as they are."""
    user: Literal["keep", "pseudonymize"] = "keep"
    """pseudonymize: user ids become `<USER_ID:k1:…>`, with the key in `pii.pseudonym_key_file`."""

    @property
    def at_work(self) -> bool:
        """There is something to do."""
        return self.enabled and (bool(self.require) or self.user == "pseudonymize")


class Attribution:
    """Counts what model calls lack, and pseudonymises user ids. A value that it cannot rewrite is removed."""

    def __init__(self, section: AttributionSection, pseudonym_key: Secret | None = None) -> None:
        """Raises ValueError if the section asks for pseudonyms and the key is missing or too short."""
        self._required = section.require
        self._pseudonyms: Pseudonyms | None = None
        if section.user == "pseudonymize":
            if pseudonym_key is None:
                raise ValueError("attribution: user is pseudonymize, but there is no pseudonym key")
            self._pseudonyms = Pseudonyms(pseudonym_key)

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        if self._required:
            for group in request.resource_spans:
                of_resource = _on_resource(group.resource)
                for scope in group.scope_spans:
                    for span in scope.spans:
                        try:
                            call = read_model_call(span, scope.scope.name)
                        except Exception:  # noqa: BLE001, S112  # one bad span is not counted
                            continue
                        if call is not None and call.is_single:
                            for tag in self._required:
                                if tag not in of_resource and getattr(call, tag) is None:
                                    report.untagged[tag] += 1
        if self._pseudonyms is not None:
            for place in trace_places(request):
                self._place(place, self._pseudonyms)

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:  # noqa: ARG002  # protocol
        if self._pseudonyms is not None:
            for place in log_places(request):
                self._place(place, self._pseudonyms)

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:  # noqa: ARG002  # protocol
        if self._pseudonyms is not None:
            for place in metric_places(request):
                self._place(place, self._pseudonyms)

    def _place(self, place: Place, pseudonyms: Pseudonyms) -> None:
        if isinstance(place, Attributes):
            readings = _readings(MATCHER.for_scope(place.scope))
            for attribute in place.values:
                if readings[attribute.key] is not None:
                    _rewrite(attribute.value, readings[attribute.key], pseudonyms)
        elif isinstance(place, Body) and place.value.HasField("kvlist_value"):
            _rewrite(place.value, "tree", pseudonyms)


_Kind = Literal["id", "baggage", "tree"]


@cache
def _readings(roles: Roles) -> KeyMemo[_Kind | None]:
    return KeyMemo(partial(_kind, roles))


def _kind(roles: Roles, key: str) -> _Kind | None:
    """What stands under a key: a user id, a list of `key=value` pairs, or fields among which there may be one."""
    if key.lower() in _BAGGAGE:
        return "baggage"
    match, who = roles.role(key), attribution_of(key, roles)
    if (match is not None and match.role is Role.USER_ID) or (who is not None and who.who is Who.USER):
        return "id"
    return "tree" if match is not None and match.role is Role.METADATA else None


def _rewrite(value: AnyValue, kind: _Kind | None, pseudonyms: Pseudonyms) -> None:
    try:
        if kind == "id":
            _id(value, pseudonyms, 0)
        elif kind == "baggage":
            _baggage(value, pseudonyms)
        else:
            _tree(value, pseudonyms, 0)
    except Exception:  # noqa: BLE001  # whatever it was, the id must not leave
        value.Clear()
        value.string_value = REMOVED


def _id(value: AnyValue, pseudonyms: Pseudonyms, depth: int) -> None:
    match value.WhichOneof("value"):
        case "string_value":
            value.string_value = _pseudonym(value.string_value, pseudonyms)
        case "int_value":
            value.string_value = _pseudonym(str(value.int_value), pseudonyms)
        case "double_value":
            value.string_value = _pseudonym(repr(value.double_value), pseudonyms)
        case "array_value" if depth < _MAX_DEPTH:
            for item in value.array_value.values:
                _id(item, pseudonyms, depth + 1)
        case "bool_value" | None:
            pass
        case _:
            value.Clear()
            value.string_value = REMOVED


def _pseudonym(text: str, pseudonyms: Pseudonyms) -> str:
    """Of the id in it: quotes that MLflow puts around every text stay. What is one already stays, too."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return f'"{_pseudonym(text[1:-1], pseudonyms)}"'
    if not text.strip() or _TOKEN.fullmatch(text):
        return text
    return pseudonyms.of(USER_ID, text.strip())


def _is_user(key: str) -> bool:
    return _readings(MATCHER)[key] == "id"


def _baggage(value: AnyValue, pseudonyms: Pseudonyms) -> None:
    """W3C Baggage: `key=value;property, …`, values percent-encoded."""
    if value.WhichOneof("value") == "array_value":
        for item in value.array_value.values:
            item.string_value = _members(item.string_value, pseudonyms)
    elif value.string_value:
        value.string_value = _members(value.string_value, pseudonyms)


def _members(header: str, pseudonyms: Pseudonyms) -> str:
    members = []
    for member in header.split(","):
        pair, semicolon, properties = member.partition(";")
        key, equals, text = pair.partition("=")
        if equals and _is_user(decoded(key.strip())):
            pair = f"{key}={_pseudonym(decoded(text.strip()), pseudonyms)}"
        members.append(pair + semicolon + properties)
    return ",".join(members)


def _tree(value: AnyValue, pseudonyms: Pseudonyms, depth: int) -> None:
    """Fields of an object, structured or as JSON in a string."""
    match value.WhichOneof("value"):
        case "kvlist_value" if depth < _MAX_DEPTH:
            for field in value.kvlist_value.values:
                if _is_user(field.key):
                    _id(field.value, pseudonyms, depth + 1)
                else:
                    _tree(field.value, pseudonyms, depth + 1)
        case "array_value" if depth < _MAX_DEPTH:
            for item in value.array_value.values:
                _tree(item, pseudonyms, depth + 1)
        case "string_value" if value.string_value.lstrip()[:1] in {"{", "["}:
            text = value.string_value
            if "user" in text.lower() and len(text) <= _MAX_JSON_CHARS:
                value.string_value = _json(text, pseudonyms)


def _json(text: str, pseudonyms: Pseudonyms) -> str:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return text  # no fields: what is personal in it is found as in any other text
    return json.dumps(tree, ensure_ascii=False) if _in_json(tree, pseudonyms, 0) else text


def _in_json(tree: Any, pseudonyms: Pseudonyms, depth: int) -> bool:
    """Rewrites it in place, and says whether there was anything to rewrite."""
    changed = False
    if isinstance(tree, dict) and depth < _MAX_DEPTH:
        for key, item in tree.items():
            if _is_user(key) and isinstance(item, str | int) and not isinstance(item, bool):
                tree[key] = _pseudonym(str(item), pseudonyms)
                changed = True
            else:
                changed |= _in_json(item, pseudonyms, depth + 1)
    elif isinstance(tree, list) and depth < _MAX_DEPTH:
        for item in tree:
            changed |= _in_json(item, pseudonyms, depth + 1)
    return changed


def _on_resource(resource: Resource) -> frozenset[str]:
    """The tags that a resource gives to all its spans."""
    try:
        return frozenset(who.name.lower() for who in read_attribution(resource.attributes))
    except Exception:  # noqa: BLE001  # one bad resource gives none
        return frozenset()
