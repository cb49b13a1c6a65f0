"""What may stand inside `and` and `drop`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from processors.sampling.policies.leaf import AnyLeaf
from processors.sampling.policies.not_ import NotPolicy

SubPolicy: TypeAlias = Annotated[AnyLeaf | NotPolicy, Field(discriminator="type")]
