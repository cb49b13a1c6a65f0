"""Where the backends are installed: an environment of their own, outside the repository, one for each lock file.

Its name has the lock's hash in it, so a changed lock starts from an empty one. Run as a module it installs them, unless
they are; the last thing written is the mark by which the tests know that the installation was finished.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / "requirements-backends.lock"
REQUIREMENTS: Final = Path(__file__).with_name("requirements.in")

_FINISHED: Final = "finished"


def environment() -> Path:
    """Of this lock and this Python, whether it exists or not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = f"{sys.implementation.cache_tag}\n".encode()
    digest = hashlib.sha256(version + LOCK.read_bytes()).hexdigest()
    return cache / "otel-genai-sidecar" / f"backends-{digest[:16]}"


def is_installed() -> bool:
    return (environment() / _FINISHED).exists()


def program(name: str) -> str:
    return str(environment() / "bin" / name)


def install() -> None:
    """Raises CalledProcessError if pip fails; then the next attempt starts over."""
    directory = environment()
    venv.create(directory, clear=True, with_pip=True)
    pip = [program("python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # The lock is complete; with hashes, pip takes a dependency with extras for another package than the locked one.
    locked = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCK)]
    subprocess.run([*pip, *locked], check=True)  # noqa: S603  # our own command
    (directory / _FINISHED).touch()


if __name__ == "__main__":
    if not is_installed():
        print(f"Installing the backends for the tests into {environment()} (hashes checked; a few minutes, once)")  # noqa: T201  # for the user
        install()
    print(f"backends: {environment()}")  # noqa: T201  # for the user
