"""The policy types that `sampling.policies` knows: those that look at a trace (`leaf.py`), and those made of others."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from processors.sampling.policies.and_ import AndPolicy
from processors.sampling.policies.composite import CompositePolicy
from processors.sampling.policies.drop import DropPolicy
from processors.sampling.policies.leaf import AnyLeaf
from processors.sampling.policies.not_ import NotPolicy

AnyPolicy: TypeAlias = Annotated[
    AnyLeaf | AndPolicy | CompositePolicy | DropPolicy | NotPolicy, Field(discriminator="type")
]
