"""What a span does in an agent's work: an agent's turn, a tool's execution, a model call, or none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import xxhash
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from processors.genai.call.errors import CallError, error_of
from processors.genai.call.operations import ONE_CALL
from processors.genai.call.readings import AGENT, ERROR, OPERATION, OPERATION_ELSE, TOOL, readings_for
from processors.genai.conversation.decode import decoded, decoded_text
from processors.genai.conversation.message import canonical_json
from processors.genai.matcher import MATCHER
from processors.genai.roles import Role
from processors.genai.tool_result import result_error

_OPERATIONS: Final = frozenset({OPERATION, OPERATION_ELSE})
AGENT_TURN: Final = "invoke_agent"
TOOL_EXECUTION: Final = "execute_tool"
_STEPS: Final = (
    frozenset({AGENT_TURN, TOOL_EXECUTION, "invoke_workflow", "create_agent", "plan", "retrieval"}) | ONE_CALL
)
_HANDOFF: Final = re.compile(r"(?:transfer|hand[_ ]?off|hand)(?:[_ ]back)?[_ ]to[_ ](?P<to>.+)", re.IGNORECASE)
"""OpenAI's Agents SDK, LangGraph, ADK, Strands."""
_NOBODY: Final = frozenset({"agent", "user", "human"})


class Step(NamedTuple):
    operation: str
    """`invoke_agent`, `execute_tool`, `invoke_workflow`, `chat`, …"""
    name: str | None
    """Of the agent or the tool."""
    arguments: int | None
    """A tool's: a hash that is the same for the same JSON, however it is spelled; None where they were not recorded."""
    error: CallError | None
    is_handoff: bool = False
    """A tool that lets another agent go on."""
    hands_to: str | None = None
    """The other agent, where the name of the tool says it."""


def read_step(span: Span, scope: str = "") -> Step | None:
    """None for a span that is no step."""
    readings = readings_for(scope)
    operations: list[tuple[int, str]] = []
    errors: list[str] = []
    names: dict[int, tuple[int, str]] = {}
    for attribute in span.attributes:
        for slot, rank, read in readings[attribute.key] or ():
            if slot in _OPERATIONS:
                operation = read(attribute.value)
                if operation is not None:
                    operations.append((rank, operation))
            elif slot == ERROR:
                error = read(attribute.value)
                if error is not None:
                    errors.append(error)
            elif slot in {AGENT, TOOL}:
                name = read(attribute.value)
                if name is not None and (slot not in names or rank < names[slot][0]):
                    names[slot] = rank, name
    operation = next((operation for _, operation in sorted(operations) if operation in _STEPS), None)
    if operation is None:
        return None
    # Some dialects have one key for the names of both.
    slots = (TOOL, AGENT) if operation == TOOL_EXECUTION else (AGENT,)
    name = next((names[slot][1] for slot in slots if slot in names), None) or _last_word(span.name)
    if operation != TOOL_EXECUTION:
        return Step(operation, name, None, error_of(span, span.events, errors, ()))
    arguments, results = _contents(span, scope)
    step_error = error_of(span, span.events, errors, ()) or next(filter(None, map(result_error, results)), None)
    hands_over, to = handoff(name)
    return Step(operation, name, arguments, step_error, hands_over, to)


def handoff(tool: str | None) -> tuple[bool, str | None]:
    """Whether a tool hands over to another agent, and to which, if its name says so."""
    found = _HANDOFF.fullmatch(tool) if tool else None
    if found is None:
        return False, None
    to = found["to"].strip()
    return True, None if to.casefold() in _NOBODY else to


def _contents(span: Span, scope: str) -> tuple[int | None, list[AnyValue]]:
    """The hash of a tool's arguments, and what it gave back."""
    roles = MATCHER.for_scope(scope)
    candidates: list[tuple[int, AnyValue]] = []
    results: list[AnyValue] = []
    for attribute in span.attributes:
        match = roles.role(attribute.key)
        if match is None:
            continue
        if match.role is Role.TOOL_ARGS:
            candidates.append((match.rank, attribute.value))
        elif match.role is Role.PROMPT:
            # What goes into a tool's span as a whole, as dialects without a key for arguments have it.
            candidates.append((match.rank + _AFTER_ALL, attribute.value))
        elif match.role in {Role.TOOL_RESULT, Role.COMPLETION}:
            results.append(attribute.value)
    candidates.sort(key=lambda candidate: candidate[0])
    return _hash(value for _, value in candidates), results


def _hash(candidates: Iterable[AnyValue]) -> int | None:
    for candidate in candidates:
        arguments = decoded(candidate)
        if _is_schema(arguments):
            continue
        return xxhash.xxh3_64_intdigest(canonical_json(_unwrapped(arguments)).encode("utf-8", "surrogatepass"))
    return None


def _is_schema(arguments: Any) -> bool:
    """OpenInference has the definition of a tool's parameters under `tool.parameters`."""
    return (
        isinstance(arguments, dict)
        and arguments.get("type") == "object"
        and isinstance(arguments.get("properties"), dict)
    )


def _unwrapped(arguments: Any) -> Any:
    """OpenLLMetry's LangChain puts run ids and the like, which differ each time, beside what went in."""
    if isinstance(arguments, dict) and isinstance(arguments.get("input_str"), str):
        return decoded_text(arguments["input_str"])
    return arguments


_AFTER_ALL: Final = 1 << 20


def _last_word(span_name: str) -> str | None:
    """`execute_tool search` and `search.tool` name the tool in the span's name alone."""
    words = span_name.split()
    return words[-1] if words else None
