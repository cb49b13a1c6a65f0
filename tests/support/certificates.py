"""A tiny certificate authority in a directory, and the ways files are rotated."""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BORN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_serial = itertools.count(1)


@dataclass(frozen=True)
class Pair:
    cert: Path
    key: Path

    def contents(self) -> dict[str, bytes]:
        """As a Kubernetes secret of type `kubernetes.io/tls` names them."""
        return {"tls.crt": self.cert.read_bytes(), "tls.key": self.key.read_bytes()}


class Authority:
    def __init__(self, directory: Path, name: str = "ca") -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _named(name)
        own = self._sign(self._subject, self._key.public_key(), "127.0.0.1", BORN, BORN.replace(year=2090), is_ca=True)
        self.cert = directory / f"{name}.pem"
        self.cert.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        name: str,
        *,
        host: str = "127.0.0.1",
        until_year: int = 2090,
        born: dt.datetime = BORN,
        until: dt.datetime | None = None,
        password: bytes | None = None,
    ) -> Pair:
        """Writes `name.crt` and `name.key`, over what was there."""  # fmt: skip
        key = ec.generate_private_key(ec.SECP256R1())
        until = until or BORN.replace(year=until_year)
        cert = self._sign(_named(name), key.public_key(), host, born, until, is_ca=False)
        pair = Pair(self._directory / f"{name}.crt", self._directory / f"{name}.key")
        pair.cert.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
        lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock))
        return pair

    def _sign(
        self, subject: x509.Name, public: Any, host: str, born: dt.datetime, until: dt.datetime, *, is_ca: bool
    ) -> x509.Certificate:
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        builder = x509.CertificateBuilder(self._subject, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(born).not_valid_after(until)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        return builder.add_extension(x509.BasicConstraints(is_ca, None), critical=True).sign(self._key, hashes.SHA256())


class MountedSecret:
    """A secret as the kubelet mounts it: every file is a link through `..data`, and an update flips that one link."""

    def __init__(self, directory: Path, contents: dict[str, bytes]) -> None:
        self.directory = directory
        directory.mkdir()
        self.update(contents)
        for name in contents:
            (directory / name).symlink_to(Path("..data") / name)

    def update(self, contents: dict[str, bytes]) -> None:
        version = self.directory / f"..version_{next(_serial)}"
        version.mkdir()
        for name, content in contents.items():
            (version / name).write_bytes(content)
        link, current = self.directory / "..data_tmp", self.directory / "..data"
        old = current.resolve() if current.exists() else None
        link.symlink_to(version.name)
        link.replace(current)
        if old is not None:
            shutil.rmtree(old)

    def path(self, name: str) -> Path:
        return self.directory / name


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
