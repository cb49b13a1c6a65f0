"""pydantic's errors in the user's words: where in the file, what was written, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sidecar.documents.node import Document, KeyPath, MappingNode, Node, ScalarNode, SequenceNode, child
from sidecar.documents.problem import DocumentErrors, Problem
from sidecar.documents.schema_view import SchemaView, allowed, allowed_keys, allowed_words, is_secret

Model = TypeVar("Model", bound=BaseModel)

_SHOWN_CHARACTERS: Final = 60
_USER_INFO: Final = re.compile(r"//[^/@\s]+@")
_SECRET_KEY: Final = re.compile(r"^headers$|authorization|(?:^|_)token$|passw|secret|credential|api_?key|key_file")
_OUT_OF_RANGE: Final = ("greater_than", "less_than", "multiple_of", "finite_number", "too_short", "too_long")
_WRONG_TYPE: Final = ("_type", "_parsing", "_from_float", "is_instance_of", "literal_error", "enum")
_TAGLESS: Final = ("union_tag_invalid", "union_tag_not_found")


def validate(document: Document, model: type[Model], others: Iterable[Problem] = ()) -> Model:
    """The document as `model`. Raises DocumentErrors with every mistake in it: the YAML's, the model's and `others`."""
    return validate_with_data(document, model, others)[0]


def validate_with_data(
    document: Document, model: type[Model], others: Iterable[Problem] = ()
) -> tuple[Model, dict[str, Any]]:
    """As `validate`, and the plain data the model was made from: what another process can make it from again."""
    problems = [*document.problems, *others]
    try:
        found, data = _validate(document, model)
    except ValidationError as error:
        explained = _Explainer(document, SchemaView(model)).problems(_details(error))
        raise DocumentErrors([*problems, *explained]) from None
    if problems:
        raise DocumentErrors(problems)
    return found, data


def _validate(document: Document, model: type[Model]) -> tuple[Model, Any]:
    data = _mapping(document.data())
    try:
        return model.model_validate(data), data
    except ValidationError as error:
        # `${env:TOKEN}` with the value 12345 was typed as a number, but a text is wanted: take what was in the variable.
        paths = {_resolve(document, detail["loc"]).path for detail in _details(error)}
        as_text = {path for path, node in document.scalars() if path in paths and node.expanded}
        if not as_text:
            raise
        data = _mapping(document.data(as_text))
        return model.model_validate(data), data


def _mapping(data: Any) -> Any:
    """An empty file is a mapping without keys."""
    return {} if data is None else data


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


@dataclass(frozen=True, slots=True)
class _Place:
    path: KeyPath
    node: Node
    absent: tuple[str, ...]
    """What followed in pydantic's location and is not in the document: a missing key, or the name of a union's branch."""


def _resolve(document: Document, location: tuple[str | int, ...]) -> _Place:
    """The path in the file: pydantic's locations also hold the tags and names of a union's branches."""
    path: KeyPath = ()
    node = document.root
    absent: list[str] = []
    tagged = False
    for step in location:
        tag = child(node, "type")
        if not tagged and isinstance(tag, ScalarNode) and tag.text == step:
            tagged = True
            continue
        inner = child(node, step)
        if inner is None:
            absent.append(str(step))
        else:
            path, node, tagged = (*path, step), inner, False
            absent.clear()
    return _Place(path, node, tuple(absent))


class _Explainer:
    def __init__(self, document: Document, view: SchemaView) -> None:
        self._document = document
        self._view = view

    def problems(self, details: Iterable[ErrorDetails]) -> list[Problem]:
        explained: dict[KeyPath, list[tuple[str, str]]] = defaultdict(list)
        for detail in details:
            place = _resolve(self._document, detail["loc"])
            if isinstance(place.node, ScalarNode) and place.node.broken:
                continue
            path, what = self._explain(detail, place)
            explained[path].append((detail["type"], what))
        return [
            self._document.problem(path, what)
            for path, found in explained.items()
            for what in _without_repeats(found, has_deeper=_has_deeper(path, explained))
        ]

    def _explain(self, detail: ErrorDetails, place: _Place) -> tuple[KeyPath, str]:
        kind, path = detail["type"], place.path
        context: dict[str, Any] = detail.get("ctx", {})
        if kind in ("missing", *_TAGLESS):
            key = str(context.get("discriminator", "")).strip("'") if kind in _TAGLESS else str(detail["loc"][-1])
            inner = self._view.at(self._document, (*path, key))
            if kind != "union_tag_invalid":
                tags = allowed(inner, None)
                return (*path, key), f"required, but missing{f'; allowed: {tags}' if tags else ''}"
            words = [word.strip(" '") for word in str(context.get("expected_tags", "")).split(",")]
            tag = child(place.node, key)
            shown = self._value((*path, key), tag)
            return (*path, key), f"unknown {key}{shown}{_suggest(_text(tag), words)} allowed: {', '.join(words)}"
        schemas = self._view.at(self._document, path)
        if kind == "extra_forbidden":
            keys = allowed_keys(self._view.at(self._document, path[:-1]))
            return path, f"unknown key{_suggest(str(path[-1]), keys)} allowed: {', '.join(keys) or 'no keys'}"
        shown = self._value(path, place.node)
        if kind in ("value_error", "assertion_error"):
            what, separator, permitted = str(context.get("error", "not allowed")).partition("; allowed:")
            return path, f"{what}{shown}{separator}{permitted}"
        permitted = allowed(schemas, place.node)
        ending = f"; allowed: {permitted}" if permitted else ""
        if any(word in kind for word in _OUT_OF_RANGE):
            return path, f"out of range{shown}{ending or '; allowed: ' + _lower(detail['msg'])}"
        if kind in ("literal_error", "enum") and isinstance(place.node, ScalarNode):
            suggestion = _suggest(_text(place.node), allowed_words(schemas))
            return path, f"not one of the allowed values{shown}{suggestion} allowed: {permitted}"
        if kind.endswith(_WRONG_TYPE):
            return path, self._wrong_type(place)
        if kind == "string_pattern_mismatch":
            return path, f"not of the allowed form{shown}; allowed: text that matches {context.get('pattern')}"
        what, separator, permitted = detail["msg"].partition("; allowed:")
        return path, f"{_lower(what)}{shown}{separator}{permitted}"

    def _wrong_type(self, place: _Place) -> str:
        permitted = allowed(self._view.at(self._document, place.path), place.node)
        if isinstance(place.node, ScalarNode) and place.node.value is not None and permitted == "text":
            permitted = "text, here in quotes"
        ending = f"; allowed: {permitted}" if permitted else ""
        return f"{_found(place.node)}{self._value(place.path, place.node)}{ending}"

    def _value(self, path: KeyPath, node: Node | None) -> str:
        """` (value 'x')` as the file has it; nothing for a collection, and for whatever may be a secret."""
        if not isinstance(node, ScalarNode) or node.source == "":
            return ""
        if any(isinstance(step, str) and _SECRET_KEY.search(step) for step in path):
            return ""
        if is_secret(self._view.at(self._document, path)):
            return ""
        source = _USER_INFO.sub("//…@", " ".join(node.source.split()))
        source = source if len(source) <= _SHOWN_CHARACTERS else f"{source[:_SHOWN_CHARACTERS]}…"
        return f" (value {source!r})" if isinstance(node.value, str) else f" (value {source})"


def _without_repeats(found: list[tuple[str, str]], *, has_deeper: bool) -> list[str]:
    """Each branch of a union complains on its own; one sentence is enough, and none if a deeper one says more."""
    if has_deeper and all(kind.endswith(_WRONG_TYPE) for kind, _ in found):
        return []
    specific = [what for kind, what in found if kind in ("value_error", "extra_forbidden")]
    by_kind = dict.fromkeys(specific or [what for _, what in found])
    return list(by_kind)[:1] if len(found) > 1 else list(by_kind)


def _has_deeper(path: KeyPath, explained: Iterable[KeyPath]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in explained)


def _found(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping is not allowed here"
    if isinstance(node, SequenceNode):
        return "a list is not allowed here"
    if isinstance(node, ScalarNode) and node.value is None:
        return "no value is given"
    return "wrong type"


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _suggest(written: str, words: list[str]) -> str:
    """What stands before ` allowed: …`."""
    close = difflib.get_close_matches(written.lower(), words, n=1)
    return f"; did you mean {close[0]}?" if close else ";"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
