from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from sidecar.storage.vault import KEY_ID_BYTES, SALT_BYTES, TAG_BYTES, Cipher, Damaged, Vault

MASTER = b"m" * 32
SALT = b"s" * SALT_BYTES

numbers = st.integers(0, 2**64 - 1)


def cipher(master: bytes = MASTER, purpose: str = "test", salt: bytes = SALT) -> Cipher:
    return Vault(master).cipher(purpose, salt)


@given(numbers, st.binary(), st.binary())
def test_what_was_sealed_opens_and_costs_a_tag(number: int, data: bytes, associated: bytes) -> None:
    """Also in another process, from nothing but the master key, the purpose and the salt."""
    sealed = cipher().seal(number, data, associated)
    assert len(sealed) == len(data) + TAG_BYTES
    assert cipher().open(number, sealed, associated) == data


@given(numbers, st.binary(min_size=8), st.data())
def test_what_was_changed_does_not_open(number: int, data: bytes, draw: st.DataObject) -> None:
    """One bit of the sealed data, one byte less, another number, other associated data."""
    sealed = cipher().seal(number, data, b"associated")
    flipped = bytearray(sealed)
    flipped[draw.draw(st.integers(0, len(sealed) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    for changed in (bytes(flipped), sealed[:-1], sealed[1:], sealed + b"\0", b""):
        with pytest.raises(Damaged):
            cipher().open(number, changed, b"associated")
    with pytest.raises(Damaged):
        cipher().open((number + 1) % 2**64, sealed, b"associated")
    with pytest.raises(Damaged):
        cipher().open(number, sealed, b"associatee")


@pytest.mark.parametrize("other", [cipher(master=b"n" * 32), cipher(purpose="tess"), cipher(salt=b"t" * SALT_BYTES)])
def test_each_master_purpose_and_salt_has_a_key_of_its_own(other: Cipher) -> None:
    """What one seals, no other opens."""
    with pytest.raises(Damaged):
        other.open(1, cipher().seal(1, b"data", b""), b"")


def test_damaged_tells_nothing_of_the_data() -> None:
    """Neither content nor key stuff in the message, nor in what it was raised from."""
    with pytest.raises(Damaged) as caught:
        cipher().open(1, b"content that was never sealed", b"")
    assert str(caught.value) == ""
    assert caught.value.__cause__ is None


def test_the_key_id_tells_keys_apart_without_being_one() -> None:
    """The same for the same master, another for another; and no key that seals anything."""
    assert Vault(MASTER).key_id == Vault(MASTER).key_id != Vault(b"n" * 32).key_id
    assert len(Vault(MASTER).key_id) == KEY_ID_BYTES
    assert Vault(MASTER).key_id not in MASTER
    with pytest.raises(Damaged):
        Cipher(Vault(MASTER).key_id).open(1, cipher().seal(1, b"data", b""), b"")


def test_no_two_salts_are_the_same() -> None:
    """A salt used twice would be a key used twice, and its numbers too."""
    salts = {Vault.new_salt() for _ in range(200)}
    assert len(salts) == 200
    assert {len(salt) for salt in salts} == {SALT_BYTES}


def test_neither_repr_nor_attributes_print_the_key() -> None:
    """A vault in a log line or in a traceback's locals shows nothing."""
    master = os.urandom(32).hex().encode()
    vault = Vault(master)
    for shown in (repr(vault), str(vault), f"{vault}", repr(vault.cipher("p", SALT))):
        assert master.decode() not in shown
    assert repr(vault) == "Vault([REDACTED])"


def test_the_format_on_disk_is_fixed() -> None:
    """AES-256-GCM with the big-endian number as nonce, under HKDF-SHA-256: what is on disk today opens tomorrow."""
    sealed = bytes.fromhex("908acb8fe9e4af6ab3f5359c2761e8452963d134b1bc06")
    assert cipher(purpose="journal segment 1").open(7, sealed, b"header") == b"content"
    key = bytes.fromhex("672124aa5d219020a026e7ec1780cfc55871628efad2192f08d1ee719fa8d34d")
    assert AESGCM(key).decrypt((7).to_bytes(12, "big"), sealed, b"header") == b"content"
