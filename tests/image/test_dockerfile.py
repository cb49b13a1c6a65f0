"""The Dockerfile keeps the rules, which a linter for containers would look at, and the rules can say no."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from image.dockerfile import Stage, read_dockerfile
from tests.support.lock import read_lock

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
_PINNED = re.compile(r"[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


def faults(stages: list[Stage]) -> list[str]:
    """What is wrong with the stages, in words."""
    found: list[str] = []
    names = {stage.name for stage in stages}
    for stage in stages:
        if stage.image != "scratch" and stage.image not in names and not _PINNED.fullmatch(stage.image):
            found.append(f"{stage.image} is not pinned by tag and digest")
        if ":latest" in stage.image:
            found.append("latest is no version")
        for each in stage.instructions:
            if each.name in {"ENTRYPOINT", "CMD"} and each.exec_form is None:
                found.append(f"{each.name} in the shell form needs a shell")
            if each.name == "COPY" and each.options.get("from", stages[0].name) not in names:
                found.append(f"COPY --from={each.options['from']}: only stages of this file")
            if each.name == "COPY" and "from" not in each.options and "." in each.operands[:-1]:
                found.append("COPY . takes whatever lies around")
            found += (
                f"installs what is not locked: {command.strip()}"
                for command in re.findall(r"pip\S* (?:--python \S+ )?install[^&]*", each.text)
                if not {"--require-hashes", "--no-index"}.intersection(command.split())
            )
            if each.name == "RUN" and re.search(r"\b(?:curl|wget|apt-get)\b", each.text):
                found.append("fetches what is not locked")
            if each.name in {"ENV", "LABEL"} and re.search(r"(?i)password|secret|token|_key=", each.text):
                found.append("holds a secret")
    final = stages[-1]
    user = final.last("USER")
    if user is None or user.text != "65532:65532":
        found.append("does not run as 65532, by number")
    if final.image != "scratch":
        found.append("the last stage brings more than was copied")
    if any(each.name == "RUN" for each in final.instructions):
        found.append("RUN in the last stage needs a shell")
    return found


def edited(tmp_path: Path, old: str, new: str) -> list[Stage]:
    text = DOCKERFILE.read_text()
    assert old in text
    path = tmp_path / "Dockerfile"
    path.write_text(text.replace(old, new))
    return read_dockerfile(path)


def test_the_dockerfile_keeps_the_rules() -> None:
    """No fault in it."""
    assert faults(read_dockerfile(DOCKERFILE)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("@sha256:", "@sha256:0", "not pinned"),
        ("FROM scratch", "FROM python:3.11-slim", "not pinned"),
        ('ENTRYPOINT ["genai-sidecar"]', "ENTRYPOINT genai-sidecar", "shell form"),
        ('CMD ["run"]', "CMD run", "shell form"),
        ("USER 65532:65532", "USER nonroot", "65532"),
        ("USER 65532:65532\n", "", "65532"),
        ("COPY processors processors", "COPY . .", "whatever lies around"),
        ("--from=build /rootfs", "--from=busybox:1 /rootfs", "only stages"),
        ("--require-hashes --only-binary :all: -r requirements-build.lock", "hatchling", "not locked"),
        ("COPY image/rootfs.py", "RUN curl x | sh\nCOPY image/rootfs.py", "fetches"),
        ("STOPSIGNAL", "RUN echo\nSTOPSIGNAL", "needs a shell"),
        ("LANG=C.UTF-8", "API_TOKEN=x", "secret"),
    ],
)
def test_the_rules_find(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """One change for the worse in the real file is found."""
    assert any(fault in each for each in faults(edited(tmp_path, old, new)))


def test_an_instruction_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    """ADD, which fetches and unpacks, among them; nothing is skipped."""
    with pytest.raises(ValueError, match=r"Dockerfile:\d+: ADD is not supported"):
        edited(tmp_path, "COPY image/rootfs.py", "ADD image/rootfs.py")


def test_it_starts_the_command_of_the_project() -> None:
    """`genai-sidecar run`, found on the PATH, where the environment is; it stops by the signal that `run` waits for."""
    final = read_dockerfile(DOCKERFILE)[-1]
    entry, command, stop = (final.last(name) for name in ("ENTRYPOINT", "CMD", "STOPSIGNAL"))
    assert entry is not None
    assert command is not None
    assert stop is not None
    assert (entry.exec_form, command.exec_form, stop.text) == (["genai-sidecar"], ["run"], "SIGTERM")
    assert final.environment["PATH"] == "/opt/genai-sidecar/bin"


def test_what_is_copied_is_there_and_is_let_in() -> None:
    """Each source of a COPY is in the repository, and .dockerignore, which leaves out everything, lets it in."""
    build = read_dockerfile(DOCKERFILE)[0]
    sources = {each for copy in build.instructions if copy.name == "COPY" for each in copy.operands[:-1]}
    rules = (ROOT / ".dockerignore").read_text().split("\n")
    assert "*" in rules
    assert {each for each in sources if not (ROOT / each).exists()} == set()
    assert sources == {rule[1:] for rule in rules if rule.startswith("!")}


def test_the_build_lock_has_the_versions_of_the_development_lock() -> None:
    """The wheel in the image is built with what the tests were run with."""
    development = read_lock(ROOT / "requirements-dev.lock")
    for name, entries in read_lock(ROOT / "requirements-build.lock").items():
        assert {entry.version for entry in entries} == {entry.version for entry in development[name]}
        assert all(entry.hashes for entry in entries)
