"""A tiny certificate authority in a directory."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BORN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Pair:
    cert: Path
    key: Path


class Authority:
    def __init__(self, directory: Path, name: str = "ca") -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _named(name)
        own = self._sign(self._subject, self._key.public_key(), "127.0.0.1", 2090, is_ca=True)
        self.cert = directory / f"{name}.pem"
        self.cert.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *, host: str = "127.0.0.1", until_year: int = 2090) -> Pair:
        """Writes `name.crt` and `name.key`, over what was there."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self._sign(_named(name), key.public_key(), host, until_year, is_ca=False)
        pair = Pair(self._directory / f"{name}.crt", self._directory / f"{name}.key")
        pair.cert.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return pair

    def _sign(self, subject: x509.Name, public: Any, host: str, until_year: int, *, is_ca: bool) -> x509.Certificate:
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        builder = x509.CertificateBuilder(self._subject, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(BORN).not_valid_after(BORN.replace(year=until_year))
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        return builder.add_extension(x509.BasicConstraints(is_ca, None), critical=True).sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
