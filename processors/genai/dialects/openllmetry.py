"""OpenLLMetry (Traceloop) up to 0.4x: one attribute per message and field. Its content keys only, so that none leaks.

`gen_ai.prompt.#.content` is text, or JSON where the message has several parts. `traceloop.entity.input` and `.output`
are JSON that may be cut off. Headers are a Python repr and may hold keys.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

OPENLLMETRY: Final = Dialect(
    "openllmetry",
    keys=(
        Key("gen_ai.prompt.#.role", Role.MISC, Format.PLAIN),
        Key("gen_ai.prompt.#.content", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("gen_ai.prompt.#.user", Role.PROMPT, Format.PLAIN),
        Key("gen_ai.prompt.#.tool_calls.#.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.completion.#.role", Role.MISC, Format.PLAIN),
        Key("gen_ai.completion.#.finish_reason", Role.FINISH, Format.PLAIN),
        Key("gen_ai.completion.#.content", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("gen_ai.completion.#.tool_calls.#.arguments", Role.TOOL_ARGS, Format.JSON),
        Key("gen_ai.task.input", Role.PROMPT, Format.JSON),
        Key("gen_ai.task.output", Role.COMPLETION, Format.JSON),
        Key("gen_ai.headers", Role.METADATA, Format.PLAIN),
        Key("traceloop.entity.input", Role.PROMPT, Format.PLAIN_OR_JSON),
        Key("traceloop.entity.output", Role.COMPLETION, Format.PLAIN_OR_JSON),
        Key("traceloop.prompt.template", Role.PROMPT_TEMPLATE, Format.PLAIN),
        Key("traceloop.prompt.template_variables.*", Role.PROMPT_VARS, Format.PLAIN),
    ),
)
