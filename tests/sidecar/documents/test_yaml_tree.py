from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from sidecar.documents import MAX_BYTES, DocumentErrors, parse, read_bytes


def messages(content: bytes) -> list[str]:
    """What is wrong with the YAML, whether it ends the reading or not."""
    try:
        document = parse(content, "f.yaml", {})
    except DocumentErrors as error:
        return error.messages
    return [str(problem) for problem in document.problems]


_WITH_EXPONENT = re.compile(r"[-+]?[\d.]+[eE][-+]?\d+")
# To the library's YAML 1.1 most of these are words, and it writes them without quotes; here, as in YAML 1.2, they are numbers.
texts = st.text().filter(lambda text: _WITH_EXPONENT.fullmatch(text) is None)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(json_like)
@example({"<<": None, "=": "!!str"})
def test_what_a_yaml_library_writes_is_read_back(data: Any) -> None:
    """Scalars, lists and mappings survive the way out and in, whatever characters they hold."""
    written = yaml.safe_dump(data).encode()
    assert parse(written, "f.yaml", None).data() == data


@given(st.binary(max_size=200) | st.text(alphabet="[]{}&*a:,- \n|>'\"!<?%@`#", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Nothing but DocumentErrors leaves, and its messages name the file."""
    assert all(message.startswith("f.yaml") for message in messages(content))


def test_an_empty_file_is_null() -> None:
    """So is one with comments only."""
    assert parse(b"", "f.yaml", {}).data() is None
    assert parse(b"# nothing\n", "f.yaml", {}).data() is None


def test_the_line_of_every_key_is_known() -> None:
    """Also where the value begins in a later line, and inside lists and flow mappings."""
    document = parse(b"a:\n  b:\n\n    - c: 1\n      d: {e: 2,\n        f: 3}\n", "f.yaml", {})
    assert document.line(("a", "b")) == 2
    assert document.line(("a", "b", 0)) == 4
    assert document.line(("a", "b", 0, "d", "f")) == 6
    assert document.line(("a", "b", 0, "missing")) == 4


def test_duplicate_keys_are_all_reported_with_both_lines() -> None:
    """The first one counts; YAML forbids the second."""
    document = parse(b"a: 1\nb: {c: 1,\n  c: 2}\na: 3\n", "f.yaml", {})
    assert [str(problem) for problem in document.problems] == [
        "f.yaml:3: b.c: duplicate key; it is also in line 2",
        "f.yaml:4: a: duplicate key; it is also in line 1",
    ]
    assert document.data() == {"a": 1, "b": {"c": 1}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [1\nb: 2", "f.yaml:2: column 2: not valid YAML: did not find expected ',' or ']'"),
        (b"a: b: c", "f.yaml:1: column 5: not valid YAML: mapping values are not allowed"),
        (b"a: 1\n\tb: 2", "f.yaml:2: column 1: not valid YAML"),
        (b"a: 1\nb: \x01", "f.yaml:2: not valid YAML: a control character"),
        (b"a: 1\nb: \xff", "f.yaml:2: not UTF-8 text"),
        (b"a: 1\n---\nb: 1", "f.yaml:2: a second document"),
        (b"a: *b", "f.yaml:1: an alias without its anchor"),
        (b"a: &b [*b]", "f.yaml:1: an alias inside what it stands for"),
        (b"? [a]\n: b", "f.yaml:1: a collection as a key"),
        (b"a: 1\nb: !!python/object:os.system x", "f.yaml:2: b: tag tag:yaml.org,2002:python/object:os.system is not"),
        (b"a: !!set {x}", "f.yaml:1: a: tag tag:yaml.org,2002:set is not"),
        (b"x: ${env:NONE}", "f.yaml:1: x: environment variable NONE is not set"),
        (b"a: {<<: 3}", "f.yaml:1: a.<<: not a mapping"),
    ],
)
def test_mistakes_name_their_line(content: bytes, message: str) -> None:
    """Syntax errors name the column as well."""
    assert len(messages(content)) == 1
    assert messages(content)[0].startswith(message)


@pytest.mark.parametrize("content", [b"[" * 500_000, b"{a: " * 250_000, b"- " * 500_000, b"? " * 500_000])
def test_deep_nesting_is_refused_quickly(content: bytes) -> None:
    """A YAML library's own composer would overflow the C stack here."""
    assert len(messages(content)) == 1


def test_an_alias_bomb_is_refused() -> None:
    """Ten lines that stand for ten thousand million values."""
    lines = [b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [b"a%d: &a%d [%s]" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 10)]
    assert "aliases make it too large" in messages(b"\n".join(lines))[0]


def test_nesting_by_aliases_is_bounded_too() -> None:
    """Each line is two levels deep and refers to the one before."""
    lines = [b"a0: &a0 [x]"] + [b"a%d: &a%d [[*a%d]]" % (n, n, n - 1) for n in range(1, 40)]
    assert "nested too deeply" in messages(b"\n".join(lines))[0]


def test_aliases_and_merge_keys_work() -> None:
    """A mapping's own keys win over merged ones, and a quoted `<<` is a key like any other; lines lead to where the value is written."""
    document = parse(b"base: &base {a: 1,\n  b: 2}\nother:\n  <<: *base\n  b: 3\n", "f.yaml", {})
    assert document.data()["other"] == {"a": 1, "b": 3}
    assert parse(b"'<<': {a: 1}", "f.yaml", {}).data() == {"<<": {"a": 1}}
    assert document.line(("other", "a")) == 1
    assert document.line(("other", "b")) == 5


def test_variables_are_expanded_after_parsing() -> None:
    """What a variable holds cannot add a key, and a comment is not expanded."""
    document = parse(b"a: ${env:X}\nb: 1 # ${env:NONE}\n", "f.yaml", {"X": "1\nc: 2"})
    assert document.data() == {"a": "1\nc: 2", "b": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"${env:N}", 64), (b'"${env:N}"', "64"), (b"6${env:N}", "664"), (b"${env:T}", True), (b"${env:E}", None)],
)
def test_a_value_that_is_one_reference_is_typed(value: bytes, expected: object) -> None:
    """As in the Collector: "64" becomes a number, unless it is quoted or part of a longer text."""
    assert parse(b"a: " + value, "f.yaml", {"N": "64", "T": "true", "E": ""}).data() == {"a": expected}


def test_without_an_environment_dollars_are_left_alone() -> None:
    """Recognizer files are full of regular expressions."""
    assert parse(b"a: '${env:X}$$'", "f.yaml", None).data() == {"a": "${env:X}$$"}


def test_a_file_over_one_mebibyte_is_refused(tmp_path: Path) -> None:
    """Without reading it whole."""
    large = tmp_path / "large.yaml"
    large.touch()
    os.truncate(large, MAX_BYTES + 1)
    with pytest.raises(DocumentErrors, match="too large"):
        read_bytes(large)
    os.truncate(large, MAX_BYTES)
    assert len(read_bytes(large)) == MAX_BYTES


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    """A missing file and a directory are named; a pipe nobody writes to is not waited for."""
    with pytest.raises(DocumentErrors, match=r"none\.yaml: cannot be read: No such file"):
        read_bytes(tmp_path / "none.yaml")
    with pytest.raises(DocumentErrors, match="cannot be read: Is a directory"):
        read_bytes(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert read_bytes(tmp_path / "pipe") == b""
