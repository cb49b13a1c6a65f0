from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.genai.matcher import MATCHER
from processors.pii.detector import Detector
from processors.pii.scrub import Pii
from processors.pii.section import PiiSection
from processors.processor import Report
from tests.processors.pii.test_scrub import (
    PARTS,
    attribute,
    log_request,
    metric_request,
    one_span,
    trace_request,
    values,
)


@pytest.fixture(scope="module")
def scrubber() -> Pii:
    section = PiiSection()
    return Pii(section, Detector.load(section), MATCHER, None)


def test_nothing_planted_passes_the_real_detector(scrubber: Pii) -> None:
    """The same plants in every place as with the fake detector, this time with the model and all dialects."""
    report = Report()
    traces, logs, metrics = trace_request(), log_request(), metric_request()
    scrubber.traces(traces, {}, report)
    scrubber.logs(logs, {}, report)
    scrubber.metrics(metrics, report)
    for request in (traces, logs, metrics):
        assert [part for part in PARTS if part in request.SerializeToString()] == []
    assert not report.scrub_failures


def test_a_chat_span_keeps_what_debugging_needs(scrubber: Pii) -> None:
    """Names, places and keys go out of the messages; models, ids, roles, tools and numbers stay as they were."""
    request, span = one_span()
    call = {"type": "tool_call", "id": "call_Ab12", "name": "get_weather", "arguments": '{"city": "Paris", "days": 3}'}
    messages = [
        {"role": "system", "parts": [{"type": "text", "content": "You are a helpful assistant."}]},
        {"role": "user", "parts": [{"type": "text", "content": "My name is John Smith and I live in Paris."}]},
        {"role": "assistant", "parts": [call], "finish_reason": "tool_call"},
    ]
    attribute(span, "gen_ai.input.messages", json.dumps(messages))
    plain = {
        "gen_ai.request.model": "gpt-4o-2024-08-06",
        "gen_ai.response.id": "chatcmpl-9J3uIL87gldCFtiIbyaOvTeYBRA3l",
        "k8s.pod.name": "payments-api-5b7c9d4f6-4111x",
        "server.address": "api.openai.com",
    }
    for key, value in plain.items():
        attribute(span, key, value)
    scrubber.traces(request, {}, Report())
    found = values(span)
    assert {key: found[key] for key in plain} == plain
    messages[1]["parts"] = [{"type": "text", "content": "My name is <PERSON> and I live in <LOCATION>."}]
    messages[2]["parts"] = [{**call, "arguments": '{"city": "<LOCATION>", "days": 3}'}]
    assert json.loads(found["gen_ai.input.messages"]) == messages


SENTENCES = [
    "My name is John Smith and I live at 350 Fifth Avenue, New York, NY 10118.",
    "Call Maria Garcia on +49 30 1234567 or write to maria@corp.internal, card 4111 1111 1111 1111.",
    "postgres://svc:s3cret!@db.internal/x and sk-proj-abcDEF1234567890",
    "<PERSON> wrote to <EMAIL_ADDRESS> about [REDACTED] and __REDACTED__",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_scrubbed_sentences_stay_as_they_are(scrubber: Pii, sentence: str) -> None:
    """The model reads none of the markers as personal data."""
    once = scrubber.text(sentence, Report())
    report = Report()
    assert scrubber.text(once, report) == once
    assert not report.pii_findings


PLANTS = "john.smith@corp.internal", "4111 1111 1111 1111", "sk-proj-abcDEF1234567890"
FORMS = {
    "markdown": "| name | mail |\n|---|---|\n| x | {0} |\n| card | {1} |\n| key | {2} |",
    "python repr": "{{'role': 'user', 'content': 'mail {0}\\ncard {1}', 'n': 3, 'key': '{2}', 'ok': True}}",
    "cut json": '[{{"role": "user", "content": "mail {0}, card {1}, \\"key\\": \\"{2}',
    "code": 'client = Client("{2}")\nsend(to="{0}", card="{1}")  # twice',
    "html": "<p>mail {0}&nbsp;now</p><td>{1}</td><code>{2}</code>",
    "log": "2026-11-21T05:45:28Z INFO user={0} card={1} key={2} took=12ms",
    "long": "word " * 5000 + "{0} {1} {2} " + "word " * 5000,
}
ESCAPED = [
    "john.smith\\u0040corp.internal", "john.smith\\x40corp.internal", "john.smith%40corp.internal", "john.smith&#64;corp.internal",
    "john.smith&commat;corp.internal", "john.smith&amp;#64;corp.internal", "john.smith%2540corp.internal",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_content_as_it_comes(scrubber: Pii, form: str) -> None:
    """Nothing planted is left in tables, reprs, code, cut-off JSON, markup, logs or very long texts; the frame stays."""
    report = Report()
    once = scrubber.text(FORMS[form].format(*PLANTS), report)
    assert [plant for plant in PLANTS if plant in once or plant[-9:] in once] == []
    assert scrubber.text(once, Report()) == once
    assert not report.scrub_failures
    signs = "|\n{}[]()<>"
    assert [c for c in once if c in signs] == [c for c in FORMS[form].format("<>", "<>", "") if c in signs]


@pytest.mark.parametrize("value", ESCAPED)
def test_escapes_hide_nothing(scrubber: Pii, value: str) -> None:
    """However the sign of an address is written, the address goes."""
    assert scrubber.text(f"mail {value} now", Report()) == "mail <EMAIL_ADDRESS> now"


WORDS = st.lists(
    st.sampled_from(
        [
            *PLANTS,
            "John Smith",
            "Mr. Okafor",
            "Paris",
            "12 Elm Street",
            "+49 30 1234567",
            "born 1985-03-12",
            "<PERSON>",
            "[REDACTED]",
            "and",
            "lives in",
            "wrote to",
            "is",
            "called",
            ",",
            ".",
            "\n",
            "the",
            "7",
            "password:",
            "user",
        ]
    ),
    min_size=1,
    max_size=14,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_scrubbing_twice_changes_nothing(scrubber: Pii, text: str) -> None:
    """With the real detector, in text and in JSON, whose structure stays."""
    once = scrubber.text(text, Report())
    assert scrubber.text(once, Report()) == once
    document = json.dumps([{"role": "user", "n": 4, "content": text}])
    scrubbed = scrubber.text(document, Report())
    assert json.loads(scrubbed)[0].keys() == {"role", "n", "content"}
    assert scrubber.text(scrubbed, Report()) == scrubbed
