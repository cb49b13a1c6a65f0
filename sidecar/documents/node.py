"""A parsed YAML document that still knows the line of every key and the text of every value."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sidecar.documents.problem import Problem
from sidecar.documents.scalar import Scalar

KeyPath: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True, eq=False)
class Node:
    line: int
    """Of the key for a mapping's value, of the value itself elsewhere; first line is 1."""


@dataclass(slots=True, eq=False)
class ScalarNode(Node):
    value: Scalar
    source: str
    """As written in the file: before `${env:…}` was replaced, so that it is safe to show where the file is."""
    text: str
    """After `${env:…}` was replaced."""
    expanded: bool = False
    broken: bool = False
    """Already reported; whatever follows from its value is not a second mistake."""


@dataclass(slots=True, eq=False)
class MappingNode(Node):
    items: dict[str, Node] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class SequenceNode(Node):
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    source: str
    root: Node
    problems: tuple[Problem, ...] = ()
    """Found while parsing; `validate` reports them together with its own."""

    def find(self, path: KeyPath) -> Node | None:
        node: Node | None = self.root
        for step in path:
            node = None if node is None else child(node, step)
        return node

    def line(self, path: KeyPath) -> int:
        """Line of the key at `path`, or of the nearest parent that is in the file."""
        node, line = self.root, self.root.line
        for step in path:
            inner = child(node, step)
            if inner is None:
                break
            line = node.key_lines[str(step)] if isinstance(node, MappingNode) else inner.line
            node = inner
        return line

    def key(self, path: KeyPath) -> str:
        """`sampling.policies[1 "slow"].latency`: an item of a list is named as well, if it has a name."""
        written = ""
        for position, step in enumerate(path):
            if isinstance(step, int):
                name = self.find((*path[: position + 1], "name"))
                quoted = f' "{name.source}"' if isinstance(name, ScalarNode) else ""
                written += f"[{step}{quoted}]"
            else:
                written += f".{step}" if written else step
        return written

    def problem(self, path: KeyPath, what: str) -> Problem:
        return Problem(self.source, self.line(path), self.key(path), what)

    def data(self, as_text: Container[KeyPath] = ()) -> Any:
        """Plain dicts, lists and scalars; the scalars at the paths in `as_text` as the strings they came from."""
        return _plain(self.root, (), as_text)

    def scalars(self) -> Iterator[tuple[KeyPath, ScalarNode]]:
        yield from _scalars(self.root, ())


def child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(step, str):
        return node.items.get(step)
    if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def _plain(node: Node, path: KeyPath, as_text: Container[KeyPath]) -> Any:
    if isinstance(node, MappingNode):
        return {key: _plain(inner, (*path, key), as_text) for key, inner in node.items.items()}
    if isinstance(node, SequenceNode):
        return [_plain(inner, (*path, index), as_text) for index, inner in enumerate(node.items)]
    assert isinstance(node, ScalarNode)  # noqa: S101  # the third of three kinds
    return node.text if path in as_text else node.value


def _scalars(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, ScalarNode]]:
    if isinstance(node, MappingNode):
        for key, inner in node.items.items():
            yield from _scalars(inner, (*path, key))
    elif isinstance(node, SequenceNode):
        for index, inner in enumerate(node.items):
            yield from _scalars(inner, (*path, index))
    elif isinstance(node, ScalarNode):
        yield path, node
