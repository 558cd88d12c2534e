"""Envelope encryption and keyed digests, both from one 32-byte master key.

Every blob has a data key of its own; the data key is stored only in wrapped form. Who deletes the
wrapped key has deleted the blob, in backups of the blob too.

Layout, format 1 (lengths in bytes; "GCM" is AES-256-GCM, NIST SP 800-38D, its tag is the last 16):

    ciphertext   01 | nonce 12 | GCM(data key, nonce, plaintext, "leakwatch blob 1" 00 context)
    wrapped key  01 | key id 8 | nonce 12 | GCM(wrapping key, nonce, data key, "leakwatch key 1" 00 context)

    wrapping key = HKDF-SHA-256(master key, no salt, "leakwatch/1/wrap", 32)      RFC 5869
    digest key   = HKDF-SHA-256(master key, no salt, "leakwatch/1/digest", 32)
    key id       = HKDF-SHA-256(master key, no salt, "leakwatch/1/id", 8)
    keyed digest = HMAC-SHA-256(digest key, length of kind (2, big-endian) | kind | value), UTF-8

`context` is the identity of the blob (say, its row's id): a ciphertext moved to another row does not
decrypt there. Nonces are random; a data key encrypts once, and 2^32 wrappings under one master key
stay within the bound of SP 800-38D section 8.3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monitor.errors import ConfigurationError, LeakwatchError
from monitor.writeonce import make_private_directory, new_file

KEY_BYTES = 32
FORMAT = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_ID_BYTES = 8
BLOB_LABEL = b"leakwatch blob 1\x00"
KEY_LABEL = b"leakwatch key 1\x00"


class VaultKeyUnusable(ConfigurationError):
    """The master key's file is missing, malformed, or open to others."""


class VaultKeyWrong(ConfigurationError):
    """The blob was sealed under another master key."""


class EvidenceAltered(LeakwatchError):
    """Stored bytes are not what was sealed: changed, cut short, or moved to another identity."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted blob and its data key in wrapped form; useless without the master key."""

    ciphertext: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)


def load_or_create_key(path: Path) -> bytes:
    """The master key in `path`; a first start makes it (0600, base64). Two starting at once agree.

    Raises VaultKeyUnusable.
    """
    if not path.exists():
        create_key(path)  # or another process was faster: then its key is the key
    return load_key(path)


def load_key(path: Path, what: str = "master key") -> bytes:
    """The master key, or another (`what`), in `path`, which must exist. Raises VaultKeyUnusable."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(1024)
    except OSError as error:
        raise VaultKeyUnusable(f"The {what} {path} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise VaultKeyUnusable(
            f"The {what} {path} is open to other accounts (mode {mode:04o}); run: chmod 600 {path}"
        )
    return _decoded(text, path, what)


def create_key(path: Path, what: str = "master key") -> bool:
    """Make a key in `path` (0600, base64); False when there is one. Raises VaultKeyUnusable."""
    try:
        make_private_directory(path.parent)
        with new_file(path) as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    except FileExistsError:
        return False
    except OSError as error:
        raise VaultKeyUnusable(f"The {what} {path} cannot be made: {error.strerror}.") from error
    return True


def _decoded(text: bytes, path: Path, what: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultKeyUnusable(
            f"The file {path} does not hold a {what} ({KEY_BYTES} bytes in base64); "
            "restore it from its backup."
        )
    return key


class Vault:
    """Seals and opens blobs, and makes keyed digests, under one master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise VaultKeyUnusable(f"A master key has {KEY_BYTES} bytes, not {len(master_key)}.")
        self._wrapping = AESGCM(_derived(master_key, b"leakwatch/1/wrap"))
        self._digest_key = _derived(master_key, b"leakwatch/1/digest")
        self._key_id = _derived(master_key, b"leakwatch/1/id", KEY_ID_BYTES)

    @property
    def key_id(self) -> str:
        """16 hex digits that name the master key and tell nothing about it."""
        return self._key_id.hex()

    def encrypt(self, plaintext: bytes, *, context: bytes) -> Sealed:
        """Seal `plaintext` under a fresh data key, bound to `context`."""
        data_key = AESGCM.generate_key(bit_length=256)
        ciphertext = FORMAT + _locked(AESGCM(data_key), plaintext, BLOB_LABEL + context)
        wrapped = _locked(self._wrapping, data_key, KEY_LABEL + context)
        return Sealed(ciphertext, FORMAT + self._key_id + wrapped)

    def decrypt(self, sealed: Sealed, *, context: bytes) -> bytes:
        """Open what `encrypt` sealed for the same `context`. Raises VaultKeyWrong or EvidenceAltered."""
        data_key = self._unwrapped(sealed.wrapped_key, context)
        body = _after_format(sealed.ciphertext, "evidence")
        return _unlocked(AESGCM(data_key), body, BLOB_LABEL + context, "evidence")

    def keyed_digest(self, kind: str, value: str) -> str:
        """HMAC-SHA-256 of an identifier, 64 hex digits: equal for equal values, useless without the key.

        The caller normalises `value` (an NHS number to its ten digits); `kind` keeps kinds apart.
        """
        name = kind.encode()
        message = len(name).to_bytes(2, "big") + name + value.encode()
        return hmac.new(self._digest_key, message, hashlib.sha256).hexdigest()

    def _unwrapped(self, wrapped_key: bytes, context: bytes) -> bytes:
        body = _after_format(wrapped_key, "wrapped data key")
        key_id, body = body[:KEY_ID_BYTES], body[KEY_ID_BYTES:]
        if key_id != self._key_id:
            raise VaultKeyWrong(
                f"This was sealed under master key {key_id.hex()}, but the key in use is {self.key_id}; "
                "restore the former key's file."
            )
        data_key = _unlocked(self._wrapping, body, KEY_LABEL + context, "wrapped data key")
        if len(data_key) != KEY_BYTES:
            raise EvidenceAltered("The wrapped data key has the wrong length.")
        return data_key


def _derived(master_key: bytes, label: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=label).derive(master_key)


def _locked(key: AESGCM, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, plaintext, bound_to)


def _unlocked(key: AESGCM, body: bytes, bound_to: bytes, what: str) -> bytes:
    if len(body) < NONCE_BYTES + TAG_BYTES:
        raise EvidenceAltered(f"The stored {what} is cut short; restore it from a backup.")
    try:
        return key.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], bound_to)
    except InvalidTag:
        raise EvidenceAltered(
            f"The stored {what} is not what was sealed here: it was changed or moved; "
            "restore it from a backup."
        ) from None


def _after_format(stored: bytes, what: str) -> bytes:
    if stored[:1] != FORMAT:
        raise EvidenceAltered(
            f"The stored {what} does not begin with a known format; restore it from a backup."
        )
    return stored[1:]
