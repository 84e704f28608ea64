"""Keys that encrypt keys: master keys in a file, or whoever else keeps them (a KMS), wrap the data keys.

Its cryptography takes 60 ms and 10 MB to import: only who encrypts imports this module.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reveille.kernel.errors import Misconfigured, Transient

# Of AES-256.
KEY_BYTES: Final = 32
# Of NIST SP 800-38D; drawn at random, one key may encrypt 2^32 times.
NONCE_BYTES: Final = 12
SETTING: Final = "REVEILLE_ENCRYPTION_KEYS"


class Tampered(Exception):
    """It is not what was encrypted, or not in its place, or not with this key."""


class KeyWrapping(Protocol):
    """Keeps keys that never leave it. `context` must be the same both times: who moves a wrapped key breaks it."""

    async def current(self) -> str:
        """Which key wraps now."""
        ...

    async def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """The name of the key that wrapped it, and the wrapped key. Raises Transient."""
        ...

    async def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """Raises KeyError for a key that is not there, Tampered, and Transient."""
        ...


def encrypt(cipher: AESGCM, data: bytes, context: bytes) -> bytes:
    """Nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, context)


def decrypt(cipher: AESGCM, data: bytes, context: bytes) -> bytes:
    """Raises Tampered."""
    try:
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Tampered("its bytes do not fit its key and its place") from error


def parse_keys(text: str) -> dict[str, bytes]:
    """Lines (or parts between commas) `name=64 hexadecimal digits`, the first is the one that wraps.

    Raises Misconfigured, never with a key in it.
    """
    found: dict[str, bytes] = {}
    for number, line in enumerate(text.replace(",", "\n").splitlines(), 1):
        name, equals, digits = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        try:
            key = bytes.fromhex(digits.strip()) if equals else b""
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES or not name.isascii() or not name.replace("-", "a").replace("_", "a").isalnum():
            raise Misconfigured(f"{SETTING}, line {number}, is something else, expected NAME=64 hexadecimal digits")
        if name in found:
            raise Misconfigured(f"{SETTING} has key {name} twice, expected another name for each")
        found[name] = key
    if not found:
        raise Misconfigured(f"{SETTING} has no key, expected lines NAME=64 hexadecimal digits")
    return found


class FileKeys:
    """Master keys of a file, which is looked at again when it changes: a new one needs no restart."""

    def __init__(self, keys: Mapping[str, bytes], file: Path | None = None) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._file = file
        self._read_at = _changed(file)

    @classmethod
    def of(cls, text: str, file: Path | None = None) -> "FileKeys":
        """text: what the file holds now, or the setting itself. Raises Misconfigured."""
        return cls(parse_keys(text), file)

    async def current(self) -> str:
        self._look()
        return next(iter(self._keys))

    async def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        name = await self.current()
        return name, encrypt(self._keys[name], key, context)

    async def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        if name not in self._keys:
            self._look()
        return decrypt(self._keys[name], wrapped, context)

    def _look(self) -> None:
        if self._file is None or (changed := _changed(self._file)) == self._read_at:
            return
        try:
            self._keys = {name: AESGCM(key) for name, key in parse_keys(self._file.read_text()).items()}
        except (OSError, UnicodeDecodeError, Misconfigured) as error:
            # While somebody writes it; what was read before still counts for what it wrapped.
            raise Transient(f"the file of {SETTING} cannot be read: {error}", retry_after=1.0) from error
        self._read_at = changed


def _changed(file: Path | None) -> int:
    """0 where it is not there."""
    try:
        return file.stat().st_mtime_ns if file is not None else 0
    except OSError:
        return 0
