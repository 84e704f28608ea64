"""The port for whatever is above 64 KiB: bytes by their digest."""

from typing import Final, Protocol

BLOB_FROM: Final = 64 * 1024


class Blobs(Protocol):
    async def put(self, tenant: str, data: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex. Durable on return; the same bytes again change nothing."""
        ...

    async def get(self, tenant: str, digest: str) -> bytes:
        """Raises KeyError where this tenant has put no such bytes."""
        ...
