"""What every section of policy.yaml and sidecar.yaml has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """Immutable, and an unknown key is an error rather than a silent no-op.

    Errors hide the input: a mistyped secret must not travel into a log. The loader adds the value back
    where it is harmless.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)


class Section(StrictModel):
    """One processor's part of policy.yaml."""

    enabled: bool = True
    """false: the processor is skipped whole."""
