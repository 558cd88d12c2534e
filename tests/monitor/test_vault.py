"""The vault: master key file, sealing, keyed digests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from monitor.vault import (
    EvidenceAltered,
    Sealed,
    Vault,
    VaultKeyUnusable,
    VaultKeyWrong,
    load_key,
    load_or_create_key,
)

MASTER = bytes(range(32))
OTHER = bytes(range(1, 33))


def hkdf(label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(MASTER)


def test_first_start_makes_a_private_key_and_later_starts_read_it(tmp_path: Path) -> None:
    """The key is 32 bytes in base64, in a 0600 file in a 0700 folder, and stays the same."""
    path = tmp_path / "keys" / "master.key"
    key = load_or_create_key(path)
    assert len(key) == 32
    assert base64.b64decode(path.read_text()) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_or_create_key(path) == key
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    """Eight processes released at once all come back with the key that lies in the file."""
    path = tmp_path / "master.key"
    program = (
        "import sys; from pathlib import Path; from monitor.vault import load_or_create_key;"
        "sys.stdin.readline(); print(load_or_create_key(Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", program, str(path)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert keys == {load_key(path).hex()}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_open_to_others_is_refused_with_its_mend(tmp_path: Path, mode: int) -> None:
    """The one sentence names the file, its mode and the command that mends it."""
    path = tmp_path / "master.key"
    load_or_create_key(path)
    path.chmod(mode)
    with pytest.raises(VaultKeyUnusable) as caught:
        load_or_create_key(path)
    assert f"{mode:04o}" in str(caught.value)
    assert f"chmod 600 {path}" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not base64 !", base64.b64encode(b"short"), bytes(32)])
def test_a_file_that_is_no_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    """A malformed key file is never overwritten, and its content does not enter the message."""
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(VaultKeyUnusable, match="does not hold a master key") as caught:
        load_or_create_key(path)
    assert path.read_bytes() == content
    assert not content or content.decode("latin-1") not in str(caught.value)


def test_load_key_never_makes_one(tmp_path: Path) -> None:
    """`load_key` refuses a missing file and leaves it missing."""
    path = tmp_path / "master.key"
    with pytest.raises(VaultKeyUnusable, match="cannot be read"):
        load_key(path)
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A file where the key's folder should be gives VaultKeyUnusable, not an OSError."""
    (tmp_path / "keys").write_text("in the way")
    with pytest.raises(VaultKeyUnusable, match="cannot be"):
        load_or_create_key(tmp_path / "keys" / "master.key")


@given(plaintext=st.binary(max_size=2000), context=st.binary(max_size=40))
def test_what_is_sealed_opens_again(plaintext: bytes, context: bytes) -> None:
    """Any bytes under any context come back, and the plaintext is not in the ciphertext."""
    sealed = Vault(MASTER).encrypt(plaintext, context=context)
    assert Vault(MASTER).decrypt(sealed, context=context) == plaintext
    assert len(sealed.ciphertext) == 1 + 12 + len(plaintext) + 16
    assert len(plaintext) < 8 or plaintext not in sealed.ciphertext


def test_layout_is_the_documented_one() -> None:
    """A second reading of the documented layout, with nothing of the vault's, opens the blob."""
    sealed = Vault(MASTER).encrypt(b"synthetic", context=b"item-1")
    wrapped = sealed.wrapped_key
    assert wrapped[0] == sealed.ciphertext[0] == 1
    data_key = AESGCM(hkdf(b"leakwatch/1/wrap")).decrypt(
        wrapped[9:21], wrapped[21:], b"leakwatch key 1\x00item-1"
    )
    body = sealed.ciphertext[1:]
    assert AESGCM(data_key).decrypt(body[:12], body[12:], b"leakwatch blob 1\x00item-1") == b"synthetic"


def test_equal_blobs_have_unlike_ciphertexts_and_keys() -> None:
    """Sealing the same bytes twice shares neither ciphertext nor wrapped key."""
    first, second = (Vault(MASTER).encrypt(b"same", context=b"c") for _ in range(2))
    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key
    mixed = Sealed(first.ciphertext, second.wrapped_key)
    with pytest.raises(EvidenceAltered):
        Vault(MASTER).decrypt(mixed, context=b"c")


def test_another_master_key_is_named_as_wrong() -> None:
    """The message names both keys by their ids, so that a person can find the right file."""
    sealed = Vault(MASTER).encrypt(b"x", context=b"c")
    with pytest.raises(VaultKeyWrong) as caught:
        Vault(OTHER).decrypt(sealed, context=b"c")
    assert Vault(MASTER).key_id in str(caught.value)
    assert Vault(OTHER).key_id in str(caught.value)


def test_a_blob_under_another_identity_is_refused() -> None:
    """Moving ciphertext and wrapped key together to another row does not open there."""
    sealed = Vault(MASTER).encrypt(b"x", context=b"row-1")
    with pytest.raises(EvidenceAltered):
        Vault(MASTER).decrypt(sealed, context=b"row-2")


@given(data=st.data())
def test_any_changed_byte_is_found(data: st.DataObject) -> None:
    """A change of any byte of ciphertext or wrapped key raises; nothing decrypts to other bytes."""
    sealed = Vault(MASTER).encrypt(b"a synthetic page", context=b"c")
    parts = {"ciphertext": sealed.ciphertext, "wrapped_key": sealed.wrapped_key}
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name]) - 1))
    flipped = bytearray(parts[name])
    flipped[place] ^= data.draw(st.integers(1, 255))
    parts[name] = bytes(flipped)
    with pytest.raises((EvidenceAltered, VaultKeyWrong)):
        Vault(MASTER).decrypt(Sealed(**parts), context=b"c")


@given(length=st.integers(0, 44))
def test_any_cut_is_found(length: int) -> None:
    """A ciphertext cut short at any place raises EvidenceAltered."""
    sealed = Vault(MASTER).encrypt(b"a synthetic page", context=b"c")
    with pytest.raises(EvidenceAltered):
        Vault(MASTER).decrypt(Sealed(sealed.ciphertext[:length], sealed.wrapped_key), context=b"c")


def test_keyed_digest_is_hmac_under_a_key_of_its_own() -> None:
    """The digest is the documented HMAC, under a key that is neither the master nor the wrapping key."""
    message = b"\x00\x0anhs_number9990000018"
    expected = hmac.new(hkdf(b"leakwatch/1/digest"), message, hashlib.sha256).hexdigest()
    assert Vault(MASTER).keyed_digest("nhs_number", "9990000018") == expected
    assert Vault(OTHER).keyed_digest("nhs_number", "9990000018") != expected


@given(
    first=st.tuples(st.text(max_size=8), st.text(max_size=8)),
    second=st.tuples(st.text(max_size=8), st.text(max_size=8)),
)
def test_kind_and_value_cannot_run_into_each_other(first: tuple[str, str], second: tuple[str, str]) -> None:
    """Digests are equal exactly when kind and value are."""
    vault = Vault(MASTER)
    assert (vault.keyed_digest(*first) == vault.keyed_digest(*second)) == (first == second)


def test_nothing_secret_is_shown() -> None:
    """Neither the vault nor a sealed blob shows bytes of a key or a blob in its repr."""
    vault = Vault(MASTER)
    sealed = vault.encrypt(b"synthetic", context=b"c")
    assert repr(sealed) == "Sealed()"
    assert MASTER.hex() not in repr(vault)
    assert repr(MASTER) not in repr(vault)


def test_a_master_key_of_wrong_length_is_refused() -> None:
    """Only 32 bytes make a vault."""
    with pytest.raises(VaultKeyUnusable):
        Vault(os.urandom(16))
