"""k8s/README.md can be followed to the letter."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.k8s.rendering import COMPONENTS, K8S, needs_kubectl, objects, pod_templates, render, sidecar_of
from tests.k8s.restricted import violations
from tests.k8s.test_schemas import NEWEST, OLDEST, problems

README = (K8S / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def follow(directory: Path) -> str:
    """Runs the recipe as it stands; what its last command printed."""
    shutil.copytree(K8S, directory / "k8s")
    done = subprocess.run(  # noqa: S603  # our own recipe
        ["/bin/sh", "-eu", "-c", "".join(blocks("sh"))],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_kubectl
def test_the_newcomers_recipe_works(tmp_path: Path) -> None:
    """Its commands, in their order, in an empty folder beside k8s/: a valid render with a sidecar for the Deployment."""
    found = objects(follow(tmp_path))
    assert [problems(found, version) for version in (OLDEST, NEWEST)] == [[], []]
    (template,) = pod_templates(found)
    sidecar = sidecar_of(template)
    assert template["spec"]["initContainers"][0] is sidecar
    assert sidecar["image"] == "registry.example.com/otel-genai-sidecar:0.1.0"
    assert [each for each in violations(template["spec"]) if each.startswith("genai-sidecar:")] == []
    (backend,) = (each["configMapRef"]["name"] for each in sidecar["envFrom"] if "configMapRef" in each)
    maps = {each["metadata"]["name"]: each["data"] for each in found if each["kind"] == "ConfigMap"}
    assert maps[backend].keys() == {"BACKEND_ENDPOINT"}
    (app,) = template["spec"]["containers"]
    assert {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://127.0.0.1:4317"} in app["env"]


@needs_kubectl
def test_both_files_can_be_the_users_own(tmp_path: Path) -> None:
    """With the README's lines for it, the render has the user's files, and the policy's name stays as it was."""
    follow(tmp_path)
    app = tmp_path / "my-app"
    kustomization = app / "kustomization.yaml"
    (line,) = re.findall(r"`(components: \[[^`]*settings\])`", README)
    kustomization.write_text(re.sub(r"^components: .*$", line, kustomization.read_text(), flags=re.MULTILINE))
    settings = app / "settings"
    settings.mkdir()
    (settings / "kustomization.yaml").write_text(*blocks("yaml"))
    (settings / "policy.yaml").write_text("version: 1\n")
    (settings / "sidecar.yaml").write_text((COMPONENTS / "sidecar" / "sidecar.yaml").read_text() + "# mine\n")
    found = objects(render(app))
    maps = {each["metadata"]["name"]: each["data"] for each in found if each["kind"] == "ConfigMap"}
    assert maps["genai-sidecar-policy"] == {"policy.yaml": "version: 1\n"}
    (config,) = (data for name, data in maps.items() if name.startswith("genai-sidecar-config-"))
    assert config["sidecar.yaml"].endswith("# mine\n")


def test_every_component_is_on_the_map() -> None:
    """The README has a link to each folder."""
    folders = [*COMPONENTS.iterdir(), K8S / "gateway"]
    assert [path.name for path in folders if f"]({path.relative_to(K8S)})" not in README] == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#\s]+)[^)]*\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    """Every file and folder it names is there."""
    assert (K8S / link).exists()
