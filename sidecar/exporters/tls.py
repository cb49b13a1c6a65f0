"""Client side of TLS for both protocols, 1.2 at least. Rotated files are in force from the next connection on."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import grpc

from sidecar.credentials.certificates import Certificates, certificate_files
from sidecar.credentials.credential import CredentialFiles
from sidecar.exporters.config import ClientTls


def tls_files(exporter: str, config: ClientTls, use: Callable[[Certificates], None]) -> CredentialFiles[Certificates]:
    return certificate_files(
        exporter,
        cert_file=config.cert_file,
        key_file=config.key_file,
        authorities=("ca_file", config.ca_file),
        use=use,
    )


def ssl_context(config: ClientTls, certificates: Certificates, *, alpn: str = "http/1.1") -> ssl.SSLContext:
    """Raises OSError if the pair was changed since it was checked: OpenSSL reads it again."""
    authorities = certificates.authorities
    # Without cadata, it is the system's authorities that are loaded.
    context = ssl.create_default_context(cadata=None if authorities is None else authorities.decode("ascii"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([alpn])
    if config.cert_file is not None:
        context.load_cert_chain(config.cert_file, config.key_file)
    if config.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def grpc_credentials(certificates: Certificates) -> grpc.ChannelCredentials:
    roots = certificates.authorities or _system_roots()
    return grpc.ssl_channel_credentials(roots, *(certificates.pair or (None, None)))


def _system_roots() -> bytes | None:
    """The authorities HTTP would trust; None, for those gRPC brings along, where the system has no list of them."""
    context = ssl.create_default_context()
    return "".join(map(ssl.DER_cert_to_PEM_cert, context.get_ca_certs(binary_form=True))).encode() or None
