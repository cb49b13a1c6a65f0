"""What is gathered for the image, from the environment of the tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from image import rootfs

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("ldd") is None, reason="the image is Linux's; ldd tells what is linked"
)


@pytest.mark.timeout(180)
def test_a_small_environment_runs_from_what_was_gathered(tmp_path: Path) -> None:
    """A venv without packages: interpreter, standard library, libraries and certificates are all there, and no shell."""
    environment, root = tmp_path / "environment", tmp_path / "root"
    venv.create(environment, symlinks=True)
    done = subprocess.run(  # noqa: S603  # our own script
        [str(environment / "bin" / "python"), str(Path(rootfs.__file__)), str(environment), str(root)],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    python = root / (environment / "bin" / "python").relative_to("/")
    assert python.readlink()
    names = {path.name for path in root.rglob("*") if not path.is_symlink()}
    assert {"libc.so.6", "libgcc_s.so.1", "ca-certificates.crt", "passwd", "ssl.py"} <= names
    assert not names & {"sh", "bash", "dash", "pip", "activate", "ensurepip", "tkinter", "test"}
    assert (root / "tmp").stat().st_mode & 0o7777 == 0o1777
    compiled = list(root.rglob("__pycache__/ssl.*.pyc"))
    # Bit 0 of the flags: checked by hash; bit 1 unset: never checked. No time of this machine is in it.
    assert [path.read_bytes()[4:8] for path in compiled] == [b"\x01\x00\x00\x00"]


def test_a_library_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at run time, by a user."""
    library = tmp_path / "lib" / "broken.so"
    library.parent.mkdir()
    library.write_bytes(b"\x7fELF")

    def listing(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, stdout="\tlibgone.so.1 => not found\n")

    monkeypatch.setattr(subprocess, "run", listing)
    with pytest.raises(ValueError, match=r"libgone\.so\.1 is not found"):
        rootfs.linked(tmp_path)
