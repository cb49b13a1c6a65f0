"""Builds the image's file system from the Dockerfile, without a container engine.

Every instruction is carried out as it is written, at the paths it names. This machine's own file system stands in for
the base image: writable through an overlay, so that nothing of it changes. It must be a Debian with Python 3.11; it is
not the base image, and what differs is not seen here. Needs root, in a mount namespace of its own.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import sys
from pathlib import Path

from image.dockerfile import Instruction, Stage

PASSED_ON = ("PIP_", "SSL_CERT", "REQUESTS_CA", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY")
"""Settings of this machine's pip: where packages come from is not the Dockerfile's business."""


class Engine:
    """`context` is what the Dockerfile copies from, `scratch` an empty directory on a disk."""

    def __init__(self, context: Path, scratch: Path) -> None:
        self._context = context
        self._scratch = scratch
        self._ignored = _ignore_rules(context / ".dockerignore")
        self.roots: dict[str, Path] = {}

    def build(self, stages: list[Stage]) -> Path:
        """The root of the last stage. Raises subprocess.CalledProcessError for a step that fails."""
        for stage in stages:
            root = self._empty(stage) if stage.image == "scratch" else self._stand_in(stage)
            self.roots[stage.name] = root
            directory = "/"
            environment: dict[str, str] = {}
            for instruction in stage.instructions:
                print(f"   {instruction.name} {instruction.text[:100]}", flush=True)
                if instruction.name == "WORKDIR":
                    directory = instruction.text
                    _inside(root, directory).mkdir(parents=True, exist_ok=True)
                elif instruction.name == "ENV":
                    environment |= instruction.pairs
                elif instruction.name == "COPY":
                    self._copy(instruction, root, directory)
                elif instruction.name == "RUN":
                    _run(instruction.text, root, directory, environment)
        return self.roots[stages[-1].name]

    def _empty(self, stage: Stage) -> Path:
        root = self._scratch / stage.name
        root.mkdir()
        return root

    def _stand_in(self, stage: Stage) -> Path:
        parts = {name: self._scratch / f"{stage.name}-{name}" for name in ("upper", "work", "root")}
        for part in parts.values():
            part.mkdir()
        options = f"lowerdir=/,upperdir={parts['upper']},workdir={parts['work']}"
        _mount("-t", "overlay", "overlay", "-o", options, str(parts["root"]))
        for name in ("proc", "dev"):
            _mount("--rbind", f"/{name}", str(parts["root"] / name))
        return parts["root"]

    def _copy(self, instruction: Instruction, root: Path, directory: str) -> None:
        *sources, target = instruction.operands
        base = self.roots[instruction.options["from"]] if "from" in instruction.options else None
        destination = _inside(root, os.path.join(directory, target))  # noqa: PTH118  # joins as paths inside the image
        for source in sources:
            path = _inside(base, source) if base else self._context / source
            if base is None and self._is_ignored(source):
                raise ValueError(f"Dockerfile:{instruction.line}: .dockerignore leaves out {source}")
            if path.is_dir():
                ignore = None if base else shutil.ignore_patterns("__pycache__")
                shutil.copytree(path, destination, symlinks=True, dirs_exist_ok=True, ignore=ignore)
            else:
                into = destination / path.name if target.endswith("/") or len(sources) > 1 else destination
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, into)
        if "chown" in instruction.options:
            user, group = map(int, instruction.options["chown"].split(":"))
            for path in (destination, *destination.rglob("*")):
                os.chown(path, user, group)
        if "chmod" in instruction.options:
            destination.chmod(int(instruction.options["chmod"], 8))

    def _is_ignored(self, source: str) -> bool:
        ignored = False
        for rule in self._ignored:
            if fnmatch.fnmatch(source, rule.removeprefix("!")):
                ignored = not rule.startswith("!")
        return ignored


def _ignore_rules(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _inside(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _run(command: str, root: Path, directory: str, environment: dict[str, str]) -> None:
    own = {key: value for key, value in os.environ.items() if key.startswith(PASSED_ON)}
    # The base image has its Python in /usr/local/bin; here it is the one that runs this.
    path = f"{Path(sys.base_prefix) / 'bin'}:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    subprocess.run(
        ["chroot", str(root), "/bin/sh", "-c", f"cd {directory} && {command}"],
        env={"PATH": path, "HOME": "/root", **own, **environment},
        check=True,
    )
