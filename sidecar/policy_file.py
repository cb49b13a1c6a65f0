"""policy.yaml from disk: read with the files it names, and watched for changes.

Watching compares content, never times or inodes, so that a Kubernetes ConfigMap's symlink flip, an editor's rename
and a rewrite in place all look the same.
 1. New content is acted upon when two polls in a row see the same: a file that is being written is left alone.
 2. Content with errors is never applied. The running policy stays, and `on_error` is called once for that content.
 3. A removed or an empty file is an error too: neither means "back to the built-in policy" while another one runs.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from processors.policy import Policy, PolicyKeys
from processors.values import Secret
from sidecar.clock import Clock
from sidecar.documents import Document, DocumentErrors, KeyPath, Problem, parse, read_bytes, validate_with_data
from sidecar.documents.files import NamedFile, named_paths, problems_of, read_named

BUILT_IN_DIGEST: Final = "built-in"

_PSEUDONYM_KEY: Final = ("pii", "pseudonym_key_file")
_PROMPT_KEY: Final = ("prompts", "hash", "key_file")
_WORD: Final = re.compile(rb"\s*[!-~]+\s*")
_WORDS: Final = re.compile(rb"\s*[!-~]+(?:[ \t]*\r?\n\s*[!-~]+)*\s*")
_RECOGNIZERS: Final = ("pii", "recognizers_file")


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    policy: Policy
    data: Mapping[str, Any]
    """What `policy` was made from, as JSON would hold it; it has no secrets."""
    keys: PolicyKeys
    digest: str
    """First 16 hex digits of the SHA-256 of the file; `built-in` without one. Safe to log."""


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """policy.yaml and the files it names, as they were at one moment."""

    path: Path
    content: bytes | None
    """None: it cannot be read, and `problem` says why."""
    problem: Problem | None
    named: tuple[NamedFile, ...]

    @classmethod
    def read(cls, path: Path, environ: Mapping[str, str]) -> PolicyFiles:
        try:
            content = read_bytes(path)
        except DocumentErrors as error:
            return cls(path, None, error.problems[0], ())
        try:
            names = named_paths(parse(content, str(path), environ))
        except DocumentErrors:
            names = ()  # `load` will say so
        return cls(path, content, None, read_named(names))

    def load(self, environ: Mapping[str, str]) -> LoadedPolicy:
        """Raises DocumentErrors with every mistake in all of the files."""
        if self.problem or self.content is None:
            raise DocumentErrors([self.problem] if self.problem else [])
        document = parse(self.content, str(self.path), environ)
        recognizers, problems = self._recognizers(document)
        problems += problems_of(document, self.named) + self._key_problems(document)
        if document.data() is None and not problems:
            return _built_in(_digest(self.content))
        policy, data = validate_with_data(document, Policy, problems)
        keys = PolicyKeys(self._secret(_PSEUDONYM_KEY), self._secret(_PROMPT_KEY), recognizers)
        return LoadedPolicy(policy, data, keys, _digest(self.content))

    def _content(self, key: KeyPath) -> bytes | None:
        return next((file.content for file in self.named if file.key == key), None)

    def _secret(self, key: KeyPath) -> Secret | None:
        content = self._content(key)
        return None if content is None else Secret(content.decode("ascii").strip())

    def _key_problems(self, document: Document) -> list[Problem]:
        """A key is one word, so that a final newline and a copied key mean the same everywhere."""
        problems: list[Problem] = []
        for key, form, what in (
            (_PSEUDONYM_KEY, _WORDS, "one word of ASCII text a line"),
            (_PROMPT_KEY, _WORD, "one word of ASCII text"),
        ):
            content = self._content(key)
            if content is not None and not form.fullmatch(content):
                problems.append(document.problem(key, f"not {what}; allowed: a key as `openssl rand -hex 32` writes"))
        return problems

    def _recognizers(self, document: Document) -> tuple[Mapping[str, Any] | None, list[Problem]]:
        content, node = self._content(_RECOGNIZERS), document.find(_RECOGNIZERS)
        if content is None:
            return None, []
        source = str(getattr(node, "text", ""))
        try:
            recognizers = parse(content, source, None)  # a regular expression's `$` is no variable
        except DocumentErrors as error:
            return None, list(error.problems)
        data = recognizers.data()
        if isinstance(data, dict):
            return data, list(recognizers.problems)
        return None, [recognizers.problem((), "not a mapping; allowed: Presidio's recognizer registry configuration")]


def load_policy(path: Path | None, environ: Mapping[str, str] = os.environ) -> LoadedPolicy:
    """The policy in `path`; the built-in one for None and for an empty file. Raises DocumentErrors."""
    if path is None:
        return _built_in(BUILT_IN_DIGEST)
    return PolicyFiles.read(path, environ).load(environ)


class PolicyWatcher:
    def __init__(
        self,
        path: Path,
        clock: Clock,
        on_change: Callable[[LoadedPolicy], None],
        on_error: Callable[[DocumentErrors], None],
        *,
        interval_s: float = 1.0,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Changes count from what is on disk now: load the policy from `start`, so that none falls in between."""
        self._path = path
        self._clock = clock
        self._on_change = on_change
        self._on_error = on_error
        self._interval_s = interval_s
        self._environ = environ
        self._settled = PolicyFiles.read(path, environ)
        self._seen = self._settled

    def start(self) -> LoadedPolicy:
        """The policy as it was when the watcher was made. Raises DocumentErrors."""
        return self._settled.load(self._environ)

    async def run(self) -> NoReturn:
        """Polls until cancelled."""
        while True:
            await self._clock.sleep(self._interval_s)
            self.poll()

    def poll(self) -> None:
        files = PolicyFiles.read(self._path, self._environ)
        stable, self._seen = files == self._seen, files
        if not stable or files == self._settled:
            return
        self._settled = files
        if files.content is not None and not files.content.strip():
            self._on_error(DocumentErrors([Problem(str(files.path), 0, "", "empty; allowed: at least `version: 1`")]))
            return
        try:
            loaded = files.load(self._environ)
        except DocumentErrors as error:
            self._on_error(error)
        else:
            self._on_change(loaded)


def _built_in(digest: str) -> LoadedPolicy:
    return LoadedPolicy(Policy(version=1), {"version": 1}, PolicyKeys(), digest)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
