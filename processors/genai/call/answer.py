"""What of a call stands only in the answer that its span holds: the model, why it stopped, its usage.

Some instrumentations write an answer down as it came, and give no attributes to what is in it. So it is looked into
where such an attribute is missing, and only if a search of the text finds the name of a field; it is parsed once.

Texts of users and models, arguments of tools and metadata of the application are passed over. In a Python repr
(smolagents, Haystack) they cannot be told from the rest: what is found there must be unambiguous.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.genai.anyvalue import plain
from processors.genai.call.finish import finish_reason, finish_reasons_within
from processors.genai.call.usage import Counts, counts_in, counts_in_repr
from processors.genai.call.values import json_of

_PASSED_OVER: Final = frozenset(
    {
        "args",
        "arguments",
        "content",
        "function",
        "function_call",
        "input",
        "instructions",
        "invalid_tool_calls",
        "metadata",
        "parameters",
        "parsed",
        "parts",
        "text",
        "toolCalls",
        "tool_call_chunks",
        "tool_calls",
        "tools",
    }
)
_MODELS: Final = ("model", "model_name", "modelVersion", "model_version", "modelName")
_USAGES: Final = ("usage", "usageMetadata", "token_usage", "usage_metadata")
_MAX_WALKED: Final = 200
_MAX_MODEL_CHARS: Final = 256
_TELLS_PARTS: Final = re.compile(
    r'"(?:cached_tokens|reasoning_tokens|cache_read|cache_read_input_tokens|reasoning'
    r'|cached_content_token_count|thoughts_token_count)"\s*:\s*[1-9]'
)
"""Shows, before an answer is parsed, that it tells more of the usage than the span does."""
_REPRS: Final = ("raw", "replies")
"""Fields that are a repr: smolagents' response, Haystack's messages."""
_MODEL_IN_REPR: Final = re.compile(r"\bmodel'?\s*[:=]\s*'([\w./:@-]{1,128})'")
_FINISH_IN_REPR: Final = re.compile(r"\b(?:finish|stop)_reason'?\s*[:=]\s*'([A-Za-z_]{1,64})'")
_VERSION: Final = re.compile(r"(?:[-@:.](?:v?[0-9][0-9a-z.:-]*|latest|preview))*")


class Answer:
    def __init__(self, value: AnyValue) -> None:
        self._value = value
        self._text = value.string_value
        self._tree: Any = self  # not parsed yet; None is an answer that is no JSON

    def usage(self, known: Counts) -> Counts:
        """`known` with what it lacks: the parts of a whole that is known, or else all."""
        text = self._text
        if known.input is None and known.output is None:
            found = self._usage()
            return known if found is None else filled(known, found)
        if (known.cache_read is not None and known.reasoning is not None) or "token" not in text:
            return known
        if _TELLS_PARTS.search(text):
            found = self._usage()
            if found is not None:
                known = filled(known, found)
        if known.input is not None and known.cache_read is None and known.reasoning is None and "_tokens" in text:
            known = filled(known, counts_in_repr(text, known.input))
        return known

    def model(self, asked_for: str | None) -> str | None:
        text = self._text
        if text and '"model' not in text and ("model" not in text or '"r' not in text):
            return None
        for node in _walk(self._parsed()):
            for key in _MODELS:
                name = node.get(key)
                if isinstance(name, str) and 0 < len(name) <= _MAX_MODEL_CHARS:
                    return name
        return _version_of(asked_for, self._in_repr(_MODEL_IN_REPR))

    def finish_reasons(self) -> tuple[str, ...]:
        text = self._text or json.dumps(plain(self._value), default=str)
        found = finish_reasons_within(text)
        if found:
            return found
        word: str | None = None
        if '"incomplete_details"' in text:
            word = _of_response(self._parsed())
        elif "_reason" in text:
            word = self._in_repr(_FINISH_IN_REPR)
        reason = None if word is None else finish_reason(word)
        return () if reason is None else (reason,)

    def _parsed(self) -> Any:
        if self._tree is self:
            self._tree = json_of(self._value)
        return self._tree

    def _usage(self) -> Counts | None:
        """The outermost usage, as Haystack and Genkit leave it in a component's output."""
        usages = (node.get(key) for node in _walk(self._parsed()) for key in _USAGES)
        return next((counts for counts in map(counts_in, usages) if counts is not None), None)

    def _in_repr(self, pattern: re.Pattern[str]) -> str | None:
        """What a pattern finds in reprs, if that is one thing only."""
        tree = self._parsed()
        found: set[str] = set()
        for value in map(tree.get, _REPRS) if isinstance(tree, dict) else ():
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str):
                    found.update(pattern.findall(text))
        return found.pop() if len(found) == 1 else None


def filled(counts: Counts, more: Counts) -> Counts:
    """With what only `more` says."""
    return Counts(*[there if there is not None else new for there, new in zip(counts, more, strict=True)])


def _of_response(tree: Any) -> str | None:
    """OpenAI's Responses have a status, and no reason unless they are incomplete."""
    match tree:
        case {"object": "response", "incomplete_details": {"reason": str(reason)}}:
            return reason
        case {"object": "response", "status": "completed", "output": [*_, {"type": "function_call"}]}:
            return "tool_call"
        case {"object": "response", "status": "completed" | "failed" as status}:
            return str(status)
        case _:
            return None


def _version_of(asked_for: str | None, model: str | None) -> str | None:
    """A model that is the one asked for but for a version behind it: anybody can write a text with a model in it."""
    if asked_for is None or model is None:
        return None
    asked_for = asked_for.rpartition("/")[2]
    return model if model.startswith(asked_for) and _VERSION.fullmatch(model, len(asked_for)) else None


def _walk(tree: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in it that are no content, outer ones first, at most so many."""
    level = [tree]
    walked = 0
    while level and walked < _MAX_WALKED:
        below: list[Any] = []
        for node in level[: _MAX_WALKED - walked]:
            walked += 1
            if isinstance(node, Mapping):
                yield node
                below.append([value for key, value in node.items() if key not in _PASSED_OVER])
            elif isinstance(node, list):
                below.append(node)
        level = list(chain.from_iterable(below))
