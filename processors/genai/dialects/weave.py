"""W&B Weave: the semantic conventions' keys, and a call's arguments and result under bare keys. Large content stays elsewhere."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

WEAVE: Final = Dialect(
    "weave",
    title="W&B Weave",
    keys=(
        # Content
        Key("inputs.*", Role.PROMPT, Format.JSON, scoped=True),
        Key("inputs", Role.PROMPT, Format.JSON, scoped=True),
        Key("output", Role.COMPLETION, Format.JSON, scoped=True),
        # Content kept elsewhere
        Key("weave.content_refs", Role.CONTENT_REF, Format.JSON),
        # The rest
        Key("weave.eval.run_id", Role.MISC, Format.PLAIN),
    ),
    scopes=(
        "weave*",
        "*.weave",
    ),
    markers=("weave.*",),
)
