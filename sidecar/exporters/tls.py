"""Client side of TLS for both protocols. Files are read when an exporter starts, and again when they change.

A change is looked for after an attempt that failed, not before each one: connections that stand outlive a rotation,
and a new one with the old certificate fails once. Files that cannot be used then leave the old ones in force.
"""

from __future__ import annotations

import ssl
from typing import TypeAlias

import grpc

from sidecar.exporters.config import ClientTls

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]


def stamp(config: ClientTls) -> Stamp:
    """What tells one state of the files from another."""
    states: list[tuple[int, int, int] | None] = []
    for path in (config.ca_file, config.cert_file, config.key_file):
        try:
            found = path.stat() if path else None
        except OSError:
            found = None
        states.append(None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino))
    return tuple(states)


def ssl_context(config: ClientTls) -> ssl.SSLContext:
    """Raises OSError if a file cannot be read; ssl.SSLError, an OSError, if it is not what it should be."""
    context = ssl.create_default_context(cafile=config.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.cert_file is not None:
        context.load_cert_chain(config.cert_file, config.key_file)
    if config.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def grpc_credentials(config: ClientTls) -> grpc.ChannelCredentials:
    """Raises as `ssl_context` does, which checks the files first: gRPC only logs what is wrong with them."""
    context = ssl_context(config)
    roots = config.ca_file.read_bytes() if config.ca_file else _system_roots(context)
    chain = config.cert_file.read_bytes() if config.cert_file else None
    key = config.key_file.read_bytes() if config.key_file else None
    return grpc.ssl_channel_credentials(roots, key, chain)


def _system_roots(context: ssl.SSLContext) -> bytes | None:
    """The authorities HTTP would trust; None, for those gRPC brings along, where the system has no list of them."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, context.get_ca_certs(binary_form=True))).encode() or None
