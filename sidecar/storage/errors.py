"""Why a storage directory cannot be used. The messages are for the operator; nothing was changed when they are raised."""

from __future__ import annotations


class StorageUnusable(Exception):  # noqa: N818  # named for the state of the directory
    """The message says what to do."""


class WrongKey(StorageUnusable):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was written with another encryption key; put that key back, or move the storage directory away "
            "to start with an empty one. Nothing was deleted."
        )
