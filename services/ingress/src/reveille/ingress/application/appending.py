"""Appending until the outcome is known."""

from collections.abc import Sequence
from typing import Final

from reveille.kernel.clock import Clock
from reveille.kernel.errors import Unknown
from reveille.kernel.event_store import Append, Appended, Conflict, EventStore

# Then whoever waits is told to come again.
MAX_RESENDS: Final = 5


async def append(store: EventStore, clock: Clock, batch: Sequence[Append]) -> list[Appended | Conflict]:
    """The same bytes again where no answer came: whether the first ones landed or not, they stand once."""
    resends = 0
    while True:
        try:
            return await store.append(batch)
        except Unknown as error:
            resends += 1
            if resends > MAX_RESENDS:
                raise
            await clock.sleep(min(error.retry_after, 0.05 * 2**resends))
