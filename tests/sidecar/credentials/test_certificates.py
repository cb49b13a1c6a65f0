from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from sidecar.credentials.certificates import Certificates, parse_certificates
from sidecar.credentials.credential import CredentialError
from tests.support.certificates import BORN, Authority

NOTHING = Certificates(None, None)


def parsed(cert: bytes, key: bytes, ca: bytes | None = None) -> Certificates:
    authorities = () if ca is None else (("client_ca_file", ca),)
    return parse_certificates((("cert_file", cert), ("key_file", key), *authorities))


def test_a_pair_with_its_dates_and_authorities(tmp_path: Path) -> None:
    """A chain is good as long as all of it is; comments around authorities, in any encoding, are no matter."""
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    long, short = authority.issue("long"), authority.issue("short", until_year=2030, born=BORN.replace(year=2025))
    chain = long.cert.read_bytes() + short.cert.read_bytes()
    bundle = "# Müller CA\n".encode("latin-1") + authority.cert.read_bytes() + b"\n# other\n" + other.cert.read_bytes()
    found = parsed(chain, long.key.read_bytes(), bundle)
    assert found.pair == (long.key.read_bytes(), chain)
    assert found.authorities is not None
    assert found.authorities.count(b"BEGIN CERTIFICATE") == 2
    assert found.authorities.isascii()
    assert found.valid_from_unix_s == dt.datetime(2025, 1, 1, tzinfo=dt.UTC).timestamp()
    assert found.valid_until_unix_s == dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp()
    assert found.out_of_date(found.valid_from_unix_s - 1) == "not_yet_valid"
    assert found.out_of_date(found.valid_from_unix_s) == ""
    assert found.out_of_date(found.valid_until_unix_s) == "expired"
    assert "PRIVATE" not in repr(found)


def test_authorities_alone(tmp_path: Path) -> None:
    """What an exporter without a certificate of its own has; there is no date to watch."""
    found = parse_certificates((("ca_file", Authority(tmp_path).cert.read_bytes()),))
    assert found.pair is None
    assert found.out_of_date(4e9) == ""
    assert parse_certificates(()) == NOTHING


@pytest.mark.parametrize("kind", ["rsa", "ed25519", "pkcs1"])
def test_keys_of_other_kinds(tmp_path: Path, kind: str) -> None:
    """They are read, and are not the certificate's."""
    key = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, 2048)
    shape = serialization.PrivateFormat.TraditionalOpenSSL if kind == "pkcs1" else serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, shape, serialization.NoEncryption())
    with pytest.raises(CredentialError) as caught:
        parsed(Authority(tmp_path).issue("server").cert.read_bytes(), pem)
    assert caught.value.reason == "mismatch"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("other key", "mismatch"),
        ("encrypted key", "encrypted_key"),
        ("empty key", "invalid"),
        ("half a key", "invalid"),
        ("empty certificate", "invalid"),
        ("half a certificate", "invalid"),
        ("half a chain", "invalid"),
        ("garbled certificate", "invalid"),
        ("key for a certificate", "invalid"),
        ("empty authorities", "invalid"),
        ("half the authorities", "invalid"),
        ("garbled authorities", "invalid"),
    ],
)
def test_what_cannot_be_used_has_a_reason(tmp_path: Path, wrong: str, reason: str) -> None:
    """And a text that quotes nothing of it."""
    authority = Authority(tmp_path)
    pair = authority.issue("server", password=b"s3cret" if wrong == "encrypted key" else None)
    cert, key, ca = pair.cert.read_bytes(), pair.key.read_bytes(), authority.cert.read_bytes()
    garbled = b"-----BEGIN CERTIFICATE-----\ncGxhbnRlZA==\n-----END CERTIFICATE-----\n"
    match wrong:
        case "other key":
            key = authority.issue("other").key.read_bytes()
        case "empty key":
            key = b""
        case "half a key":
            key = key[: len(key) // 2]
        case "empty certificate":
            cert = b""
        case "half a certificate":
            cert = cert[: len(cert) // 2]
        case "half a chain":
            cert += ca[: len(ca) // 2]
        case "garbled certificate":
            cert = garbled
        case "key for a certificate":
            cert = key
        case "empty authorities":
            ca = b"# none\n"
        case "half the authorities":
            ca += ca[: len(ca) // 2]
        case "garbled authorities":
            ca += garbled
    with pytest.raises(CredentialError) as caught:
        parsed(cert, key, ca)
    assert caught.value.reason == reason
    assert "_file" in str(caught.value)
    assert not any(
        part in str(caught.value) for part in ("-----", "cGxhbnRlZA", "planted", key.decode()[40:60] or "-----")
    )
