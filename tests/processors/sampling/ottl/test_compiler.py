from __future__ import annotations

import pytest

from processors.sampling.ottl.compiler import compile_condition
from processors.sampling.ottl.grammar import ConditionError
from processors.sampling.ottl.values import OttlError
from tests.processors.sampling.ottl.build import holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("not false", True),
        ("true or true and false", True),
        ("(true or true) and false", False),
        ("not false and false", False),
        ("not (false and false)", True),
        ("false or not false", True),
        ('name == "chat gpt-4o" and kind == SPAN_KIND_CLIENT', True),
        ("not kind == SPAN_KIND_SERVER", True),
        ("status.code == STATUS_CODE_ERROR", True),
        ('attributes["model"] == "gpt-4o"', True),
        ('attributes["missing"] == nil', True),
        ('attributes["nothing"] == nil', True),
        ('attributes["missing"] != "x"', True),
        ('attributes["tokens"] >= 7 and attributes["tokens"] < 7.5', True),
        ('attributes["score"] < 0.5', True),
        ('attributes["cached"] == true', True),
        ('attributes["raw"] == 0x01FF', True),
        ('attributes["tags"] == ["x", 2]', True),
        ('attributes["tags"] != ["x", 2.0]', True),
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("-(2 - 5) == +3", True),
        ('-attributes["tokens"] == -7', True),
        ("7 / 2 == 3 and -7 / 2 == -3 and 7 / 2.0 == 3.5", True),
        (".5 == 1. / 2 and 1.5e1 == 15", True),
        ('end_time - start_time > Duration("1.5s")', True),
        ("(end_time_unix_nano - start_time_unix_nano) / 1000000 == 2000", True),
        ('IsMatch(name, "^chat\\\\s")', True),
        ('IsMatch(pattern="4o$", target=name)', True),
        ('IsMatch(name, pattern="4o$")', True),
        ('IsMatch(attributes["missing"], ".*")', False),
        ("IsRootSpan()", True),
        ("IsRootSpan() == true", True),
        ('"\\x41\\u00e9\\t\\"\\101" == "A\u00e9\t\\"A"', True),
        ('  name\n  != ""  ', True),
    ],
)
def test_meaning(text: str, expected: bool) -> None:  # noqa: FBT001  # a table's column
    """Precedence, literals, constants, arithmetic and comparisons mean what they mean in the Collector."""
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, "not complete"),
        ('name == "a', 9, "string that has no end"),
        ('name = "a"', 6, "`=` cannot stand here; expected a comparison"),
        ('name == "a" andname == "b"', 13, "`andname` cannot stand here; expected"),
        ("name ==\n $", 10, "`$` cannot stand here"),
        ("name", 1, "a value is no condition"),
        ("true and 3", 10, "a value is no condition"),
        ('(name == "a") == true', 2, "cannot be used as a value"),
        ("true and nmae == 1", 10, "no path `nmae`; allowed here: attributes, "),
        ("resource == nil", 1, "no path `resource`"),
        ("spanevent.name == nil", 1, "no path"),
        ("name[0] == nil", 1, "takes no key"),
        ("attributes[0] == nil", 1, "looked up by a string"),
        ('attributes["a"].b == nil', 1, "only stand at the end"),
        ("true or ParseJSON(name) == 1", 9, "no function `ParseJSON` here; allowed: Concat, "),
        ('Len(name, "a") == 1', 1, "do not fit Len(target)"),
        ("IsMatch(name) == true", 1, "do not fit IsMatch(target, pattern)"),
        ('IsMatch(name, wrong="a")', 1, "do not fit"),
        ('IsMatch(target=name, target="a")', 1, "do not fit"),
        ('IsMatch(pattern="a", name)', 1, "do not fit"),
        ("IsMatch(name, name)", 1, "must be a string, written out"),
        ('IsMatch(name, "(")', 1, "not a regular expression (RE2 syntax): missing )"),
        ('IsMatch(name, "(?=a)")', 1, "not a regular expression"),
        ('name == "\\d"', 10, "no escape `\\d`"),
        ('name == "\\xff"', 10, "no character"),
        ("kind == SPAN_KIND_ROBOT", 9, "no constant `SPAN_KIND_ROBOT`; allowed: SPAN_KIND_UNSPECIFIED"),
        ("1 / 0 == 1", 1, "division by zero"),
        ('1 + "a" == 1', 1, "an int + a string"),
        ('Duration("x") == nil', 1, "number with a unit"),
        ("9223372036854775808 == 1", 1, "64 bits"),
        ("name == 0x123", 9, "two hexadecimal digits"),
        ('set(name, "a")', 4, "`(` cannot stand here"),
        ("(" * 101 + "true" + ")" * 101, 102, "nested more than 100 deep"),
        ("true or " * 1024 + "true", None, "longer than 8192"),
    ],
)
def test_errors_name_the_position(text: str, position: int | None, words: str) -> None:
    """What is outside the subset is refused when it is loaded, with the place and what may stand there."""
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, "span")
    assert words in str(caught.value)
    assert position is None or str(caught.value).startswith(f"at character {position}: ")


@pytest.mark.parametrize(
    "text",
    [
        'attributes["missing"] + 1 == 1',
        'attributes["tokens"] / (attributes["tokens"] - 7) == 1',
        'not HasPrefix(attributes["missing"], "a")',
        'attributes["tags"][2] == nil',
        'attributes["model"]["x"] == nil',
        '-attributes["model"] == nil',
        'false or attributes["model"] - 1 == 0',
    ],
)
def test_what_cannot_be_evaluated_raises(text: str) -> None:
    """A part without a value makes the whole condition fail; `not` does not turn a failure into a match."""
    with pytest.raises(OttlError):
        holds(text)


def test_the_first_truth_settles_it() -> None:
    """`and` and `or` stop where the answer is clear, so what would fail behind it does not."""
    assert holds('true or attributes["model"] - 1 == 0')
    assert not holds('false and attributes["model"] - 1 == 0')


def test_functions_of_spans_only() -> None:
    """IsRootSpan is about spans: a condition on events does not know it, as in the Collector."""
    with pytest.raises(ConditionError, match="no function `IsRootSpan` here"):
        compile_condition("IsRootSpan()", "spanevent")


def test_keys_of_the_span_that_are_needed() -> None:
    """The compiler tells which attributes of the span to gather; those of other owners are not among them."""
    text = 'attributes["a"] == 1 or span.attributes["b"]["c"] == resource.attributes["d"]'
    assert compile_condition(text, "span").span_keys == {"a", "b"}
    assert compile_condition('attributes["a"] == span.attributes["b"]', "spanevent").span_keys == {"b"}
