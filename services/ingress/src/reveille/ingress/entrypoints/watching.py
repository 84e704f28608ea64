"""Files that change below a folder as signals: the way in that is no request."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final

from reveille.ingress.adapters.folders import WatchedFolder, shown
from reveille.ingress.application.receiving import Received, Receiving
from reveille.ingress.domain import files
from reveille.ingress.domain.files import Change
from reveille.ingress.entrypoints.http.tracing import new_trace
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Misconfigured, Transient
from reveille.kernel.ids import Ids

logger = logging.getLogger(__name__)

# Milliseconds: changes are told when nothing more came for so long, and at the latest after so long.
QUIET: Final = 200
LONGEST: Final = 1_600
# Milliseconds after which it is looked whether the folder is still there.
IDLE: Final = 1_000
# The system drops notices where too many come at once: then this finds what they would have told.
REPAIR_SECONDS: Final = 300


class Watching:
    """A notice is only a hint where to look: what is told is the difference from what was told last."""

    def __init__(self, folder: WatchedFolder, *, receiving: Receiving, tenant: str, clock: Clock, ids: Ids) -> None:
        self._folder = folder
        self._receiving = receiving
        self._tenant = tenant
        self._clock = clock
        self._ids = ids

    async def prepare(self) -> None:
        """What changes from now on is told, whenever `run` begins. Raises Misconfigured with one line."""
        try:
            await asyncio.to_thread(self._folder.recall)
        except OSError as error:
            raise Misconfigured(f"folder {self._folder.root} cannot be watched: {error}") from error

    async def run(self) -> None:
        """Until cancelled. Raises Transient where the folder is gone, Misconfigured where it cannot be watched."""
        from watchfiles import awatch

        folder = self._folder
        self._check_there()
        await self._tell(await asyncio.to_thread(folder.changes))
        # Notices come from the first turn on: what changed between the look above and it is found by the second look.
        looked = 0
        notices = awatch(
            folder.root,
            watch_filter=None,
            step=QUIET,
            debounce=LONGEST,
            rust_timeout=IDLE,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        async with aclosing(notices):
            while True:
                places = await self._next(notices)
                self._check_there()
                if self._clock.now() - looked > REPAIR_SECONDS * SECOND:
                    looked = self._clock.now()
                    await self._tell(await asyncio.to_thread(folder.changes))
                elif places:
                    await self._tell(await asyncio.to_thread(folder.changes_at, places))

    async def _next(self, notices: AsyncIterator[set[tuple[Any, str]]]) -> set[str]:
        try:
            return {place for _, place in await anext(notices)}
        except OSError as error:
            self._check_there()
            raise Misconfigured(f"folder {self._folder.root} cannot be watched: {error}") from error

    async def _tell(self, changes: Mapping[str, Change]) -> None:
        """Told again after a crash, the same change is the same delivery: so it is kept as told only afterwards."""
        if not changes:
            return
        folder = self._folder
        told = {shown(path): change for path, change in changes.items()}
        delivery = files.changed(shown(str(folder.root)), shown(folder.name), told)
        received = Received(
            delivery=delivery,
            body=delivery.content.payload,
            verified=True,
            trace=new_trace(self._ids),
            identity=delivery.key.encode(),
        )
        receipt = await self._receiving.receive(self._tenant, received)
        try:
            await asyncio.to_thread(folder.told, changes)
        except OSError as error:
            raise Transient(f"what changed in {folder.root} cannot be kept: {error}", retry_after=5.0) from error
        logger.info("%d files changed in %s: signal %s", len(changes), folder.root, receipt.signal_id)

    def _check_there(self) -> None:
        if not self._folder.is_there():
            raise Transient(f"folder {self._folder.root} is gone", retry_after=5.0)
