"""Alibaba LoongSuite: the semantic conventions' keys and more. Times to the first token are in nanoseconds. Media lie elsewhere."""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

LOONGSUITE: Final = Dialect(
    "loongsuite",
    title="Alibaba LoongSuite",
    keys=(
        # Content
        Key("gen_ai.rerank.scoring_prompt", Role.PROMPT_TEMPLATE, Format.PLAIN),
        Key("gen_ai.rerank.input_documents", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("gen_ai.rerank.output_documents", Role.RETRIEVAL_DOCS, Format.JSON),
        Key("gen_ai.memory.input.messages", Role.MEMORY, Format.JSON),
        Key("gen_ai.memory.output.messages", Role.MEMORY, Format.JSON),
        # Content kept elsewhere
        Key("gen_ai.input.multimodal_metadata", Role.CONTENT_REF, Format.JSON),
        Key("gen_ai.output.multimodal_metadata", Role.CONTENT_REF, Format.JSON),
        # The call
        Key("gen_ai.request.model_name", Role.MODEL_REQ, Format.PLAIN),  # Dify
        Key("gen_ai.model_name", Role.MODEL_REQ, Format.PLAIN),
        Key("gen_ai.response.time_to_first_token", Role.TTFT, Format.NANOSECONDS),
        # Whose call it is
        Key("gen_ai.user.id", Role.USER_ID, Format.PLAIN),
        Key("gen_ai.memory.user_id", Role.USER_ID, Format.PLAIN),
        Key("gen_ai.session.id", Role.SESSION_ID, Format.PLAIN),
    ),
    scopes=("*loongsuite*",),
)
