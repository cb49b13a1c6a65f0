"""URLs and UUIDs, for policies that act on these types; by default both are kept."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

URL: Final = PatternRecognizer(
    "URL",
    re.compile(
        r"(?<![\w@])(?i:(?:https?|ftp|wss?)://|www\.)[^\s<>\"'`{}|\\^]{1,2000}(?<![.,;:!?)\]])"
        r"|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|edu|gov|io|ai|dev|app|co|uk|de|fr|eu|info|biz|me)(?:/[^\s<>\"'`{}|\\^]{0,2000}(?<![.,;:!?)\]]))?(?![\w@-]|\.\w)"
    ),
    score=0.6,
)
UUID: Final = PatternRecognizer(
    "UUID", re.compile(r"(?<![0-9A-Za-z-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z-])")
)
