from __future__ import annotations

import pytest

from processors.sampling.ottl.functions import FUNCTIONS
from processors.sampling.ottl.values import OttlError
from tests.processors.sampling.ottl.build import holds


@pytest.mark.parametrize(
    "text",
    [
        'Concat(["a", 1, nil, true, 1.5], "-") == "a-1-<nil>-true-1.5"',
        'ContainsValue(attributes["tags"], 2.0) and not ContainsValue(attributes["tags"], "y")',
        'ContainsValue(["chat gpt-4o", "b"], name)',
        'Double("1.5e1") == 15.0 and Double(2) == 2.0 and Double(true) == 1.0 and Double(nil) == nil',
        'Int("42") == 42 and Int("4x") == nil and Int(-1.9) == -1 and Int(true) == 1 and Int(nil) == nil',
        'Int(attributes["digits"]) > 41',
        'String(7) == "7" and String(true) == "true" and String(0x01ff) == "01ff" and String(nil) == nil',
        'String(attributes["map"]) == "{\\"list\\":[1,2]}"',
        'HasPrefix(name, "chat") and not HasPrefix(name, "gpt") and HasSuffix(name, "4o")',
        'IsString(name) and not IsString(1) and not IsString(nil) and not IsString(attributes["missing"])',
        'IsInt(attributes["tokens"]) and not IsInt(1.5) and not IsInt(true)',
        'IsDouble(attributes["score"]) and not IsDouble(1)',
        'IsBool(attributes["cached"]) and not IsBool(1)',
        'IsMap(attributes["map"]) and not IsMap(attributes["tags"])',
        'IsList(attributes["tags"]) and IsList(events) and not IsList(attributes["map"])',
        'IsMatch(attributes["tokens"], "^7$") and IsMatch(attributes["cached"], "^true$")',
        'IsMatch(attributes["score"], "^0.25$") and not IsMatch(nil, "")',
        'Len("aé") == 3 and Len(attributes["tags"]) == 2 and Len(attributes["map"]) == 1 and Len(0x0102) == 2',
        'ToLowerCase("ÄSİ") == "äsi" and ToUpperCase(attributes["mixed"]) == "STRAßE" and ToUpperCase("ab") == "AB"',
        'ToLowerCase("AB") == "ab"',
        'Duration("1h30m") == Duration("90m") and Duration("-1.5s") < Duration("0s") and Duration("+1s") > Duration("0")',
        'Hours(Duration("90m")) == 1.5 and Minutes(Duration("90s")) == 1.5 and Seconds(Duration("1500ms")) == 1.5',
        'Milliseconds(Duration("1.9ms")) == 1 and Milliseconds(Duration("-1.9ms")) == -1',
        'Microseconds(Duration("2ms")) == 2000 and Nanoseconds(Duration("1us")) == 1000',
        'trace_id == TraceID("000102030405060708090a0b0c0d0e0f") and span_id == SpanID(0x0001020304050607)',
    ],
)
def test_results(text: str) -> None:
    """Each function gives what the Collector's gives."""
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        'HasPrefix(attributes["tokens"], "7")',
        'HasSuffix(attributes["missing"], "7")',
        'Len(attributes["tokens"]) == 1',
        'Len(attributes["missing"]) == 0',
        'ToLowerCase(attributes["tokens"]) == "7"',
        'ContainsValue(attributes["model"], "g")',
        'Concat(attributes["model"], "") == ""',
        'Double(attributes["model"]) == 1.0',
        'Int(attributes["map"]) == 1',
        'Milliseconds(attributes["tokens"]) == 7',
        "TraceID(name) == trace_id",
        'SpanID(attributes["empty"]) == span_id',
    ],
)
def test_wrong_types_fail(text: str) -> None:
    """An argument of the wrong type is an error, not a guess."""
    with pytest.raises(OttlError):
        holds(text)


def test_errors_show_no_values() -> None:
    """What a span contains does not get into the text of an error."""
    with pytest.raises(OttlError) as caught:
        holds('Double(attributes["model"]) == 1.0')
    assert "gpt" not in str(caught.value)


def test_every_function_is_here() -> None:
    """The table above knows all functions."""
    text = " ".join(test_results.pytestmark[0].args[1])  # type: ignore[attr-defined]  # pytest's mark
    assert [name for name in FUNCTIONS if f"{name}(" not in text] == ["IsRootSpan"]
