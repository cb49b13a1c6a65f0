"""Spans that are large and cheap to handle: most of each is an attribute that the policy lets pass untouched."""

from __future__ import annotations

import random
import time

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.support.chats import set_attribute

BULK = "app.bulk"
LET_BULK_PASS = f"\npii: {{attributes: {{keep: [{BULK}]}}}}\n"
"""To be added to a policy."""


def bulky_span(rng: random.Random, size_bytes: int, *, error: bool = False, root: bool = True) -> Span:
    """A trace of one span. Without a root it waits for its decision as long as a trace may."""
    now = time.time_ns()
    span = Span(trace_id=rng.randbytes(16), span_id=rng.randbytes(8), name="work")
    span.start_time_unix_nano, span.end_time_unix_nano = now, now + 1_000_000
    if not root:
        span.parent_span_id = rng.randbytes(8)
    if error:
        span.status.code = Status.STATUS_CODE_ERROR
    set_attribute(span, BULK, rng.randbytes(size_bytes // 2).hex())
    return span
