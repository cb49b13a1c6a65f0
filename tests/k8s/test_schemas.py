"""What is rendered is what the oldest and the newest supported Kubernetes understand: nothing unknown, no wrong type."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.k8s.rendering import COMBINATIONS, EXAMPLES, K8S, Object, needs_kubectl, objects, render, rendered

OLDEST = "1.29"
BEFORE_NATIVE_SIDECARS = "1.28"
NEWEST = kubernetes_validate.latest_version()

NO_SCHEMA = {("monitoring.coreos.com/v1", "PodMonitor")}
"""Kinds that come with an operator, not with Kubernetes."""


@functools.cache
def _problem(text: str, version: str) -> str | None:
    each = json.loads(text)
    try:
        kubernetes_validate.validate(each, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        known = (each["apiVersion"], each["kind"]) in NO_SCHEMA
        return None if known else f"no schema for {each['apiVersion']} {each['kind']}"
    return None


def problems(found: list[Object], version: str) -> list[str]:
    checked = ((each, _problem(json.dumps(each, sort_keys=True), version)) for each in found)
    return [f"{each['kind']} {each['metadata']['name']}: {problem}" for each, problem in checked if problem]


def test_the_newest_is_new() -> None:
    """The newest schema is that of a release in which native sidecars are stable."""
    assert tuple(map(int, NEWEST.split("."))) >= (1, 33)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_a_misspelt_key_and_a_wrong_type_are_found(version: str) -> None:
    """The validation can say no: to a key that does not exist, to a text where a number is due, to an unknown kind."""
    good = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}
    spec = {"initContainers": [{"name": "s", "restartPolicy": "Always"}], "containers": [{"name": "a"}]}
    assert problems([{**good, "spec": spec}], version) == []
    misspelt = {**spec, "initContainers": [{"name": "s", "restartpolicy": "Always"}]}
    assert "restartpolicy" in problems([{**good, "spec": misspelt}], version)[0]
    assert problems([{**good, "spec": {**spec, "priority": "high"}}], version)
    assert problems([{**good, "kind": "Prod"}], version)


@needs_kubectl
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_valid(example: Path, version: str) -> None:
    """Every object of every example."""
    assert problems(objects(render(example)), version) == []


@needs_kubectl
@pytest.mark.parametrize(("kind", "components"), COMBINATIONS, ids=str)
def test_every_combination_is_valid(kind: str, components: tuple[str, ...]) -> None:
    """For clusters without native sidecars, the legacy component's too."""
    found = rendered(kind, components)
    versions = [OLDEST, NEWEST, *([BEFORE_NATIVE_SIDECARS] if "legacy-sidecar" in components else [])]
    assert {version: problems(found, version) for version in versions} == {version: [] for version in versions}


def test_every_folder_says_what_it_is() -> None:
    """Components are components, everything else is a kustomization; and none is anything else."""
    for path in K8S.rglob("kustomization.yaml"):
        data = yaml.safe_load(path.read_text())
        is_component = path.is_relative_to(K8S / "components")
        assert (data["kind"], data["apiVersion"].rpartition("/")[2]) == (
            ("Component", "v1alpha1") if is_component else ("Kustomization", "v1beta1")
        )
