"""Server side of TLS for both protocols, 1.2 at least. Rotated files are in force from the next handshake on.

Connections that stand go on with what they began with, so a rotation drops no request.
"""

from __future__ import annotations

import ssl
import threading
from typing import Any

import grpc

from sidecar.credentials.certificates import Certificates, certificate_files
from sidecar.credentials.credential import CredentialFiles
from sidecar.receivers.config import ServerTls


class HttpTls:
    """`context` is for asyncio's `create_server`; each handshake takes the certificates that are in force."""

    def __init__(self, config: ServerTls, used_by: str) -> None:
        self._config = config
        self.files = _files(config, used_by, self._use)
        self.context = _CurrentContext(ssl.PROTOCOL_TLS_SERVER)

    def start(self) -> None:
        """Raises OSError if a file cannot be used."""
        self._use(self.files.load())

    def _use(self, certificates: Certificates) -> None:
        self.context.current = ssl_context(self._config, certificates)


class _CurrentContext(ssl.SSLContext):
    """A context that cannot be changed in one step once it is in use: authorities can be added, but not taken away, and
    sessions made under the old ones would go on being resumed. So each handshake asks for the current one.
    """

    current: ssl.SSLContext

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return self.current.wrap_bio(*args, **options)


def ssl_context(config: ServerTls, certificates: Certificates) -> ssl.SSLContext:
    """Raises OSError if the pair was changed since it was checked: OpenSSL reads it again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(config.cert_file, config.key_file)
    if certificates.authorities is not None:
        context.load_verify_locations(cadata=certificates.authorities.decode("ascii"))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class GrpcTls:
    """gRPC asks before each handshake, from threads of its own, and wants each answer to be new or None."""

    def __init__(self, config: ServerTls, used_by: str) -> None:
        self.files = _files(config, used_by, self._use)
        self._lock = threading.Lock()
        self._next: Certificates | None = None

    def start(self) -> grpc.ServerCredentials:
        """Raises OSError if a file cannot be used."""
        first = self.files.load()
        return grpc.dynamic_ssl_server_credentials(
            _configuration(first),
            self._fetch,  # type: ignore[arg-type]  # the stubs leave None out, which means no change
            require_client_authentication=first.authorities is not None,
        )

    def _use(self, certificates: Certificates) -> None:
        with self._lock:
            self._next = certificates

    def _fetch(self) -> grpc.ServerCertificateConfiguration | None:
        with self._lock:
            changed, self._next = self._next, None
        return None if changed is None else _configuration(changed)


def _configuration(certificates: Certificates) -> grpc.ServerCertificateConfiguration:
    pairs = [] if certificates.pair is None else [certificates.pair]
    return grpc.ssl_server_certificate_configuration(pairs, certificates.authorities)


def _files(config: ServerTls, used_by: str, use: Any) -> CredentialFiles[Certificates]:
    return certificate_files(
        used_by,
        cert_file=config.cert_file,
        key_file=config.key_file,
        authorities=("client_ca_file", config.client_ca_file),
        use=use,
    )
