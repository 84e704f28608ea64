"""Blobs in memory on the caller's own thread: for simulation, as InlineEventStore is."""

import hashlib
from collections.abc import Collection


class InlineBlobs:
    def __init__(self) -> None:
        self._blobs: dict[tuple[str, str], bytes] = {}

    async def put(self, tenant: str, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        await self.keep(tenant, digest, data)
        return digest

    async def keep(self, tenant: str, digest: str, data: bytes) -> None:
        """Under another digest than its own."""
        self._blobs.setdefault((tenant, digest), data)

    async def drop(self, tenant: str, digests: Collection[str]) -> None:
        for digest in digests:
            self._blobs.pop((tenant, digest), None)

    async def get(self, tenant: str, digest: str) -> bytes:
        try:
            return self._blobs[tenant, digest]
        except KeyError:
            raise KeyError(f"tenant {tenant} has no blob {digest}") from None

    async def close(self) -> None:
        self._blobs.clear()
