from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sidecar.cli import main
from sidecar.commands.scrub import Scrubber

TEXT = "Dear all,\r\nwrite to jane.doe@example.com or support@example.com. \N{SNOWMAN}\n"
POLICY = "version: 1\npii:\n  allow: [support@example.com]\n  entities: {EMAIL_ADDRESS: mask}\n"


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return str(path)


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "text"
    path.write_bytes(TEXT.encode())
    return str(path)


def test_text_comes_out_scrubbed(text: str, policy: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """By the policy's actions; everything else, line ends included, is untouched."""
    assert main(["scrub", text, "--policy", policy]) == 0
    output = capfdbinary.readouterr()
    assert output.out.decode() == TEXT.replace("jane.doe@example.com", "****.***@*******.***")
    assert output.err == b""


def test_findings_are_positions_and_never_text(text: str, policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In characters of the input; what the policy allows is none."""
    assert main(["scrub", text, "--policy", policy, "--findings"]) == 0
    output = capsys.readouterr().out
    (finding,) = json.loads(output)
    assert finding.keys() == {"type", "start", "end", "score"}
    assert finding["type"] == "EMAIL_ADDRESS"
    assert TEXT[finding["start"] : finding["end"]] == "jane.doe@example.com"
    assert "jane" not in output


def test_standard_input_is_the_default(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the built-in policy."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"mail me at jane.doe@example.com \xff")))
    assert main(["scrub"]) == 0
    assert capfdbinary.readouterr().out.decode() == "mail me at <EMAIL_ADDRESS> \N{REPLACEMENT CHARACTER}"


def test_a_switched_off_section_passes_the_text_and_says_so(
    text: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """As it would telemetry."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\npii: {enabled: false}\n")
    assert main(["scrub", text, "--policy", str(policy)]) == 0
    output = capfdbinary.readouterr()
    assert output.out.decode() == TEXT
    assert b"pii.enabled is false" in output.err


def test_nothing_is_printed_if_scrubbing_fails(
    text: str, policy: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is named by its class: its message may quote the text."""

    def fail(_: Scrubber, text: str) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(Scrubber, "findings", fail)
    assert main(["scrub", text, "--policy", policy]) == 1
    output = capfdbinary.readouterr()
    assert output.out == b""
    assert output.err.decode() == f"{text}: could not be scrubbed: RuntimeError\n"


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit code 1, no traceback."""
    assert main(["scrub", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/none: cannot be read: No such file or directory\n"


def test_the_pseudonyms_of_a_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under the current key and the older ones of the policy's file, so that a person's records can be found."""
    (tmp_path / "key").write_text("k2:" + "a" * 32 + "\nk1:" + "b" * 32 + "\n")
    (tmp_path / "policy.yaml").write_text(f"version: 1\npii: {{pseudonym_key_file: {tmp_path}/key}}\n")
    (tmp_path / "value").write_text("Jane.Doe@example.com\n")
    arguments = ["scrub", str(tmp_path / "value"), "--policy", str(tmp_path / "policy.yaml")]
    assert main([*arguments, "--pseudonym-of", "EMAIL_ADDRESS"]) == 0
    tokens = capsys.readouterr().out.split()
    assert [token.split(":")[:2] for token in tokens] == [["<EMAIL_ADDRESS", "k2"], ["<EMAIL_ADDRESS", "k1"]]
    assert main(["scrub", str(tmp_path / "value"), "--pseudonym-of", "EMAIL_ADDRESS"]) == 1
