"""Where in a pod the sidecar goes, and which pods it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.k8s.rendering import (
    K8S,
    Object,
    containers,
    needs_kubectl,
    objects,
    overlay,
    pod_templates,
    render,
    rendered,
)

pytestmark = needs_kubectl

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def deployment(directory: Path, change: Object, labels: dict[str, str]) -> Path:
    data = yaml.safe_load((K8S / "examples" / "deployment" / "deployment.yaml").read_text())
    data["metadata"]["labels"] = labels
    data["spec"]["template"]["spec"] |= change
    path = directory / "given.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_native_sidecar(kind: str) -> None:
    """An init container that is always restarted: started before the app, ended after it, not waited for by a Job."""
    (template,) = pod_templates(rendered(kind, ("sidecar",)))
    (sidecar,) = template["spec"]["initContainers"]
    assert (sidecar["name"], sidecar["restartPolicy"]) == ("genai-sidecar", "Always")
    assert [each["name"] for each in template["spec"]["containers"]] == ["app"]


def test_it_goes_before_other_init_containers(tmp_path: Path) -> None:
    """They can send, too. What the pod had stays as it was, in its order."""
    given = {
        "initContainers": [{"name": "migrate", "image": "m:1"}, {"name": "warm", "image": "w:1"}],
        "volumes": [{"name": "own", "emptyDir": {}}],
        "terminationGracePeriodSeconds": 300,
    }
    path = deployment(tmp_path, given, {"genai-sidecar": "enabled"})
    found = objects(render(overlay(tmp_path / "overlay", path, ("sidecar", "mtls"))))
    (template,) = pod_templates(found)
    assert [each["name"] for each in template["spec"]["initContainers"]] == ["genai-sidecar", "migrate", "warm"]
    assert {"name": "own", "emptyDir": {}} in template["spec"]["volumes"]
    assert template["spec"]["terminationGracePeriodSeconds"] == 300


@pytest.mark.parametrize("labels", [{}, {"genai-sidecar": "disabled"}], ids=["without label", "disabled"])
def test_a_workload_that_did_not_ask_is_left_alone(labels: dict[str, str], tmp_path: Path) -> None:
    """It comes out as it went in."""
    path = deployment(tmp_path, {}, labels)
    components = ("sidecar", "storage-pvc", "mtls", "legacy-sidecar")
    found = objects(render(overlay(tmp_path / "overlay", path, components)))
    (rendered_deployment,) = (each for each in found if each["kind"] == "Deployment")
    assert rendered_deployment["spec"] == yaml.safe_load(path.read_text())["spec"]


def test_the_selector_of_the_workload_is_not_touched() -> None:
    """It cannot be changed on a running Deployment; the label for NetworkPolicy and PodMonitor is on the pods alone."""
    found = rendered("Deployment", ("sidecar",))
    (each,) = (each for each in found if each["kind"] == "Deployment")
    assert each["spec"]["selector"] == {"matchLabels": {"app": "llm-app"}}
    assert each["spec"]["template"]["metadata"]["labels"] == {"app": "llm-app", "genai-sidecar": "enabled"}


def test_before_1_29_it_is_an_ordinary_container(tmp_path: Path) -> None:
    """The last one, so that the app stays kubectl's default; it waits before it ends, without a shell."""
    path = deployment(tmp_path, {"initContainers": [{"name": "own", "image": "o:1"}]}, {"genai-sidecar": "enabled"})
    found = objects(render(overlay(tmp_path / "overlay", path, ("sidecar", "legacy-sidecar"))))
    (template,) = pod_templates(found)
    assert [each["name"] for each in template["spec"]["containers"]] == ["app", "genai-sidecar"]
    assert [each["name"] for each in template["spec"]["initContainers"]] == ["own"]
    sidecar = template["spec"]["containers"][1]
    assert "restartPolicy" not in sidecar
    assert sidecar["lifecycle"]["preStop"]["exec"]["command"][0] == "python"


def test_a_job_stays_native_with_the_legacy_component() -> None:
    """As an ordinary container the sidecar would keep a Job from ever ending."""
    (template,) = pod_templates(rendered("Job", ("sidecar", "legacy-sidecar")))
    assert containers(template)[0]["restartPolicy"] == "Always"


def test_only_the_gateway_keeps_what_waits_beyond_the_pod() -> None:
    """Its disk comes back with the pod of the same number."""
    (gateway,) = (each for each in rendered("gateway", ()) if each["kind"] == "StatefulSet")
    assert [claim["metadata"]["name"] for claim in gateway["spec"]["volumeClaimTemplates"]] == ["genai-sidecar-data"]
    assert "persistentVolumeClaimRetentionPolicy" not in gateway["spec"]
