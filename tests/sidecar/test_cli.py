from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.cli import main


def test_every_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` works without any of the command's own modules."""
    for command in ("run", "check", "scrub", "apply", "schema", "demo"):
        with pytest.raises(SystemExit) as caught:
            main([command, "--help"])
        assert caught.value.code == 0
        assert f"genai-sidecar {command}" in capsys.readouterr().out


def test_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit code 0."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("genai-sidecar ")


@pytest.mark.parametrize("arguments", [[], ["chek"], ["schema"], ["schema", "x"], ["check", "--polcy", "x"], ["apply"]])
def test_a_command_line_that_cannot_be_read_exits_with_2(arguments: list[str]) -> None:
    """As is the custom."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_errors_in_files_are_printed_and_exit_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever command meets them; no traceback."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 3\n")
    assert main(["apply", "--policy", str(policy), "none.json"]) == 1
    assert capsys.readouterr().err.startswith(f"{policy}:1: version: not one of the allowed values (value 3)")


def test_check_loads_no_servers_and_no_detectors() -> None:
    """It runs in every build and must not take seconds."""
    code = (
        "import sys; from sidecar.cli import main; main(['check', '--policy', '/none']); main(['schema', 'config']); "
        "sys.exit(' '.join({'spacy', 'presidio_analyzer', 'grpc', 'uvicorn', 'genai_prices'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=30)  # noqa: S603  # our own code
    assert done.returncode == 0, done.stderr.decode()
