"""What the detector asks of a model of names and places, and which one a policy means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from processors.pii.findings import Finding


class NameModel(Protocol):
    """Finds by context what has no form of its own. Opens no connection; keeps no text between calls, at most single words."""

    @property
    def entity_types(self) -> frozenset[str]:
        """Every type that can come out of `find`."""
        ...

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings in each text, in order of position. What stands in one text does not change those of another."""
        ...


def load(package: str | None) -> NameModel:
    """The spaCy pipeline of that package, or the model that comes with the project.

    Raises ValueError if no pipeline is installed under that name.
    """
    # Each costs memory that only its user should pay: numpy some 30 MB, spaCy some 100 MB.
    if package is None:
        from processors.pii.model.own_names import OwnNames  # noqa: PLC0415  # see above

        return OwnNames.load()
    from processors.pii.model.spacy_names import SpacyNames  # noqa: PLC0415  # see above

    return SpacyNames.load(package)
