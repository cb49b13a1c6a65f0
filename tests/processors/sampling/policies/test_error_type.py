from __future__ import annotations

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.processors.sampling.build import policy, section, span
from tests.processors.sampling.policies.llm import call, decided


@pytest.mark.parametrize(
    ("types", "of", "kept"),
    [
        (["rate_limit"], call(error__type="openai.RateLimitError"), True),
        (["openai.*"], call(error__type="openai.RateLimitError"), True),
        (["429"], call(error__type="429"), True),
        (["timeout"], call(error__type="429"), False),
        (["tool"], span(attrs={"error.type": "tool_error"}), True),
        (["rate_limit"], span(attrs={"http.route": "/x", "error.type": "429"}), True),
        (["content_filter"], call(gen_ai__response__finish_reasons='["content_filter"]'), True),
        (["*"], call(), False),
    ],
)
def test_types_and_kinds(types: list[str], of: Span, kept: bool) -> None:  # noqa: FBT001  # a table's column
    """As spelled, or by what kind of error it is; on model calls and on any other span."""
    decision = decided(section(policy("error_type", types=types)), [call()], [of])
    assert decision.kept is kept
    if kept:
        assert decision.category == "error"
