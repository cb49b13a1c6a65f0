"""`make image-check`: builds the image's file system without an engine, and runs it as Kubernetes would.

As far as a machine without a container engine can: see `engine.py` for what stands in for the base image. The result
runs as 65532, without capabilities and with no way to new ones, on a read-only root, in a network of its own that has
nothing but loopback. What is asked of it: ready on its admin port; personal data in a span does not reach the backend,
which takes the model; SIGTERM ends it with 0; and no shell in the tree.
"""

from __future__ import annotations

import ctypes
import fcntl
import http.server
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from image.dockerfile import Stage, read_dockerfile
from image.engine import Engine

ROOT = Path(__file__).parents[1]
USER = 65532
DATA = "var/lib/genai-sidecar"
BACKEND_PORT = 14318
PLANTED = "marie.curie@example.org"

CONFIG = f"""
exporters:
  otlphttp/backend: {{endpoint: "http://127.0.0.1:{BACKEND_PORT}", compression: none}}
storage:
  directory: /{DATA}/data
  encryption_key_file: /run/genai-sidecar/encryption.key
"""
POLICY = """
version: 1
sampling:
  decision_wait: 1s
  decision_wait_after_root_received: 100ms
  policies: [{name: all, type: always_sample}]
"""

SHELLS = ("sh", "bash", "dash", "busybox", "apt", "dpkg", "pip", "perl")

_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP_RUNNING = 0x41


class Backend(http.server.BaseHTTPRequestHandler):
    bodies: list[bytes] = []  # noqa: RUF012  # one backend a process

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main() -> int:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        print("image-check needs root and unshare (util-linux): it mounts, and changes its root", file=sys.stderr)
        return 2
    if "--inside" not in sys.argv:
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "image.check", "--inside"]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    scratch = Path(tempfile.mkdtemp(prefix="image-check-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    try:
        stages = read_dockerfile(ROOT / "Dockerfile")
        print("== build", flush=True)
        tree = Engine(ROOT, scratch).build(stages)
        print("== inspect", flush=True)
        inspect(tree)
        print("== run", flush=True)
        run(tree, stages[-1], scratch)
    finally:
        # Mounts below it go with the namespace; until then nothing may be removed through them.
        subprocess.run(["umount", "--recursive", "--lazy", *map(str, scratch.glob("*-root"))], check=False)
        subprocess.run(["umount", "--recursive", "--lazy", str(scratch / "run")], check=False, capture_output=True)
        shutil.rmtree(scratch, ignore_errors=True)
    print("image-check: passed")
    return 0


def inspect(tree: Path) -> None:
    files = [path for path in tree.rglob("*") if not path.is_symlink() and path.is_file()]
    shells = [path for path in files if path.name in SHELLS and os.access(path, os.X_OK)]
    require(not shells, f"shells or package managers in the tree: {shells}")
    special = [path for path in files if path.stat().st_mode & 0o6000]
    require(not special, f"setuid or setgid: {special}")
    writable = [path for path in tree.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o002]
    require([path.name for path in writable] == ["tmp"], f"writable by all: {writable}")
    packages = sorted(path.name for path in (tree / "var/lib/dpkg/status.d").iterdir())
    require("libc6" in packages, f"status.d has {packages}")
    size_mib = sum(path.stat().st_size for path in files) / 1024 / 1024
    print(f"   {len(files)} files, {size_mib:.0f} MiB; Debian packages: {', '.join(packages)}")


def run(tree: Path, stage: Stage, scratch: Path) -> None:
    root = mounted(tree, scratch / "run")
    isolate_network()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", BACKEND_PORT), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    entry, command = stage.last("ENTRYPOINT"), stage.last("CMD")
    assert entry is not None
    assert command is not None
    arguments = [*(entry.exec_form or []), *(command.exec_form or [])]
    arguments += ["--config", "/etc/genai-sidecar/sidecar.yaml", "--policy", "/etc/genai-sidecar/policy/policy.yaml"]
    began = time.monotonic()
    process = subprocess.Popen(
        arguments,
        env=stage.environment,
        preexec_fn=lambda: become_container(root),  # noqa: PLW1509  # the one other thread waits for connections
    )
    try:
        wait_for("it is ready", lambda: get("/readyz") == 200, process)
        print(f"   ready after {time.monotonic() - began:.1f} s")
        send_span()
        wait_for("the span arrives", lambda: bool(Backend.bodies), process)
        body = b"".join(Backend.bodies)
        require(b"<EMAIL_ADDRESS>" in body, "the span arrived, but not scrubbed as it should be")
        require(PLANTED.encode() not in body, "the planted address arrived")
        require(b"<PERSON>" in body, "the name was not found: is the model there?")
        for pid in tree_of(process.pid):
            status = Path(f"/proc/{pid}/status").read_text()
            wanted = ("Name", "Uid", "VmRSS", "CapEff", "NoNewPrivs")
            lines = [" ".join(line.split()[:2]) for line in status.splitlines() if line.startswith(wanted)]
            print("   " + ", ".join(lines))
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        require(code == 0, f"exit code {code} after SIGTERM")
        print("   exit code 0 after SIGTERM")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def mounted(tree: Path, root: Path) -> Path:
    """The tree, read-only, with the mounts a pod gives it (k8s/components/sidecar): nothing else can be written to."""
    root.mkdir()
    for name in ("proc", "dev", "run/genai-sidecar", "etc/genai-sidecar/policy"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "--bind", str(tree), str(root)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(root)], check=True)
    # As the kubelet mounts an emptyDir: it belongs to root, and everybody may write.
    shared = "mode=0777,uid=0,gid=0"
    for name, options in (
        ("dev", "mode=0755"),
        ("run/genai-sidecar", f"size=1m,{shared}"),
        (DATA, shared),
        ("etc/genai-sidecar", "mode=0755"),
    ):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(root / name)], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    for name in ("null", "zero", "full", "random", "urandom"):
        (root / "dev" / name).touch()
        subprocess.run(["mount", "--bind", f"/dev/{name}", str(root / "dev" / name)], check=True)
    # Kubernetes gives a container /dev/shm, too; what is without it here shows that nothing needs it.
    (root / "etc/genai-sidecar/policy").mkdir()
    (root / "etc/genai-sidecar/sidecar.yaml").write_text(CONFIG)
    (root / "etc/genai-sidecar/policy/policy.yaml").write_text(POLICY)
    subprocess.run(["mount", "-o", "remount,ro", str(root / "etc/genai-sidecar")], check=True)
    return root


def isolate_network() -> None:
    """From here on this process and its children have loopback and no other way out."""
    libc = ctypes.CDLL(None, use_errno=True)
    require(libc.unshare(_CLONE_NEWNET) == 0, "no network namespace can be made")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP_RUNNING))


def become_container(root: Path) -> None:
    """runAsUser, runAsNonRoot, drop ALL, allowPrivilegeEscalation: false. Leaving root gives up every capability."""
    os.chroot(root)
    os.chdir("/")
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def send_span() -> None:
    now = time.time_ns()  # of a span that is made here
    message = [{"role": "user", "parts": [{"type": "text", "content": f"I am Marie Curie, write to {PLANTED} please"}]}]
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps(message)}
    span = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat",
        "startTimeUnixNano": str(now - 10**9),
        "endTimeUnixNano": str(now),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()],
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    request = urllib.request.Request(
        "http://127.0.0.1:4318/v1/traces", data=body, headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        require(answer.status == 200, f"the receiver answered {answer.status}")


def get(path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8888{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def tree_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in tree_of(int(child)))]


def wait_for(what: str, done: object, process: subprocess.Popen[bytes], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        require(process.poll() is None, f"it ended with {process.returncode}")
        if callable(done) and done():
            return
        time.sleep(0.05)
    require(condition=False, message=f"not within {timeout_s:.0f} s: {what}")


def require(condition: bool, message: str) -> None:  # noqa: FBT001  # an assertion that -O does not remove
    if not condition:
        raise SystemExit(f"image-check: {message}")


if __name__ == "__main__":
    sys.exit(main())
