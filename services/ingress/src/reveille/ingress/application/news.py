"""News of plans: whoever waits for the next event of one is woken when the views have taken it in, and nobody else.

It rests on the log alone: each replica's follower sees all events, so that a socket may be open on any of them.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reveille.ingress.application.projections.timeline import NAMES, execution_stream
from reveille.kernel.events import Recorded, stream_name


class Watch:
    """version: rises with every event. What was looked up before it rose may be old."""

    def __init__(self) -> None:
        self.version = 0
        self._woken = asyncio.Event()

    async def wait(self, version: int) -> None:
        """Return when there is news since this version."""
        while self.version == version:
            self._woken.clear()
            await self._woken.wait()

    def wake(self) -> None:
        self.version += 1
        self._woken.set()


class News:
    """An observer of the follower that keeps the timeline."""

    def __init__(self) -> None:
        self._watches: dict[str, tuple[Watch, int]] = {}
        self.left = False

    def seen(self, events: Sequence[Recorded]) -> None:
        watches = self._watches
        if not watches:
            return
        about = {stream for event in events if event.type in NAMES and (stream := execution_stream(event)) in watches}
        for stream in about:
            watches[stream][0].wake()

    def is_waiting(self) -> bool:
        return bool(self._watches)

    def leave(self) -> None:
        """No more is to be waited for: all are woken."""
        self.left = True
        for watch, _ in self._watches.values():
            watch.wake()

    @contextmanager
    def of(self, tenant: str, execution_id: str) -> Iterator[Watch]:
        """All who watch a plan share one."""
        stream = stream_name(tenant, "execution", execution_id)
        watch, others = self._watches.get(stream, (Watch(), 0))
        self._watches[stream] = (watch, others + 1)
        try:
            yield watch
        finally:
            watch, count = self._watches.pop(stream)
            if count > 1:
                self._watches[stream] = (watch, count - 1)
