"""The port of leases: who may think of himself as alive. Decisions never rest on a lease alone."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, Protocol


class Leases(Protocol):
    async def renew(self, name: str, owner: str, seconds: float) -> bool:
        """Take or keep the lease for so long from now. False: somebody else holds it."""
        ...

    async def release(self, name: str, owner: str) -> None: ...

    async def holders(self, prefix: str) -> Collection[str]:
        """The names below this prefix whose lease has not run out."""
        ...


async def while_held(leases: Leases, name: str, owner: str, seconds: float, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work has come to its own end under a lease that is held; False: somebody else has it now.

    Raises what the work raises, and Transient where nobody can say whose the lease is: then the work has ended too.
    """
    working = asyncio.ensure_future(work)
    try:
        while not working.done():
            await asyncio.wait([working], timeout=seconds / 3)
            if not working.done() and not await leases.renew(name, owner, seconds):
                return False
    finally:
        working.cancel()
        await asyncio.wait([working])
    working.result()
    return True
