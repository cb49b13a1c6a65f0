"""Pod Security Standards, profile "restricted", for one pod template, and what is asked for beyond it.

Source: Kubernetes documentation, "Pod Security Standards". The profile holds for every container: init containers,
native sidecars and ephemeral ones included.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ALLOWED_VOLUMES = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
)
SAFE_SYSCTLS = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_syncookies",
    )
)
SECCOMP = frozenset(("RuntimeDefault", "Localhost"))
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")

Spec = dict[str, Any]


def violations(spec: Spec) -> list[str]:
    """Of a pod's spec, each with the place it was found at; empty for a pod that may run."""
    found = list(_of_pod(spec))
    for name in CONTAINER_LISTS:
        for container in spec.get(name) or []:
            found += (f"{container['name']}: {what}" for what in _of_container(container, spec))
    return found


def _of_pod(spec: Spec) -> Iterator[str]:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            yield f"{name} is set"
    for volume in spec.get("volumes") or []:
        for kind in set(volume) - {"name"} - ALLOWED_VOLUMES:
            yield f"volume {volume['name']} is a {kind}"
    context = spec.get("securityContext") or {}
    for sysctl in context.get("sysctls") or []:
        if sysctl["name"] not in SAFE_SYSCTLS:
            yield f"sysctl {sysctl['name']}"
    yield from _of_context(context)


def _of_container(container: Spec, spec: Spec) -> Iterator[str]:
    pod = spec.get("securityContext") or {}
    own = container.get("securityContext") or {}
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot is not true"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if own.get("privileged"):
        yield "privileged"
    capabilities = own.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or []):
        yield "capabilities.drop has not ALL"
    for name in set(capabilities.get("add") or []) - {"NET_BIND_SERVICE"}:
        yield f"adds the capability {name}"
    seccomp = own.get("seccompProfile") or pod.get("seccompProfile") or {}
    if seccomp.get("type") not in SECCOMP:
        yield "seccompProfile is not RuntimeDefault or Localhost"
    if own.get("procMount", "Default") != "Default":
        yield "procMount is not Default"
    for port in container.get("ports") or []:
        if port.get("hostPort"):
            yield f"hostPort {port['hostPort']}"
    yield from _of_context(own)
    # Beyond the profile.
    if own.get("readOnlyRootFilesystem") is not True:
        yield "readOnlyRootFilesystem is not true"


def _of_context(context: Spec) -> Iterator[str]:
    """What pods and containers have in common."""
    if context.get("runAsUser") == 0:
        yield "runAsUser is 0"
    if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
        yield "seccompProfile is Unconfined"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "hostProcess"
    if (context.get("appArmorProfile") or {}).get("type") == "Unconfined":
        yield "appArmorProfile is Unconfined"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("user") or selinux.get("role"):
        yield "seLinuxOptions has a user or a role"
