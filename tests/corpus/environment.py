"""Where an instrumentation is installed: an environment of its own for each row of the table, outside the repository.

Its name holds the hash of what is asked for, so a changed row starts from an empty one. The last thing written is the
mark that the installation was finished, with the versions it came to.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.corpus.table import PACKAGES_UNTIL, PYTHON, Row

_FINISHED: Final = "finished.json"
_SDK: Final = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")


def environment(row: Row) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    asked = "\n".join((PYTHON, PACKAGES_UNTIL, *row.requirements))
    return cache / "otel-genai-sidecar" / "corpus" / f"{row.name}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"


def install(row: Row) -> dict[str, str]:
    """Versions by package. Raises CalledProcessError if an installation fails; then the next attempt starts over."""
    directory = environment(row)
    finished = directory / _FINISHED
    if not finished.exists():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        versions = _install_node(row, directory) if row.is_node else _install_python(row, directory)
        finished.write_text(json.dumps(versions, indent=1, sort_keys=True))
    versions = json.loads(finished.read_text())
    return {name: str(version) for name, version in versions.items()}


def _install_python(row: Row, directory: Path) -> dict[str, str]:
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    python = directory / "bin" / "python"
    this_one = "{}.{}".format(*sys.version_info) == PYTHON
    _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable if this_one else PYTHON, directory)
    _run(
        uv, "pip", "install", "--quiet", "--python", python, "--exclude-newer", PACKAGES_UNTIL, *_SDK, *row.requirements
    )
    listed = subprocess.run(  # noqa: S603  # our own command
        [uv, "pip", "list", "--python", str(python), "--format", "json"], check=True, capture_output=True
    )
    return {each["name"]: each["version"] for each in json.loads(listed.stdout)}


def _install_node(row: Row, directory: Path) -> dict[str, str]:
    npm = shutil.which("npm") or "npm"
    (directory / "package.json").write_text('{"name": "corpus", "private": true, "type": "module"}')
    _run(
        npm,
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        f"--before={PACKAGES_UNTIL}",
        *row.requirements,
        cwd=directory,
    )
    lock = json.loads((directory / "package-lock.json").read_text())
    return {
        path.removeprefix("node_modules/"): entry["version"]
        for path, entry in lock["packages"].items()
        if path and path.count("node_modules/") == 1
    }


def _run(*command: object, cwd: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)  # noqa: S603  # our own command
