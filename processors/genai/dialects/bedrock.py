"""`opentelemetry-instrumentation-botocore` on Amazon Bedrock: the semantic conventions' keys, other counts.

The Converse API's input leaves out what was read from and written to the cache. Where a model answers no usage, the
instrumentation guesses it from the length of the text.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

BEDROCK: Final = Dialect(
    "bedrock",
    title="`opentelemetry-instrumentation-botocore` on Amazon Bedrock",
    keys=(
        Key("gen_ai.usage.input_tokens", Role.TOK_IN, Format.INT, scoped=True),
        Key("gen_ai.usage.output_tokens", Role.TOK_OUT, Format.INT, scoped=True),
    ),
    scopes=("opentelemetry.instrumentation.botocore.bedrock*",),
    cache_beside_input=True,
)
