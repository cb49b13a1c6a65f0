"""Recordings are read as they were written."""

from __future__ import annotations

import pytest

from tests.corpus.conversation import OTHER, PLAIN, TOOL_ANSWER, TOOL_REQUEST, Turn, turn_of
from tests.corpus.planted import PLANTED
from tests.corpus.recording import RECORDINGS
from tests.corpus.table import ROWS

MAX_BYTES = 84 * 1024
MAX_BYTES_IN_ALL = 2_300_000


def test_recordings_are_small() -> None:
    """So that they can be read, and the repository stays light."""
    sizes = {path.name: path.stat().st_size for path in RECORDINGS.glob("*.jsonl")}
    assert {name: size for name, size in sizes.items() if size > MAX_BYTES} == {}
    assert sum(sizes.values()) < MAX_BYTES_IN_ALL


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_every_recording_holds_what_was_planted(name: str) -> None:
    """A recording without a planted value would prove nothing."""
    text = (RECORDINGS / f"{name}.jsonl").read_text("utf-8")
    assert sum(value in text for value in PLANTED.values()) >= 3


@pytest.mark.parametrize(
    ("texts", "has_tool_result", "turn"),
    [
        ([PLAIN.user], False, PLAIN),
        ([PLAIN.user, TOOL_REQUEST.user], False, TOOL_REQUEST),
        ([TOOL_REQUEST.user], True, TOOL_ANSWER),
        (["Summarise."], False, OTHER),
        ([], False, OTHER),
    ],
)
def test_the_endpoints_know_the_turn(texts: list[str], has_tool_result: bool, turn: Turn) -> None:  # noqa: FBT001  # a table
    """By the last of the user's texts that is part of the scenario, however much stands around it."""
    assert turn_of(texts, has_tool_result=has_tool_result) is turn


def test_the_page_lists_every_row() -> None:
    """`docs/corpus.md` names each recording with its versions."""
    page = (RECORDINGS.parents[2] / "docs" / "corpus.md").read_text("utf-8")
    missing = [
        f"{row.name}: {name}"
        for row in ROWS
        for name, version in row.pinned.items()
        if not name.startswith("@opentelemetry/")
        and not any(f"`{row.name}`" in line and f"{name} {version}" in line for line in page.splitlines())
    ]
    assert missing == []
