"""Traces for the tests of the page and the checks."""

from __future__ import annotations

import re
from dataclasses import replace

from sidecar.demo.sidecar_process import Numbers
from sidecar.demo.trace_view import TraceView

RAW = TraceView(
    trace_id="0af7651916cd43dd8448eb211c80319c",
    root_span_id="b7ad6b7169203331",
    title="Card charged twice",
    question="I am Maria Gonzalez, my card 4111 1111 1111 1111 was charged twice.",
    answer="Sorry, Maria Gonzalez.",
    error="upstream failed for maria@example.org",
    tool_result="",
    spans=2,
    policy="",
    late=False,
    findings={},
    cost_usd=None,
    cost_source="",
    prompt_hash="",
)
SCRUBBED = replace(
    RAW,
    question="I am <PERSON>, my card <CREDIT_CARD> was charged twice.",
    answer="Sorry, <PERSON>.",
    error="upstream failed for <EMAIL_ADDRESS>",
    policy="errors",
    findings={"PERSON": 2, "CREDIT_CARD": 1, "EMAIL_ADDRESS": 1},
    cost_usd=0.000063,
    cost_source="genai-prices@0.2.3",
    prompt_hash="xxh3_128:0123456789abcdef",
)
ROUTINE = replace(
    RAW,
    trace_id="11111111111111111111111111111111",
    title="Opening hours",
    question="When are you open?",
    answer="From nine to two.",
    error="",
)
PLANTED = ("Maria Gonzalez", "4111 1111 1111 1111", "maria@example.org")
NUMBERS = Numbers(
    received=4, recovered=0, exported=2, sampled_out=2, rejected=0, waiting=0, logs_exported=3
)  # fmt: skip


_LABEL_COLUMNS = 18


def after_texts(page: str) -> list[str]:
    """What the page shows as forwarded: each text marked +, put together again where it was wrapped."""
    texts: list[str] = []
    open_text = False
    for line in page.splitlines():
        mark = re.match(rf".{{{_LABEL_COLUMNS}}}([+-]) (.*)", line)
        if mark:
            open_text = mark[1] == "+"
            if open_text:
                texts.append(mark[2])
        elif line.startswith(" " * (_LABEL_COLUMNS + 2)):
            if open_text:
                texts[-1] += " " + line.strip()
        else:
            open_text = False
    return texts
