"""The manifests and the program mean the same ports, paths, keys and sizes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.admin.app import AdminApp
from sidecar.cli import main
from sidecar.config import Config
from sidecar.config_file import load_config
from sidecar.policy_file import load_policy
from sidecar.receivers.config import GrpcReceiverConfig, HttpReceiverConfig, split_endpoint
from tests.k8s.rendering import (
    COMBINATIONS,
    COMPONENTS,
    K8S,
    ROOT,
    Object,
    mebibytes,
    needs_kubectl,
    pod_templates,
    rendered,
    sidecar_of,
)

pytestmark = needs_kubectl

ENVIRONMENT = {"BACKEND_ENDPOINT": "https://backend:4317"}
CERTIFICATES = ("ca.crt", "tls.crt", "tls.key")

ONE_OF_EACH = [each for each in COMBINATIONS if "sidecar" not in each[1] or len(each[1]) in (1, 2, 5, 6)]
EVERY = pytest.mark.parametrize(("kind", "components"), ONE_OF_EACH, ids=str)


def of_kind(found: list[Object], kind: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def sidecar_files(found: list[Object]) -> dict[str, str]:
    """Path in the container to text, for every ConfigMap that is mounted into the sidecar."""
    (template,) = pod_templates(found)
    maps = of_kind(found, "ConfigMap")
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    return {
        f"{mount['mountPath']}/{name}": text
        for mount in sidecar_of(template)["volumeMounts"]
        if (source := volumes.get(mount["name"], {}).get("configMap"))
        for name, text in maps[source["name"]]["data"].items()
    }


def config_of(found: list[Object], directory: Path) -> Config:
    """As the program reads it, with the certificates it names in place."""
    files = sidecar_files(found)
    text = files["/etc/genai-sidecar/config/sidecar.yaml"].replace("/etc/genai-sidecar/tls", str(directory))
    for name in CERTIFICATES:
        (directory / name).write_text("not a certificate, but long enough to be a key")
    (directory / "sidecar.yaml").write_text(text)
    return load_config(directory / "sidecar.yaml", ENVIRONMENT)


def mount_of(path: Path, sidecar: Object) -> Object:
    """The mount that holds the path."""
    (found,) = (mount for mount in sidecar["volumeMounts"] if path.is_relative_to(mount["mountPath"]))
    return dict(found)


@EVERY
def test_check_accepts_every_config_and_policy(
    kind: str,
    components: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`genai-sidecar check` on what the ConfigMaps hold, with the arguments of the container, says OK and nothing else."""
    found = rendered(kind, components)
    (template,) = pod_templates(found)
    arguments = sidecar_of(template)["args"]
    assert arguments[0] == "run"
    config_of(found, tmp_path)
    (tmp_path / "policy.yaml").write_text(sidecar_files(found)["/etc/genai-sidecar/policy/policy.yaml"])
    monkeypatch.setenv("BACKEND_ENDPOINT", ENVIRONMENT["BACKEND_ENDPOINT"])
    here = [re.sub(r"/etc/genai-sidecar/\w+", str(tmp_path), each) for each in arguments[1:]]
    assert main(["check", *here]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.count("OK") == 2


@EVERY
def test_the_arguments_name_mounted_files(kind: str, components: tuple[str, ...]) -> None:
    """--config and --policy are paths at which a ConfigMap is mounted: as a directory, so that it is updated."""
    found = rendered(kind, components)
    (template,) = pod_templates(found)
    sidecar = sidecar_of(template)
    paths = [each for each in sidecar["args"] if each.startswith("/")]
    assert sorted(paths) == sorted(sidecar_files(found))
    assert all("subPath" not in mount and "subPathExpr" not in mount for mount in sidecar["volumeMounts"])


@EVERY
def test_what_is_referred_to_is_there(kind: str, components: tuple[str, ...]) -> None:
    """Mounts have their volumes, and volumes and variables their ConfigMaps; Secrets are the user's, by known names."""
    found = rendered(kind, components)
    (template,) = pod_templates(found)
    sidecar = sidecar_of(template)
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    claims = {
        claim["metadata"]["name"]
        for each in of_kind(found, "StatefulSet").values()
        for claim in each["spec"].get("volumeClaimTemplates", [])
    }
    assert {mount["name"] for mount in sidecar["volumeMounts"]} <= volumes.keys() | claims
    maps = of_kind(found, "ConfigMap").keys()
    assert {each["configMapRef"]["name"] for each in sidecar["envFrom"] if "configMapRef" in each} <= maps
    assert {volume["configMap"]["name"] for volume in volumes.values() if "configMap" in volume} <= maps
    secrets = {volume["secret"]["secretName"] for volume in volumes.values() if "secret" in volume}
    assert secrets <= {"genai-sidecar-key", "genai-sidecar-tls"}


@EVERY
def test_the_policy_keeps_its_name_and_the_config_does_not(kind: str, components: tuple[str, ...]) -> None:
    """A change of the policy reaches running pods; a change of sidecar.yaml, which is read once, makes new ones."""
    names = of_kind(rendered(kind, components), "ConfigMap").keys()
    stem = "genai-sidecar-gateway" if kind == "gateway" else "genai-sidecar"
    assert f"{stem}-policy" in names
    assert any(re.fullmatch(rf"{stem}-config-[0-9a-z]{{10}}", name) for name in names)


@EVERY
def test_ports_are_those_of_the_config(kind: str, components: tuple[str, ...], tmp_path: Path) -> None:
    """Receivers on the program's default ports; the admin port can be reached by the kubelet, OTLP only where it must."""
    found = rendered(kind, components)
    (template,) = pod_templates(found)
    sidecar = sidecar_of(template)
    config = config_of(found, tmp_path)
    protocols = config.receivers.otlp.protocols
    assert protocols.grpc is not None
    assert protocols.http is not None
    host = "0.0.0.0" if kind == "gateway" else "127.0.0.1"  # noqa: S104  # what is checked
    grpc_port = split_endpoint(GrpcReceiverConfig().endpoint)[1]
    http_port = split_endpoint(HttpReceiverConfig().endpoint)[1]
    assert split_endpoint(protocols.grpc.endpoint) == (host, grpc_port)
    assert split_endpoint(protocols.http.endpoint) == (host, http_port)
    admin_host, admin_port = split_endpoint(config.admin.endpoint)
    assert (admin_host, config.admin.enabled) == ("0.0.0.0", True)  # noqa: S104  # what is checked
    ports = {port["name"]: port["containerPort"] for port in sidecar["ports"]}
    assert ports.pop("genai-admin") == admin_port
    assert ports == ({"otlp-grpc": grpc_port, "otlp-http": http_port} if kind == "gateway" else {})
    for service in of_kind(found, "Service").values():
        named = {port["targetPort"]: port["port"] for port in service["spec"]["ports"]}
        assert named == {"otlp-grpc": grpc_port, "otlp-http": http_port}
    for policy in of_kind(found, "NetworkPolicy").values():
        opened = {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
        assert opened == ({admin_port, grpc_port, http_port} if kind == "gateway" else {admin_port})
    for monitor in of_kind(found, "PodMonitor").values():
        assert [each["port"] for each in monitor["spec"]["podMetricsEndpoints"]] == ["genai-admin"]


@EVERY
def test_probes_ask_the_admin_port(kind: str, components: tuple[str, ...]) -> None:
    """All three are there, over HTTP, on paths the program has; a full queue takes a gateway, never an app, out."""
    (template,) = pod_templates(rendered(kind, components))
    sidecar = sidecar_of(template)
    ready = "/readyz" if kind == "gateway" else "/livez"
    expected = {"startupProbe": "/readyz", "livenessProbe": "/livez", "readinessProbe": ready}
    assert {name: sidecar[name]["httpGet"] for name in expected} == {
        name: {"path": path, "port": "genai-admin"} for name, path in expected.items()
    }


@EVERY
def test_the_storage_fits_its_volume(kind: str, components: tuple[str, ...], tmp_path: Path) -> None:
    """Data on a disk, the key on another volume; both writable; and more room than storage.max_size_mib."""
    found = rendered(kind, components)
    (template,) = pod_templates(found)
    sidecar = sidecar_of(template)
    storage = config_of(found, tmp_path).storage
    assert storage.directory is not None
    assert storage.encryption_key_file is not None
    data, key = (mount_of(path, sidecar) for path in (storage.directory, storage.encryption_key_file))
    # The volume itself belongs to root; only in a directory of its own can the sidecar set the mode.
    assert str(storage.directory) != data["mountPath"]
    assert "readOnly" not in data
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    room_mib = min(_room_mib(found, volumes, data["name"]))
    assert room_mib >= 1.4 * storage.max_bytes / 1024 / 1024
    if kind == "gateway" or "storage-pvc" in components:
        assert volumes[key["name"]]["secret"]["secretName"] == "genai-sidecar-key"
        assert template["spec"]["securityContext"]["fsGroup"] == 65532
    else:
        assert volumes[key["name"]]["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Mi"}
        # A container's own limit counts what it writes to an emptyDir, too.
        assert mebibytes(sidecar["resources"]["limits"]["ephemeral-storage"]) >= room_mib


def _room_mib(found: list[Object], volumes: dict[str, Object], name: str) -> Iterator[float]:
    volume = volumes.get(name, {})
    if "emptyDir" in volume:
        yield mebibytes(volume["emptyDir"]["sizeLimit"])
    claims: list[Any] = [volume["ephemeral"]["volumeClaimTemplate"]] if "ephemeral" in volume else []
    for each in of_kind(found, "StatefulSet").values():
        claims += (c for c in each["spec"].get("volumeClaimTemplates", []) if c["metadata"]["name"] == name)
    yield from (mebibytes(claim["spec"]["resources"]["requests"]["storage"]) for claim in claims)


@EVERY
def test_a_stop_has_the_time_it_was_promised(kind: str, components: tuple[str, ...], tmp_path: Path) -> None:
    """shutdown_timeout, and the receivers' grace before it, end well before the pod is killed."""
    found = rendered(kind, components)
    (template,) = pod_templates(found)
    grace_s = template["spec"].get("terminationGracePeriodSeconds", 30)
    assert config_of(found, tmp_path).shutdown_timeout + 15 <= grace_s


@EVERY
def test_memory_is_what_was_measured(kind: str, components: tuple[str, ...]) -> None:
    """The limit is above what README.md says main process and worker took together, and it is all requested."""
    readme = (ROOT / "README.md").read_text()
    figures = re.search(r"main process held \d+ to (\d+) MiB in these runs, the worker up to (\d+) MiB", readme)
    assert figures
    (template,) = pod_templates(rendered(kind, components))
    resources = sidecar_of(template)["resources"]
    assert mebibytes(resources["limits"]["memory"]) >= 1.3 * sum(map(int, figures.groups()))
    assert resources["requests"]["memory"] == resources["limits"]["memory"]
    assert "cpu" not in resources["limits"]


def test_the_admin_app_has_the_probed_paths() -> None:
    """The paths in the manifests are in the program's source, too."""
    source = Path(__import__("inspect").getfile(AdminApp)).read_text()
    assert all(f'"{path}"' in source for path in ("/livez", "/readyz", "/metrics"))


def test_the_tag_is_the_version() -> None:
    """The manifests ask for the image of this version, and name no registry."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for kind, components in (("Deployment", ("sidecar",)), ("CronJob", ("sidecar",)), ("gateway", ())):
        (template,) = pod_templates(rendered(kind, components))
        assert sidecar_of(template)["image"] == f"otel-genai-sidecar:{version}"


@pytest.mark.parametrize("component", ["sidecar", "storage-pvc", "mtls"])
def test_a_cronjob_is_patched_as_everything_else(component: str) -> None:
    """The two patches differ in nothing but their depth."""
    pod = yaml.safe_load((COMPONENTS / component / "pod-patch.yaml").read_text())
    cronjob = yaml.safe_load((COMPONENTS / component / "cronjob-patch.yaml").read_text())
    assert cronjob["spec"]["jobTemplate"]["spec"] == pod["spec"]


@pytest.mark.parametrize(
    ("plain", "with_tls"),
    [(COMPONENTS / "sidecar", COMPONENTS / "mtls"), (K8S / "gateway", COMPONENTS / "gateway-mtls")],
    ids=["sidecar", "gateway"],
)
def test_tls_adds_tls_and_nothing_else(plain: Path, with_tls: Path) -> None:
    """Without its `tls` sections the one sidecar.yaml is the other."""

    def without_tls(node: Any) -> Any:
        return {k: without_tls(v) for k, v in node.items() if k != "tls"} if isinstance(node, dict) else node

    expected, found = (yaml.safe_load((each / "sidecar.yaml").read_text()) for each in (plain, with_tls))
    assert found != expected
    assert without_tls(found) == expected


def test_gateway_and_sidecar_start_with_the_same_policy(tmp_path: Path) -> None:
    """It is the program's own: what is written out changes nothing."""
    for directory in (COMPONENTS / "sidecar", K8S / "gateway"):
        assert load_policy(directory / "policy.yaml", {}).policy == load_policy(None).policy
