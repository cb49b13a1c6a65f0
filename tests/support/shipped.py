"""The sidecar with a configuration file that is shipped, as it stands: what differs comes from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.sidecar_process import KEEP_ALL, Sidecar


class ShippedSidecar(Sidecar):
    """What it listens on and where it stores is in OTLP_GRPC_ENDPOINT, OTLP_HTTP_ENDPOINT, ADMIN_ENDPOINT and
    STORAGE_DIRECTORY, as in the files of `collector-config`. `policy` is a file, or the text of one.
    """

    def __init__(
        self, directory: Path, config: Path, environment: Mapping[str, str], *, policy: Path | str = KEEP_ALL
    ) -> None:
        directory.mkdir(exist_ok=True)
        # The parent's own configuration file is written and not used; its backend port is therefore any.
        super().__init__(directory, 1, policy=policy if isinstance(policy, str) else "")
        self.config_file = config
        if isinstance(policy, Path):
            self.policy_file = policy
        self._environment = {
            "OTLP_GRPC_ENDPOINT": f"127.0.0.1:{self.grpc_port}",
            "OTLP_HTTP_ENDPOINT": f"127.0.0.1:{self.http_port}",
            "ADMIN_ENDPOINT": f"127.0.0.1:{self.admin_port}",
            "STORAGE_DIRECTORY": str(directory / "storage"),
            **environment,
        }
