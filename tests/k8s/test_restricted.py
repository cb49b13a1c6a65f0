"""Pod Security "restricted" in everything that is rendered; and the checker can say no."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.k8s.rendering import COMBINATIONS, EXAMPLES, needs_kubectl, objects, pod_templates, render, rendered
from tests.k8s.restricted import CONTAINER_LISTS, violations

_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
GOOD: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "volumes": [{"name": "a", "emptyDir": {}}],
    **{name: [{"name": f"in-{name}", "securityContext": copy.deepcopy(_CONTEXT)}] for name in CONTAINER_LISTS},
}


def _container(key: str, value: object) -> Callable[[dict[str, Any], str], None]:
    def change(spec: dict[str, Any], where: str) -> None:
        spec[where][0]["securityContext"][key] = value

    return change


CONTAINER_FAULTS: dict[str, Callable[[dict[str, Any], str], None]] = {
    "runAsNonRoot is not true": _container("runAsNonRoot", False),  # noqa: FBT003  # a value, not a flag
    "allowPrivilegeEscalation is not false": _container("allowPrivilegeEscalation", None),
    "privileged": _container("privileged", True),  # noqa: FBT003  # a value, not a flag
    "capabilities.drop has not ALL": _container("capabilities", {"drop": ["NET_RAW"]}),
    "adds the capability SYS_ADMIN": _container("capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
    "seccompProfile is Unconfined": _container("seccompProfile", {"type": "Unconfined"}),
    "procMount is not Default": _container("procMount", "Unmasked"),
    "runAsUser is 0": _container("runAsUser", 0),
    "readOnlyRootFilesystem is not true": _container("readOnlyRootFilesystem", None),
    "hostProcess": _container("windowsOptions", {"hostProcess": True}),
    "appArmorProfile is Unconfined": _container("appArmorProfile", {"type": "Unconfined"}),
    "seLinuxOptions has a user or a role": _container("seLinuxOptions", {"role": "system"}),
    "hostPort 80": lambda spec, where: spec[where][0].update(ports=[{"containerPort": 80, "hostPort": 80}]),
}
POD_FAULTS: dict[str, dict[str, Any]] = {
    "hostNetwork is set": {"hostNetwork": True},
    "hostPID is set": {"hostPID": True},
    "hostIPC is set": {"hostIPC": True},
    "volume b is a hostPath": {"volumes": [{"name": "b", "hostPath": {"path": "/"}}]},
    "sysctl kernel.msgmax": {"securityContext": {**GOOD["securityContext"], "sysctls": [{"name": "kernel.msgmax"}]}},
}


def test_the_checker_accepts_a_restricted_pod() -> None:
    """It does not simply refuse everything."""
    assert violations(GOOD) == []


@pytest.mark.parametrize("where", CONTAINER_LISTS)
@pytest.mark.parametrize("fault", CONTAINER_FAULTS)
def test_the_checker_finds_a_fault_in_any_container(fault: str, where: str) -> None:
    """One setting changed in one container is found, and named, wherever in the pod the container is."""
    spec = copy.deepcopy(GOOD)
    CONTAINER_FAULTS[fault](spec, where)
    assert f"in-{where}: {fault}" in violations(spec)


@pytest.mark.parametrize("fault", POD_FAULTS)
def test_the_checker_finds_a_fault_of_the_pod(fault: str) -> None:
    """The same for what is set for the whole pod."""
    assert fault in violations({**GOOD, **POD_FAULTS[fault]})


def test_the_checker_takes_nothing_for_granted() -> None:
    """A container that says nothing is not restricted."""
    assert len(violations({"containers": [{"name": "bare"}]})) == 5


@needs_kubectl
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_restricted(example: Path) -> None:
    """Every container of every example, the app's included."""
    templates = list(pod_templates(objects(render(example))))
    assert templates
    assert [violations(template["spec"]) for template in templates] == [[]] * len(templates)


@needs_kubectl
@pytest.mark.parametrize(("kind", "components"), COMBINATIONS, ids=str)
def test_every_combination_is_restricted(kind: str, components: tuple[str, ...]) -> None:
    """Whatever is combined."""
    (template,) = pod_templates(rendered(kind, components))
    assert violations(template["spec"]) == []
