"""A conversation written down as one text, a line for each message: `system: Be brief.`, `user: Where is Rome?`.

OpenLIT wrote prompts like that until the end of 2025, under its own scope or that of the tracer it was given. Any prompt
is read so, that it has one hash whatever it was written by. A message goes on until the next line that begins with a
role; text parts have `text: ` before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from processors.genai.conversation.message import Message, joined

_LINE: Final = re.compile(r"^(system|developer|user|assistant|tool): (?:text: )?", re.MULTILINE)
_ROLES: Final = {"developer": "system"}


def told_apart(messages: Sequence[Message]) -> list[Message]:
    """The messages in the one that there is; what was given, where that is not a text of such lines."""
    if len(messages) != 1:
        return list(messages)
    text = messages[0].text
    if not _LINE.match(text):
        return list(messages)
    heads = list(_LINE.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return joined(
        Message(_ROLES.get(head[1], head[1]), text[head.end() : end]) for head, end in zip(heads, ends, strict=True)
    )
