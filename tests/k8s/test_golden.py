"""What users get, in full, so that a change of it is seen in review. `make k8s-golden` writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.k8s.rendering import EXAMPLES, K8S, OPTIONAL, needs_kubectl, objects, overlay, render

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("K8S_GOLDEN") == "update"

MORE = {
    "deployment-with-everything": ("sidecar", *OPTIONAL),
    "deployment-legacy": ("sidecar", "legacy-sidecar"),
}
"""Besides the examples: the Deployment with these components."""


def text_of(name: str, directory: Path) -> str:
    if name in MORE:
        return render(overlay(directory, K8S / "examples" / "deployment" / "deployment.yaml", MORE[name]))
    return render(K8S / "examples" / name)


NAMES = sorted({*(path.name for path in EXAMPLES), *MORE})


@needs_kubectl
@pytest.mark.parametrize("name", NAMES)
def test_the_render_is_the_golden_one(name: str, tmp_path: Path) -> None:
    """Object by object; how kubectl lays out the text does not matter."""
    text = text_of(name, tmp_path)
    path = GOLDEN / f"{name}.yaml"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.exists(), "make k8s-golden"
    assert objects(text) == objects(path.read_text()), "if this is meant: make k8s-golden"


@pytest.mark.skipif(UPDATE, reason="golden files are being written")
def test_no_golden_file_is_left_over() -> None:
    """Each belongs to a render that still exists."""
    assert sorted(path.stem for path in GOLDEN.glob("*.yaml")) == NAMES
