from __future__ import annotations

from pathlib import Path

from sidecar.documents import parse
from sidecar.documents.files import named_paths, problems_of, read_named

KEY = "0123456789abcdef0123456789abcdef"


def test_every_key_that_ends_in_file_is_read(tmp_path: Path) -> None:
    """Wherever it is in the document; other keys are not."""
    (tmp_path / "ca.pem").write_text("pem")
    (tmp_path / "key").write_text(KEY)
    text = f"a: [{{tls: {{ca_file: {tmp_path}/ca.pem}}}}]\npseudonym_key_file: {tmp_path}/key\nfile: /none\n"
    files = read_named(named_paths(parse(text.encode(), "f.yaml", {})))
    assert [(file.key, file.content) for file in files] == [
        (("a", 0, "tls", "ca_file"), b"pem"),
        (("pseudonym_key_file",), KEY.encode()),
    ]


def test_an_unreadable_file_is_a_problem_of_the_line_that_names_it(tmp_path: Path) -> None:
    """With its path, which is the value."""
    document = parse(b"x: 1\nca_file: /nowhere/ca.pem\n", "f.yaml", {})
    (problem,) = problems_of(document, read_named(named_paths(document)))
    assert str(problem).startswith("f.yaml:2: ca_file: cannot be read: No such file")
    assert "'/nowhere/ca.pem'" in str(problem)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    """31 bytes and a newline are not 32; the key is not shown."""
    (tmp_path / "key").write_text(KEY[:-1] + "\n")
    document = parse(f"key_file: {tmp_path}/key".encode(), "f.yaml", {})
    (problem,) = problems_of(document, read_named(named_paths(document)))
    assert "at least 32 bytes" in problem.what
    assert KEY[:-1] not in str(problem)


def test_a_key_written_where_its_file_belongs_is_not_shown() -> None:
    """The message names the key of the configuration and the line, not the value."""
    document = parse(f"pseudonym_key_file: {KEY}".encode(), "f.yaml", {})
    (problem,) = problems_of(document, read_named(named_paths(document)))
    assert KEY not in str(problem)


def test_nothing_is_read_for_null_and_for_unset_variables() -> None:
    """The unset variable is reported as such, once."""
    document = parse(b"a_file:\nb_file: ${env:UNSET}\nc_file: [x]\n", "f.yaml", {})
    assert named_paths(document) == ()
    assert len(document.problems) == 1
