"""Appending to the log in PostgreSQL: one group under way at a time, and what waits meanwhile goes with the next."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.adapters.postgres_connection import (
    ANSWER_SECONDS,
    DRIVER_ERRORS,
    PostgresConnection,
    line,
    outdated,
    refused,
    unfit,
)
from reveille.adapters.postgres_log import APPEND, TELL, parameters, results
from reveille.kernel.errors import Transient, Unknown
from reveille.kernel.event_store import Append, Appended, Conflict
from reveille.kernel.events import Recorded

# Appends and bytes that one group takes in; beyond them the others' turns would wait too long for this one's.
MAX_GROUP: Final = 512
MAX_GROUP_BYTES: Final = 8 * 1024 * 1024
# Others hear of appends at most so often; of the first after a pause at once, of the last so late. To wake all who
# listen costs the server more than a small append.
TELL_SECONDS: Final = 0.03

Outcomes = list[Appended | Conflict]


@dataclass(frozen=True, slots=True, eq=False)
class _Appending:
    batch: Sequence[Append]
    streams: frozenset[str]
    size: int
    done: asyncio.Future[Outcomes]


class PostgresWriter:
    """`written` hears of each group that stands, in the order of positions, before those who wait for it do."""

    def __init__(self, connection: PostgresConnection, written: Callable[[list[Recorded]], None]) -> None:
        self._connection = connection
        self._written = written
        self._waiting: deque[_Appending] = deque()
        self._arrived = asyncio.Event()
        self._closed = False
        # When others were told last, and the position of which they have not been told.
        self._told_at = 0.0
        self._untold = 0

    async def append(self, batch: Sequence[Append]) -> Outcomes:
        if self._closed:
            raise _closed()
        streams = frozenset(append.stream for append in batch)
        if len(streams) < len(batch):
            raise ValueError("a stream occurs twice in a batch, expected once")
        size = sum(len(event.data) for append in batch for event in append.events)
        done: asyncio.Future[Outcomes] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Appending(batch, streams, size, done))
        self._arrived.set()
        return await done

    async def run(self) -> None:
        """Until it is closed."""
        while not self._closed:
            self._arrived.clear()
            while group := self._take():
                await self._commit(group)
            if self._untold:
                await self._tell_in_time()
            else:
                await self._arrived.wait()

    def close(self) -> None:
        """What has not been sent fails; `run` returns when what has been sent is answered."""
        self._closed = True
        waiting, self._waiting = self._waiting, deque()
        _fail(waiting, _closed())
        self._arrived.set()

    def _take(self) -> list[_Appending]:
        """In a group a stream occurs once, so that the server can look at all of them at once.

        What is for the same stream again goes with a later group, in the order in which it came.
        """
        taken: list[_Appending] = []
        left: list[_Appending] = []
        streams: set[str] = set()
        appends = size = 0
        while self._waiting and appends < MAX_GROUP and size < MAX_GROUP_BYTES and len(left) < MAX_GROUP:
            appending = self._waiting.popleft()
            if appending.done.done():  # who asked for it has gone
                continue
            if streams.isdisjoint(appending.streams):
                taken.append(appending)
                appends += len(appending.batch)
                size += appending.size
            else:
                left.append(appending)
            streams |= appending.streams
        self._waiting.extendleft(reversed(left))
        return taken

    async def _commit(self, group: list[_Appending]) -> None:
        appends = [append for appending in group for append in appending.batch]
        tell = asyncio.get_running_loop().time() - self._told_at >= TELL_SECONDS
        try:
            outcomes, recorded = results(appends, await self._send(appends, tell))
        except ValueError as error:
            # The server keeps all of a group or nothing: each goes alone, so that one does not stop the others.
            if len(group) == 1:
                _fail(group, error)
                return
            for appending in group:
                await self._commit([appending])
            return
        except asyncio.CancelledError:
            self._connection.drop()
            _fail(group, Unknown("the log was closed before it answered an append"))
            raise
        except Exception as error:
            _fail(group, error)
            return
        if recorded:
            if tell:
                self._told_at, self._untold = asyncio.get_running_loop().time(), 0
            else:
                self._untold = recorded[-1].position
        self._written(recorded)
        start = 0
        for appending in group:
            end = start + len(appending.batch)
            if not appending.done.done():
                appending.done.set_result(outcomes[start:end])
            start = end

    async def _tell_in_time(self) -> None:
        """Until something arrives, whose append may tell; or tell others now that nothing has."""
        try:
            async with asyncio.timeout_at(self._told_at + TELL_SECONDS):
                await self._arrived.wait()
                return
        except TimeoutError:
            pass
        position, self._untold = self._untold, 0
        self._told_at = asyncio.get_running_loop().time()
        try:
            await (await self._connection.get()).execute(TELL, str(position), timeout=ANSWER_SECONDS)
        except (Transient, *DRIVER_ERRORS):
            self._connection.drop()  # they look by themselves, a second later

    async def _send(self, appends: Sequence[Append], tell: bool) -> Any:
        """Raises ValueError for what can never be kept, Transient where nothing was written, or Unknown."""
        again = True
        while True:
            opened = await self._connection.get()
            try:
                (row,) = await opened.fetch(APPEND, *parameters(appends), tell, timeout=ANSWER_SECONDS)
                return row
            except DRIVER_ERRORS as error:
                if unfit(error):
                    raise ValueError(f"an event cannot be kept: {line(error)}") from error
                if not refused(error):
                    self._connection.drop()
                    raise Unknown(f"an append to the log got no answer: {line(error)}", retry_after=0.5) from error
                if not (again and outdated(error)):
                    raise Transient(f"the log cannot be written: {line(error)}") from error
                again = False


def _closed() -> Transient:
    return Transient("the log is closed here")


def _fail(waiting: Sequence[_Appending] | deque[_Appending], error: Exception) -> None:
    for appending in waiting:
        if not appending.done.done():
            appending.done.set_exception(error)
