"""Blobs that are encrypted, each with a key of its own; what was put before that stays readable."""

import asyncio
import hashlib
import json
from collections.abc import Collection
from typing import Final, Protocol

from google.protobuf.message import DecodeError

from reveille.adapters.data_keys import ID_LETTERS, MARK, KeyRing
from reveille.adapters.encryption import Tampered
from reveille.adapters.erased import WORD
from reveille.adapters.key_rows import BLOB, Subject
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.blobs import Blobs
from reveille.kernel.errors import Transient

# A Sealed with a key of ours begins so.
_BEGINS: Final = b"\x0a" + bytes([ID_LETTERS]) + MARK.encode()
# Blobs are JSON, or what stands for itself.
ERASED: Final = json.dumps(WORD).encode()


class AddressedBlobs(Blobs, Protocol):
    async def keep(self, tenant: str, digest: str, data: bytes) -> None: ...

    async def drop(self, tenant: str, digests: Collection[str]) -> None: ...

    async def close(self) -> None: ...


class SealedBlobs:
    """A blob's digest is that of its plain bytes, so that the same bytes are still one blob."""

    def __init__(self, blobs: AddressedBlobs, ring: KeyRing) -> None:
        self._blobs = blobs
        self._ring = ring

    async def put(self, tenant: str, data: bytes) -> str:
        digest = (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
        subject = _subject(tenant, digest)
        key = (await self._ring.for_sealing([subject]))[subject]
        sealed = Sealed(key_id=key.id, data=key.seal(data, _context(tenant, digest)))
        await self._blobs.keep(tenant, digest, sealed.SerializeToString())
        return digest

    async def get(self, tenant: str, digest: str) -> bytes:
        try:
            found = await self._blobs.get(tenant, digest)
        except KeyError:
            if await self._ring.rows.erased([_subject(tenant, digest)]):
                return ERASED
            raise
        if not found.startswith(_BEGINS):
            return found
        return await self._opened(tenant, digest, found)

    async def drop(self, tenant: str, digests: Collection[str]) -> None:
        await self._blobs.drop(tenant, digests)

    async def close(self) -> None:
        await self._blobs.close()

    async def _opened(self, tenant: str, digest: str, found: bytes) -> bytes:
        """Raises Transient naming the blob where it is not what was put: whoever keeps it may have another copy."""
        try:
            one = Sealed.FromString(found)
            key = (await self._ring.load([one.key_id])).get(one.key_id)
            plain = None if key is None else key.open(one.data, _context(tenant, digest))
        except (DecodeError, Tampered) as error:
            raise Transient(f"blob {digest} of tenant {tenant} cannot be opened: {error}", retry_after=60.0) from error
        if key is None:
            raise Transient(f"blob {digest} of tenant {tenant} is sealed with key {one.key_id}, which is not there")
        return ERASED if plain is None else plain


def _subject(tenant: str, digest: str) -> Subject:
    return Subject(tenant, f"{BLOB}{digest}")


def _context(tenant: str, digest: str) -> bytes:
    return b"\0".join((tenant.encode(), b"blob", digest.encode()))
