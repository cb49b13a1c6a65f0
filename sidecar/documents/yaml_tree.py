"""YAML text to nodes, iteratively from the parser's events.

Invariants:
 - No input makes it recurse, expand or hang: bytes, nesting and the number of nodes after alias expansion are
   bounded. (libyaml's own composer overflows the C stack on deeply nested input.)
 - A mistake that leaves the rest readable is collected, and reading goes on; only broken syntax and a broken limit
   end it at once.
 - Nothing is constructed but mappings with text keys, lists and scalars: a tag cannot name a class.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from sidecar.documents.environment import expand
from sidecar.documents.node import Document, KeyPath, MappingNode, Node, ScalarNode, SequenceNode
from sidecar.documents.problem import DocumentErrors, Problem
from sidecar.documents.scalar import resolve

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 50
MAX_NODES: Final = 200_000

_TAG: Final = "tag:yaml.org,2002:"
_TYPED_TAGS: Final = {f"{_TAG}{name}" for name in ("null", "bool", "int", "float")}
_MERGE: Final = "<<"


def read_bytes(path: Path) -> bytes:
    """The file's content; DocumentErrors if it cannot be read or is over 1 MiB."""
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123  # a descriptor
            content = file.read(MAX_BYTES + 1) or b""
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "not a file"
        hint = "" if error.errno != errno.ENOENT else "; look at the path and the working directory"
        raise DocumentErrors([Problem(str(path), 0, "", f"cannot be read: {reason}{hint}")]) from None
    if len(content) > MAX_BYTES:
        raise DocumentErrors([Problem(str(path), 0, "", "too large; allowed: up to 1 MiB")])
    return content


def parse(content: bytes, source: str, environ: Mapping[str, str] | None) -> Document:
    """One YAML document. `environ` is what `${env:NAME}` is read from; None leaves `$` alone.

    Raises DocumentErrors if the YAML itself cannot be read; lesser mistakes are in the result's `problems`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentErrors([Problem(source, line, "", "not UTF-8 text")]) from None
    return _Builder(source, environ).build(text)


@dataclass(slots=True)
class _Frame:
    """A collection that is still open."""

    node: MappingNode | SequenceNode
    path: KeyPath
    anchor: str | None
    size: int = 1
    """Nodes in it, with what its aliases stand for."""
    height: int = 1
    """Levels of collections in it, itself included, with what its aliases stand for."""
    key: str | None = None
    """The key whose value comes next."""
    key_line: int = 0
    key_merges: bool = False
    """The key is an unquoted `<<`."""
    expects_value: bool = False
    merges: list[tuple[int, Node]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int
    height: int


class _Builder:
    def __init__(self, source: str, environ: Mapping[str, str] | None) -> None:
        self._source = source
        self._environ = environ
        self._problems: list[Problem] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._root: Node | None = None

    def build(self, text: str) -> Document:
        for event in self._events(text):
            if isinstance(event, yaml.DocumentStartEvent):
                if self._root is not None:
                    self._fail(_line(event), "a second document; allowed: one document in a file")
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._open(event, MappingNode(_line(event)))
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(event, SequenceNode(_line(event)))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._close()
        root = self._root or ScalarNode(1, None, "", "")
        return Document(self._source, root, tuple(self._problems))

    def _events(self, text: str) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            detail = ", ".join(part for part in (error.problem, error.context) if part)
            column = f"column {mark.column + 1}: " if mark else ""
            self._fail(mark.line + 1 if mark else 0, f"{column}not valid YAML: {detail}")
        except yaml.YAMLError as error:  # a character YAML does not allow
            position = getattr(error, "position", None)
            line = text.count("\n", 0, position) + 1 if position is not None else 0
            self._fail(line, "not valid YAML: a control character that YAML does not allow")

    def _fail(self, line: int, what: str) -> None:
        raise DocumentErrors([*self._problems, Problem(self._source, line, "", what)])

    def _report(self, line: int, path: KeyPath, what: str) -> None:
        key = Document(self._source, self._root or Node(line)).key(path)
        self._problems.append(Problem(self._source, line, key, what))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        line = _line(event)
        if self._awaits_key():
            self._key(event.value, line, mergeable=event.implicit[0])
            return
        plain = event.implicit[0] or event.tag in _TYPED_TAGS
        node = ScalarNode(line, event.value, event.value, event.value)
        if event.tag is not None and event.tag not in _TYPED_TAGS | {f"{_TAG}str", "!"}:
            self._report(line, self._path(), f"tag {event.tag} is not supported; allowed: values without a tag")
            node.broken = True
        if self._environ is not None and "$" in event.value:
            expansion = expand(event.value, self._environ)
            for what in expansion.problems:
                self._report(line, self._path(), what)
            node.text, node.value = expansion.text, expansion.text
            node.expanded, node.broken = expansion.expanded, bool(expansion.problems)
            # Only a value that is nothing but one reference is typed, as in the Collector: "64" is then a number.
            plain = plain and expansion.whole
        if plain and isinstance(node.value, str):
            node.value = resolve(node.value)
        self._anchor(event.anchor, _Anchored(node, 1, 0))
        self._attach(node, 1, 0)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._awaits_key():
            self._fail(_line(event), "an alias as a key; allowed: text keys")
        name = event.anchor or ""
        anchored = self._anchors.get(name)
        if anchored is None:
            known = name in self._anchors
            self._fail(_line(event), "an alias inside what it stands for" if known else "an alias without its anchor")
            return
        self._attach(anchored.node, anchored.size, anchored.height)

    def _open(self, event: yaml.CollectionStartEvent, node: MappingNode | SequenceNode) -> None:
        if self._awaits_key():
            self._fail(_line(event), "a collection as a key; allowed: text keys")
        if len(self._stack) >= MAX_DEPTH:
            self._fail(_line(event), f"nested too deeply; allowed: up to {MAX_DEPTH} levels")
        if event.tag not in (None, "!", f"{_TAG}map", f"{_TAG}seq"):
            self._report(_line(event), self._path(), f"tag {event.tag} is not supported; allowed: values without a tag")
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(node, self._path(), event.anchor))

    def _close(self) -> None:
        frame = self._stack.pop()
        if isinstance(frame.node, MappingNode):
            self._merge(frame, frame.node)
        self._anchor(frame.anchor, _Anchored(frame.node, frame.size, frame.height))
        self._attach(frame.node, frame.size, frame.height)

    def _anchor(self, name: str | None, anchored: _Anchored) -> None:
        if name:
            self._anchors[name] = anchored

    def _awaits_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].node, MappingNode) and not self._stack[-1].expects_value

    def _key(self, key: str, line: int, *, mergeable: bool) -> None:
        frame = self._stack[-1]
        frame.key, frame.key_line, frame.expects_value = key, line, True
        frame.key_merges = key == _MERGE and mergeable
        if not frame.key_merges and isinstance(frame.node, MappingNode):
            first = frame.node.key_lines.get(key)
            if first is not None:
                self._report(line, (*frame.path, key), f"duplicate key; it is also in line {first}")

    def _path(self) -> KeyPath:
        """Of the value that comes next."""
        if not self._stack:
            return ()
        frame = self._stack[-1]
        return (*frame.path, frame.key or "" if isinstance(frame.node, MappingNode) else len(frame.node.items))

    def _attach(self, node: Node, size: int, height: int) -> None:
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if frame.size > MAX_NODES:
            self._fail(frame.node.line, f"aliases make it too large; allowed: up to {MAX_NODES} values")
        if frame.height + len(self._stack) - 1 > MAX_DEPTH:
            self._fail(frame.node.line, f"nested too deeply; allowed: up to {MAX_DEPTH} levels")
        if isinstance(frame.node, SequenceNode):
            frame.node.items.append(node)
            return
        key = frame.key or ""
        frame.key, frame.expects_value = None, False
        if frame.key_merges:
            frame.merges.append((frame.key_line, node))
        elif key not in frame.node.items:
            frame.node.items[key] = node
            frame.node.key_lines[key] = frame.key_line

    def _merge(self, frame: _Frame, target: MappingNode) -> None:
        """`<<: *defaults` (yaml.org/type/merge.html): a key of its own wins, then the earlier mapping."""
        for line, merged in frame.merges:
            for mapping in merged.items if isinstance(merged, SequenceNode) else [merged]:
                if not isinstance(mapping, MappingNode):
                    self._report(line, (*frame.path, _MERGE), "not a mapping; allowed: an alias of a mapping")
                    continue
                for key, node in mapping.items.items():
                    if key not in target.items:
                        target.items[key] = node
                        target.key_lines[key] = mapping.key_lines[key]


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0
