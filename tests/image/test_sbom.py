"""`make sbom` lists what is in the image."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.support.lock import read_lock

ROOT = Path(__file__).parents[2]


def test_the_sbom_has_every_locked_package(tmp_path: Path) -> None:
    """With name, version and hashes, in CycloneDX, as the recipe in the Makefile writes it; validated by the tool."""
    (recipe,) = re.findall(r"cyclonedx-py (requirements .*?)\n\t@echo", (ROOT / "Makefile").read_text(), re.DOTALL)
    words = [word for word in recipe.replace("\\\n", " ").split() if word != "dist/sbom.cdx.json"]
    words = ["" if word == '""' else word for word in words]
    words.insert(words.index("--output-file") + 1, str(tmp_path / "sbom.json"))
    done = subprocess.run(  # noqa: S603  # the recipe of the Makefile
        [sys.executable, "-m", "cyclonedx_py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sbom = json.loads((tmp_path / "sbom.json").read_text())
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["metadata"]["component"]["name"] == "otel-genai-sidecar"
    listed = {(canonicalize_name(each["name"]), each.get("version")) for each in sbom["components"]}
    locked = {
        (name, entry.version) for name, entries in read_lock(ROOT / "requirements.lock").items() for entry in entries
    }
    assert listed == locked
    assert all(each["externalReferences"] for each in sbom["components"])
