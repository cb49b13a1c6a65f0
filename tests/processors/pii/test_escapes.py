from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.pii.escapes import Decoded
from processors.pii.findings import Finding


def test_escaped_at_sign_is_decoded_and_mapped_back() -> None:
    r"""`j\u0040x.com` is read as `j@x.com`, and the finding covers all of the raw spelling."""
    raw = r"mail j\u0040x.com now"
    decoded = Decoded(raw)
    assert decoded.text == "mail j@x.com now"
    (finding,) = decoded.to_raw([Finding("EMAIL_ADDRESS", 5, 12, 1.0)])
    assert raw[finding.start : finding.end] == r"j\u0040x.com"


def test_several_layers_are_unwrapped() -> None:
    """JSON logged into JSON logged into JSON is still read."""
    raw = json.dumps(json.dumps("Jörg@x.com"))[:-2]
    decoded = Decoded(raw)
    assert "Jörg@x.com" in decoded.text
    start = decoded.text.index("Jörg")
    (finding,) = decoded.to_raw([Finding("EMAIL_ADDRESS", start, start + 10, 1.0)])
    assert raw[finding.start : finding.end].startswith("J\\\\u00f6rg@x.com")


@given(st.text(alphabet='ab\\"nu0041@ é\n', max_size=60))
def test_raw_positions_are_in_order_and_in_range(raw: str) -> None:
    """Every stretch of the decoded text has a place in the raw one, and all of them together are the whole."""
    decoded = Decoded(raw)
    whole = decoded.to_raw([Finding("PERSON", 0, len(decoded.text), 1.0)])
    assert [(f.start, f.end) for f in whole] == [(0, len(raw))]
    places = [decoded.to_raw([Finding("PERSON", i, i + 1, 1.0)])[0] for i in range(len(decoded.text))]
    assert all(a.end == b.start for a, b in pairwise(places))


@given(st.text(max_size=80).filter(lambda text: not {*"\\&%"} & {*text}))
def test_what_json_escapes_is_read_as_it_was(text: str) -> None:
    """Decoding what a JSON encoder wrote gives the text that went in."""
    quoted = json.dumps(text)[1:-1]
    decoded = Decoded(quoted).text
    assert decoded.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"j\x40x.com", "j@x.com"),
        (r"\U0001F600 \ud83d\ude00 \u{1F600}", "\U0001f600 \U0001f600 \U0001f600"),
        ("j&#64;x.com &#x40; &commat; &amp;#64;", "j@x.com @ @ @"),
        ("j%40x.com J%C3%B6rg %E2%82%AC %F0%9F%98%80", "j@x.com J\u00f6rg \u20ac \U0001f600"),
        ("100% &c; 5 %z %00 \\q", "100% &c; 5 %z %00 \\q"),
        ("%2540", "@"),
    ],
)
def test_python_html_and_url_escapes(raw: str, text: str) -> None:
    """Each becomes one character; what is no escape stays."""
    decoded = Decoded(raw)
    assert decoded.text == text
    if decoded.changed and text:
        (finding,) = decoded.to_raw([Finding("X", 0, len(text), 1.0)])
        assert (finding.start, finding.end) == (0, len(raw))
