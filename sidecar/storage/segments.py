"""The segment files of a journal's directory: what a process knows of each, and how it finds those of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sidecar.storage.errors import WrongKey
from sidecar.storage.file_system import File, FileSystem
from sidecar.storage.segment import Codec, Header, NotASegment
from sidecar.storage.vault import Vault

UNREADABLE: Final = "read_failed"

_SUFFIX: Final = ".seg"


@dataclass(slots=True)
class Segment:
    name: str
    header: Header
    file: File
    codec: Codec
    size: int
    sealed: bool = False
    damaged: bool = False
    holds: int = 0
    """Its records', one for each time it waits to be synced, one while it is replayed, one for each it has to outlive."""
    heirs: list[Segment] = field(default_factory=list)
    """Segments with copies of records of this one: they stay as long as it does."""

    @property
    def number(self) -> int:
        return self.header.number


def segment_name(number: int) -> str:
    return f"{number:016x}{_SUFFIX}"


def find_segments(files: FileSystem, vault: Vault) -> tuple[list[Segment], list[tuple[str, str]]]:
    """The segments in order, sealed and with one hold, their reader's; and the other files, each with a reason.

    Reasons are UNREADABLE and those of NotASegment. Changes nothing; raises WrongKey, and OSError.
    """
    found: dict[int, Segment] = {}
    others: list[tuple[str, str]] = []
    for name in sorted(files.names()):
        if not name.endswith(_SUFFIX):
            continue
        file = None
        try:
            file = files.open(name)
            header, size = Header.read(file), file.size
        except (NotASegment, OSError) as error:
            if file is not None:
                file.close()
            others.append((name, error.reason if isinstance(error, NotASegment) else UNREADABLE))
            continue
        if header.key_id != vault.key_id:
            raise WrongKey(f"journal segment {name}")
        segment = Segment(name, header, file, Codec(header, vault), size, sealed=True, holds=1)
        # Blocks that another file had before can make a second one look like it: the name tells which is which.
        other = found.get(header.number)
        if other is not None:
            segment, copy = (segment, other) if name == segment_name(header.number) else (other, segment)
            copy.file.close()
            others.append((copy.name, "foreign_file"))
        found[header.number] = segment
    return [found[number] for number in sorted(found)], others
