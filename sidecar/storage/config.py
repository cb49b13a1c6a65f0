"""The `storage` section of sidecar.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from processors.section import StrictModel

_MIB: Final = 1024 * 1024


class StorageConfig(StrictModel):
    """Where telemetry waits until it is delivered."""

    directory: Path | None = None
    """Directory for what is not delivered yet; encrypted. Absent: in memory, and nothing survives a restart."""
    max_size_mib: Annotated[int, Field(ge=16)] | None = None
    """How much may wait, all in all; what is decided and not delivered takes at most half. Absent: 2048 with a directory,
    256 in memory."""
    fsync: Literal["process", "always"] = "process"
    """process: what was acknowledged survives kill -9. always: it survives power loss."""
    encryption_key_file: Path | None = None
    """The key for what is stored, at least 32 bytes; made at the first start, mode 0600, if it is not there. Absent: in
    the directory."""

    lost_key: Literal["refuse", "set_aside"] = "refuse"
    """What to do at a start that finds data and no key file. refuse: not start. set_aside: move the data, which nobody can
    read any more, out of the way, and start with an empty directory; for keys that live shorter than their data."""

    @property
    def max_bytes(self) -> int:
        return (self.max_size_mib or (2048 if self.directory else 256)) * _MIB
