"""Certificate, key and authorities of one TLS endpoint, checked before anything is made of them.

They are checked as bytes, so that what was checked is what is used: gRPC takes bytes, and only logs what is wrong with
them. Encrypted keys are refused; OpenSSL would ask a terminal for the password.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sidecar.credentials.credential import CredentialError, CredentialFiles, Files

_BEGIN: Final = b"-----BEGIN CERTIFICATE-----"
_BLOCK: Final = re.compile(_BEGIN + rb"[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM."""

    pair: tuple[bytes, bytes] | None = field(repr=False)
    """Key, and certificate with its chain; None without a certificate of one's own."""
    authorities: bytes | None
    """Comments taken out."""
    valid_from_unix_s: float = float("-inf")
    valid_until_unix_s: float = float("inf")
    """Of one's own certificate, or of one in its chain that ends before it."""

    def out_of_date(self, unix_s: float) -> str:
        if unix_s >= self.valid_until_unix_s:
            return "expired"
        return "not_yet_valid" if unix_s < self.valid_from_unix_s else ""


def certificate_files(
    used_by: str,
    *,
    cert_file: Path | None,
    key_file: Path | None,
    authorities: tuple[str, Path | None],
    use: Callable[[Certificates], None],
) -> CredentialFiles[Certificates]:
    """`authorities` with the key it has in the configuration: `ca_file` or `client_ca_file`."""  # fmt: skip
    ca_key, ca_file = authorities
    named = {"cert_file": cert_file, "key_file": key_file, ca_key: ca_file}
    paths = {key: path for key, path in named.items() if path is not None}
    return CredentialFiles(used_by, "TLS", paths, parse_certificates, use)


def parse_certificates(files: Files) -> Certificates:
    """Raises CredentialError: `invalid`, `encrypted_key`, or `mismatch` for a key that is not the certificate's."""
    contents = dict(files)
    pem, key = contents.get("cert_file"), contents.get("key_file")
    ca_key = next((key for key in contents if key.endswith("ca_file")), None)
    authorities = None if ca_key is None else _authorities(ca_key, contents[ca_key])
    if pem is None or key is None:
        return Certificates(None, authorities)
    chain = _chain(pem)
    if _public_key(key) != chain[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise CredentialError("mismatch", "key_file is not the key of the certificate in cert_file")
    return Certificates(
        (key, pem),
        authorities,
        max(one.not_valid_before_utc.timestamp() for one in chain),
        min(one.not_valid_after_utc.timestamp() for one in chain),
    )


def _chain(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_blocks("cert_file", pem))
    except ValueError:
        raise CredentialError("invalid", "cert_file holds no certificate in PEM") from None


def _public_key(pem: bytes) -> bytes:
    try:
        return (
            load_pem_private_key(pem, None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
    except TypeError:
        raise CredentialError("encrypted_key", "key_file is encrypted; allowed: a key without a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise CredentialError("invalid", "key_file holds no private key in PEM") from None


def _authorities(key: str, pem: bytes) -> bytes:
    blocks = _blocks(key, pem)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=blocks.decode("ascii"))
    except ssl.SSLError:
        raise CredentialError("invalid", f"{key} holds a certificate that cannot be read") from None
    return blocks


def _blocks(key: str, pem: bytes) -> bytes:
    """The certificates without the comments between them, which may be in any encoding."""
    blocks = _BLOCK.findall(pem)
    if not blocks or len(blocks) != pem.count(_BEGIN):
        raise CredentialError("invalid", f"{key} holds no certificate in PEM, or one that is cut short")
    return b"\n".join(blocks) + b"\n"
