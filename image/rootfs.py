"""Gathers what a Python environment needs in order to run with nothing around it: no shell, no package manager.

    python3 image/rootfs.py ENVIRONMENT ROOT

ENVIRONMENT is a venv, made with the Python that runs this. It is copied to ROOT under its own path, and with it:

  1. that Python: interpreter, standard library without tests, pip and the graphical parts, and libpython
  2. every shared library that any of these is linked with, as the dynamic loader finds them here, and the loader
  3. certificates, and a passwd with root and nonroot (65532)
  4. /var/lib/dpkg/status.d: the Debian packages of 2 and 3, where scanners of images without dpkg look for them

Everything is compiled ahead, since nothing can be at run time: the file system is read-only. Uses no package.
"""

from __future__ import annotations

import compileall
import ctypes.util
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", "config-*", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "site-packages", "test", "tests",
    "tkinter", "turtle.py", "turtledemo", "venv", "_tkinter.*",
)  # fmt: skip
"""Of the standard library."""

SCRIPTS_LEFT_OUT = shutil.ignore_patterns("__pycache__", "activate*", "Activate.ps1")
"""Of the environment; nothing there is needed to run what is in it."""

ACCOUNTS = {
    "passwd": "root:x:0:0:root:/:/nonexistent\nnonroot:x:65532:65532:nonroot:/var/lib/genai-sidecar:/nonexistent\n",
    "group": "root:x:0:\nnonroot:x:65532:\n",
    "nsswitch.conf": "hosts: files dns\n",
}


def main(environment: Path, root: Path) -> None:
    # /lib and /usr/lib are one directory, as Debian has it, so that each library is there once.
    for name in ("lib", "lib64"):
        if Path("/", name).is_symlink():
            (root / "usr" / name).mkdir(parents=True)
            (root / name).symlink_to(f"usr/{name}")
    copy_tree(environment, root, SCRIPTS_LEFT_OUT)
    copy_python(root)
    libraries = sorted(linked(root))
    for path in libraries:
        copy_file(path, root)
    copy_file(CERTIFICATES, root)
    for name, text in ACCOUNTS.items():
        (root / "etc" / name).write_text(text)
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    write_packages([*libraries, CERTIFICATES], root / "var" / "lib" / "dpkg" / "status.d")
    compile_all(root)
    size_mib = sum(path.lstat().st_size for path in root.rglob("*")) / 1024 / 1024
    print(f"{root}: {len(libraries)} shared libraries, {size_mib:.0f} MiB")


def copy_tree(source: Path, root: Path, ignore: object) -> None:
    shutil.copytree(source, below(root, source), symlinks=True, ignore=ignore, dirs_exist_ok=True)  # type: ignore[arg-type]  # its type has no public name


def copy_python(root: Path) -> None:
    interpreter = Path(sys.executable).resolve()
    copy_file(interpreter, root)
    # The environment's `python` leads to it by whatever name it was made with.
    for name in ("python3", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        link = below(root, interpreter.with_name(name))
        if not link.exists():
            link.symlink_to(interpreter.name)
    for name in ("stdlib", "platstdlib"):
        copy_tree(Path(sysconfig.get_path(name)), root, LEFT_OUT)


def copy_file(path: Path, root: Path) -> None:
    """Under the name it is asked for by, whatever that is a link to."""
    target = below(root, path)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def linked(root: Path) -> set[Path]:
    """Libraries that are not below `root` yet. Raises ValueError for one that is not to be found."""
    found: set[Path] = set()
    # Threads that are cancelled load it by name; nothing is linked with it.
    unwinder = ctypes.util.find_library("gcc_s")
    for path in elf_files(root):
        # Where it came from: a library finds its neighbours by its own place.
        listing = subprocess.run(["ldd", f"/{path.relative_to(root)}"], capture_output=True, text=True, check=False)
        for name, arrow, place in re.findall(r"^\s*(\S+)(?: (=>) (not found|\S+))?", listing.stdout, re.MULTILINE):
            if place == "not found":
                raise ValueError(f"{path}: {name} is not found")
            library = place if arrow else name
            if library.startswith("/"):
                found.add(Path(library))
            if unwinder and Path(library).name == "libc.so.6":
                found.add(Path(library).with_name(unwinder))
    return {path for path in found if not below(root, path).exists()}


def elf_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def write_packages(files: Iterable[Path], directory: Path) -> None:
    """A file for each Debian package: its paragraph of dpkg's status. Nothing where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return
    directory.mkdir(parents=True)
    for name in sorted({name for path in files for name in owners(path)}):
        status = subprocess.run(["dpkg-query", "--status", name], capture_output=True, text=True, check=True)
        (directory / name.partition(":")[0]).write_text(status.stdout)


def owners(path: Path) -> Iterator[str]:
    """Names of packages. A file is known by the name it was packed under: with or without /usr, and not by links to it."""
    if path == CERTIFICATES:
        yield "ca-certificates"  # made when the package is configured, and so in none
        return
    for candidate in {str(path), str(path.resolve()), str(path.resolve()).removeprefix("/usr")}:
        answer = subprocess.run(["dpkg-query", "--search", candidate], capture_output=True, text=True, check=False)
        yield from (line.rpartition(": ")[0] for line in answer.stdout.splitlines() if "," not in line)


def compile_all(root: Path) -> None:
    """Without times in them: two builds of the same files are the same, and a copy is as good as the original."""
    done = compileall.compile_dir(
        root,
        quiet=2,
        force=True,
        workers=0,
        maxlevels=50,
        stripdir=str(root),
        prependdir="/",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        print("some files do not compile; they are templates or for another Python")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
