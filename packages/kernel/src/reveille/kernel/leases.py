"""The port of leases: who may think of himself as alive. Decisions never rest on a lease alone."""

from collections.abc import Collection
from typing import Protocol


class Leases(Protocol):
    async def renew(self, name: str, owner: str, seconds: float) -> bool:
        """Take or keep the lease for so long from now. False: somebody else holds it."""
        ...

    async def release(self, name: str, owner: str) -> None: ...

    async def holders(self, prefix: str) -> Collection[str]:
        """The names below this prefix whose lease has not run out."""
        ...
