"""One credential in files, and what is in force of it.

Invariants
  1. What is in force was whole: every file was there, each could be parsed, and they fit each other. Files that cannot
     be used leave it in force; that is logged and counted once, not at every look.
  2. A change counts once two looks in a row see the same bytes. Files are not replaced in one step: between two of
     them, a reader sees the new certificate beside the old key, or half of either.
  3. What is out of date does not replace what is not.
"""

from __future__ import annotations

import errno
import logging
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

_log = logging.getLogger(__name__)

_MAX_BYTES: Final = 1024 * 1024

APPLIED: Final = "applied"


class CredentialError(OSError):
    """`reason` is of a bounded set, fit for a metric's label. The text names the file's key, and never quotes a file."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Credential(Protocol):
    def out_of_date(self, unix_s: float) -> str:
        """`expired`, `not_yet_valid`, or empty while it can be used."""


T = TypeVar("T", bound=Credential)
Files: TypeAlias = tuple[tuple[str, bytes], ...]
"""Key in the configuration and content, of every file that is named."""


class CredentialFiles(Generic[T]):
    """`paths` is by key in the configuration; `use` puts a new value into force and may raise OSError if it cannot."""

    def __init__(
        self, used_by: str, kind: str, paths: dict[str, Path], parse: Callable[[Files], T], use: Callable[[T], None]
    ) -> None:
        self.used_by = used_by
        self.kind = kind
        self._paths = paths
        self._parse = parse
        self._use = use
        self._value: T | None = None
        self._files: Files = ()
        self._seen: Files | str = ()
        self.problem = ""
        """Why the files are not what is in force; empty if they are."""
        self.results: Counter[str] = Counter()
        """How often they changed, by what came of it: `applied`, or a reason."""

    @property
    def value(self) -> T:
        """What is in force. Only once it was loaded."""
        assert self._value is not None  # noqa: S101  # whoever asks has loaded it
        return self._value

    @property
    def loaded(self) -> bool:
        return self._value is not None

    def load(self) -> T:
        """At start. Raises CredentialError, an OSError."""
        self._files = self._read()
        self._value = self._parse(self._files)
        return self._value

    def reload(self, unix_s: float) -> None:
        """Looks, and acts on what has changed. Nothing if it was never loaded."""
        if self._value is None:
            return
        try:
            found: Files | str = self._read()
        except CredentialError as error:
            found = error.reason
        stable, self._seen = found == self._seen, found
        if found == self._files:
            self.problem = ""
        elif stable:
            self._change(found, self._value, unix_s)

    def _change(self, found: Files | str, in_force: T, unix_s: float) -> None:
        if isinstance(found, str):
            return self._refuse(found)
        try:
            value = self._parse(found)
            reason = value.out_of_date(unix_s)
            if reason and not in_force.out_of_date(unix_s):
                return self._refuse(reason)
            self._use(value)
        except CredentialError as error:
            return self._refuse(error.reason)
        except OSError:
            return self._refuse("unusable")
        self._value, self._files, self.problem = value, found, ""
        self.results[APPLIED] += 1
        _log.info("%s: the changed %s files are in force.", self.used_by, self.kind)
        return None

    def _refuse(self, reason: str) -> None:
        if reason != self.problem:
            self.problem = reason
            self.results[reason] += 1
            _log.error(
                "%s: the changed %s files cannot be used (%s); the old ones stay.", self.used_by, self.kind, reason
            )

    def _read(self) -> Files:
        return tuple((key, _content(key, path)) for key, path in self._paths.items())


def _content(key: str, path: Path) -> bytes:
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123  # a descriptor
            content = file.read(_MAX_BYTES + 1) or b""
    except OSError as error:
        reason = "missing" if error.errno in {errno.ENOENT, errno.ENOTDIR} else "unreadable"
        raise CredentialError(reason, f"{key} cannot be read: {os.strerror(error.errno or 0)}") from None
    if len(content) > _MAX_BYTES:
        raise CredentialError("too_large", f"{key} is over 1 MiB")
    return content
