"""Renders k8s/ as `kubectl kustomize` does, with any combination of components."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
COMPONENTS = K8S / "components"
EXAMPLES = sorted(path.parent for path in (K8S / "examples").glob("*/kustomization.yaml"))

KUBECTL = shutil.which("kubectl") or ""

needs_kubectl = pytest.mark.skipif(
    not KUBECTL, reason="kubectl is not installed; it renders kustomizations without a cluster"
)

OPTIONAL = ("storage-pvc", "mtls", "network-policy", "pod-monitor")
"""What may be combined freely on top of `sidecar`."""
GATEWAY_OPTIONAL = ("gateway-mtls", "gateway-network-policy", "pod-monitor")

Object = dict[str, Any]


def subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [chosen for size in range(len(names) + 1) for chosen in itertools.combinations(names, size)]


def render(directory: Path) -> str:
    """Raises AssertionError with what kubectl had to say."""
    done = subprocess.run(  # noqa: S603  # our own files
        [KUBECTL, "kustomize", str(directory)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[Object]:
    return [each for each in yaml.safe_load_all(text) if each]


def overlay(directory: Path, resource: Path, components: Sequence[str]) -> Path:
    """A kustomization as a user would write it: one resource (a file is copied in) and its components."""
    directory.mkdir(parents=True, exist_ok=True)
    if resource.is_file():
        shutil.copy(resource, directory)
    data = {
        "resources": [resource.name if resource.is_file() else os.path.relpath(resource, directory)],
        "components": [os.path.relpath(COMPONENTS / name, directory) for name in components],
        "configMapGenerator": [
            {"name": "genai-sidecar-backend", "literals": ["BACKEND_ENDPOINT=https://backend:4317"]}
        ],
    }
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(data))
    return directory


def workload_file(directory: Path, kind: str) -> Path:
    """The example of that kind, or the Deployment made into one."""
    examples = {"Deployment": "deployment", "Job": "job", "CronJob": "cronjob"}
    if kind in examples:
        name = examples[kind]
        return K8S / "examples" / name / f"{name}.yaml"
    data = yaml.safe_load((K8S / "examples" / "deployment" / "deployment.yaml").read_text())
    data["kind"] = kind
    if kind == "DaemonSet":
        del data["spec"]["replicas"]
    if kind == "StatefulSet":
        data["spec"]["serviceName"] = "llm-app"
    path = directory / f"{kind.lower()}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data))
    return path


def _combinations() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Workload kind, or `gateway`, and components: all that README.md says can be combined."""
    for chosen in subsets(OPTIONAL):
        yield "Deployment", ("sidecar", *chosen)
        yield "Deployment", ("sidecar", *chosen, "legacy-sidecar")
    for kind in ("StatefulSet", "DaemonSet", "Job", "CronJob"):
        yield kind, ("sidecar",)
        yield kind, ("sidecar", *OPTIONAL)
    for chosen in subsets(GATEWAY_OPTIONAL):
        yield "gateway", chosen


COMBINATIONS = list(_combinations())


def rendered(kind: str, components: tuple[str, ...]) -> list[Object]:
    return objects(_rendered(kind, components))


@functools.cache
def _rendered(kind: str, components: tuple[str, ...]) -> str:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        resource = K8S / "gateway" if kind == "gateway" else workload_file(directory / "app", kind)
        return render(overlay(directory / "overlay", resource, components))


def pod_templates(found: list[Object]) -> Iterator[Object]:
    for each in found:
        if each["kind"] == "CronJob":
            yield each["spec"]["jobTemplate"]["spec"]["template"]
        elif each["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job"}:
            yield each["spec"]["template"]


def containers(template: Object) -> list[Object]:
    spec = template["spec"]
    return [*(spec.get("initContainers") or []), *spec["containers"]]


def sidecar_of(template: Object) -> Object:
    (sidecar,) = (each for each in containers(template) if each["name"] == "genai-sidecar")
    return sidecar


def mebibytes(quantity: str) -> float:
    units = {"Mi": 1.0, "Gi": 1024.0}
    return float(quantity[:-2]) * units[quantity[-2:]]
