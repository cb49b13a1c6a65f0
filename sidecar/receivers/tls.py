"""Server certificates for both protocols. TLS 1.2 at least; files are read when the receiver starts."""

from __future__ import annotations

import ssl

import grpc

from sidecar.receivers.config import ServerTls


def ssl_context(config: ServerTls) -> ssl.SSLContext:
    """For HTTP. Raises OSError if a file cannot be read; ssl.SSLError, an OSError, if it is not what it should be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(config.cert_file, config.key_file)
    if config.client_ca_file is not None:
        context.load_verify_locations(config.client_ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def grpc_credentials(config: ServerTls) -> grpc.ServerCredentials:
    """For gRPC. Raises as `ssl_context` does, which checks the files first: gRPC only logs what is wrong with them."""
    ssl_context(config)
    client_ca = None if config.client_ca_file is None else config.client_ca_file.read_bytes()
    pair = (config.key_file.read_bytes(), config.cert_file.read_bytes())
    return grpc.ssl_server_credentials([pair], client_ca, require_client_auth=client_ca is not None)
