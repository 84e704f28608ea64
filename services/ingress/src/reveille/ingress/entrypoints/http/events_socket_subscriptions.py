"""What one socket is subscribed to: an execution, its replay, a conversation, or what the whole platform shows."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from typing import Any, Final, Protocol

from reveille.ingress.application.live import Feed, Live, LiveEntry
from reveille.ingress.application.overview import Overview
from reveille.ingress.domain.refusals import Missing
from reveille.ingress.entrypoints.http.events_socket_following import Follower
from reveille.ingress.entrypoints.http.events_socket_queue import Outgoing
from reveille.ingress.entrypoints.http.live_messages import Subscribe, Target, Wrong, event_message, message
from reveille.kernel.clock import SECOND
from reveille.kernel.errors import Transient

# Of a replay's pauses.
LONGEST_PAUSE: Final = 5.0
# Executions of a conversation that somebody who comes to it finds, the newest of them, unless he says since when.
MOST_FOUND: Final = 200
# Of which so many are read from the store at a time.
MOST_READ: Final = 4
# Between two messages of the overview.
OVERVIEW_PAUSE: Final = 0.25


class Caught(Protocol):
    async def __call__(self) -> None:
        """Return when live events are known up to what the log holds now. Raises Transient."""
        ...


class Subscription(ABC):
    """Runs as a task of its socket, whose queue it is a source of.

    `answered`: the client has been told how its wish went.
    """

    waiting = 0
    ended = False

    def __init__(self, wish: Subscribe, socket: "Socket") -> None:
        self.wish = wish
        self.answered = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._socket = socket

    @property
    def target(self) -> Target:
        return self.wish.target

    async def run(self) -> None:
        try:
            await self._run()
        except Missing as error:
            self._refuse(Wrong("unknown_execution", str(error)))
        except Transient as error:
            self._refuse(Wrong("unavailable", f"it cannot be read now: {error}"))
        except Wrong as error:
            self._refuse(error)
        finally:
            self.answered.set()

    def end(self) -> dict[str, int]:
        """Nothing more of it is said. By execution, the sequence behind which somebody goes on."""
        self.ended = True
        after = self.reached()
        for execution_id, first in self._socket.outgoing.forget(self).items():
            after[execution_id] = min(first - 1, after.get(execution_id, first))
        if self.task is not None:
            self.task.cancel()
        return after

    def reached(self) -> dict[str, int]:
        """By execution, the last sequence that is queued or not wanted."""
        return {}

    def said(self, entry: LiveEntry) -> str:
        return event_message(entry)

    @abstractmethod
    async def _run(self) -> None: ...

    def _begin(self, **fields: Any) -> None:
        """It stands from now on, in the place of one for the same."""
        self._socket.stands(self)
        self._socket.outgoing.say(message("subscribed", **self.target.names, **fields, ref=self.wish.ref))
        self.answered.set()

    def _refuse(self, error: Wrong) -> None:
        error.ref = self.wish.ref
        self._socket.refused(self, error)

    def _follower(self, feed: Feed, cursor: int) -> Follower:
        return Follower(
            feed,
            cursor=cursor,
            wanted=self.wish.wanted,
            source=self,
            outgoing=self._socket.outgoing,
            relieve=self._socket.relieve,
        )


class Socket(Protocol):
    """What a subscription is of."""

    tenant: str
    live: Live
    overview: Overview
    caught_up: Caught
    outgoing: Outgoing

    def stands(self, subscription: Subscription) -> None: ...

    def refused(self, subscription: Subscription, error: Wrong) -> None: ...

    def relieve(self) -> None: ...


class OfExecution(Subscription):
    _following: Follower | None = None

    def reached(self) -> dict[str, int]:
        return {} if self._following is None else {self.target.execution_id: self._following.cursor}

    async def _run(self) -> None:
        socket, execution_id = self._socket, self.target.execution_id
        await _check_within(socket, self.wish)
        async with socket.live.watch(socket.tenant, execution_id) as feed:
            cursor = await _place(socket, feed, self.wish.after)
            self._following = self._follower(feed, cursor)
            self._begin(sequence=cursor)
            await self._following.run()
        # It has ended, and stays subscribed until somebody says otherwise.
        await asyncio.get_running_loop().create_future()


class Replay(Subscription):
    """What has happened until now, with its own pauses."""

    _cursor = 0

    def said(self, entry: LiveEntry) -> str:
        return event_message(entry, replay=True)

    def reached(self) -> dict[str, int]:
        return {self.target.execution_id: self._cursor}

    async def _run(self) -> None:
        socket, speed = self._socket, self.wish.speed or 0
        await _check_within(socket, self.wish)
        entries = await socket.live.history(socket.tenant, self.target.execution_id)
        last = entries[-1].sequence if entries else 0
        self._cursor = self.wish.after or 0
        _check_after(self._cursor, last)
        self._begin(sequence=self._cursor, replay=True, last=last)
        before = 0
        for entry in entries:
            if entry.sequence <= self._cursor:
                continue
            if speed and before:
                await asyncio.sleep(min(max(entry.at - before, 0) / SECOND, LONGEST_PAUSE) / speed)
            before = entry.at
            if self.wish.wanted.takes(entry):
                level = max(1, socket.outgoing.capacity // 2)
                while not socket.outgoing.put(self, entry, level):
                    await socket.outgoing.room(level)
            self._cursor = entry.sequence
        await socket.outgoing.tell(message("replayed", **self.target.names, sequence=last, ref=self.wish.ref), self)


class OfConversation(Subscription):
    """All its executions, also those to come; these from their first event."""

    def __init__(self, wish: Subscribe, socket: Socket) -> None:
        super().__init__(wish, socket)
        self._places: dict[str, int] = {}
        self._following: dict[str, Follower] = {}
        self._slots = asyncio.Semaphore(MOST_READ)

    def said(self, entry: LiveEntry) -> str:
        return event_message(entry, conversation_id=self.target.conversation_id)

    def reached(self) -> dict[str, int]:
        return self._places | {name: one.cursor for name, one in self._following.items()}

    async def _run(self) -> None:
        socket, conversation_id = self._socket, self.target.conversation_id
        with socket.live.conversation(socket.tenant, conversation_id) as watch:
            version = watch.version
            known = await socket.live.executions_of(socket.tenant, conversation_id)
            async with asyncio.TaskGroup() as group:
                if self._is_live:
                    known = known[-MOST_FOUND:]
                    for execution_id in known:
                        placed = asyncio.Event()
                        group.create_task(self._follow(execution_id, placed))
                        await placed.wait()
                else:
                    after = self.wish.by_execution or {}
                    self._places = {execution_id: after.get(execution_id, 0) for execution_id in known}
                self._begin(sequence=0, executions=self.reached())
                if not self._is_live:
                    for execution_id in known:
                        group.create_task(self._follow(execution_id))
                seen = set(known)
                while True:
                    await watch.wait(version)
                    version = watch.version
                    for execution_id in await self._known():
                        if execution_id not in seen:
                            seen.add(execution_id)
                            self._places[execution_id] = 0
                            group.create_task(self._follow(execution_id))

    @property
    def _is_live(self) -> bool:
        return self.wish.after is None and self.wish.by_execution is None

    async def _follow(self, execution_id: str, placed: asyncio.Event | None = None) -> None:
        """placed: it begins live, and this is set when it is known where."""
        try:
            async with AsyncExitStack() as opened:
                async with self._slots:
                    feed = await self._open(execution_id, opened)
                    place = self._places.get(execution_id, feed.last)
                    following = self._following[execution_id] = self._follower(feed, place)
                    if placed is None:
                        await following.catch_up()
                    else:
                        placed.set()
                await self.answered.wait()
                await following.run()
            self._places[execution_id] = self._following.pop(execution_id).cursor
        except Missing:
            pass  # nothing can be told of it
        finally:
            if placed is not None:
                placed.set()

    async def _open(self, execution_id: str, opened: AsyncExitStack) -> Feed:
        while True:
            try:
                return await opened.enter_async_context(self._socket.live.watch(self._socket.tenant, execution_id))
            except Transient as error:
                await asyncio.sleep(error.retry_after)

    async def _known(self) -> list[str]:
        while True:
            try:
                return await self._socket.live.executions_of(self._socket.tenant, self.target.conversation_id)
            except Transient as error:
                await asyncio.sleep(error.retry_after)


class OfOverview(Subscription):
    """What has changed for the whole tenant; one message waits at most, and takes in what comes meanwhile."""

    async def _run(self) -> None:
        socket = self._socket
        with socket.overview.watched(socket.tenant) as looking:
            self._begin(sequence=0)
            while True:
                changed, position = looking.changed()
                await socket.outgoing.tell(message("overview", changed=changed, position=position), self)
                await asyncio.sleep(OVERVIEW_PAUSE)
                await looking.wait()


def subscription(wish: Subscribe, socket: Socket) -> Subscription:
    if wish.target.topic:
        return OfOverview(wish, socket)
    if wish.target.conversation_id:
        return OfConversation(wish, socket)
    return OfExecution(wish, socket) if wish.speed is None else Replay(wish, socket)


async def _check_within(socket: Socket, wish: Subscribe) -> None:
    """Raises Missing."""
    if not wish.within:
        return
    if wish.target.execution_id not in await socket.live.executions_of(socket.tenant, wish.within):
        named = f"conversation {wish.within[:100]} has no execution {wish.target.execution_id[:100]}"
        raise Missing("unknown_execution", named)


async def _place(socket: Socket, feed: Feed, after: int | None) -> int:
    """Raises Wrong where the execution has no such event, also when this replica has caught up with the others."""
    if after is None:
        return feed.last
    if after > feed.last:
        await socket.caught_up()
    _check_after(after, feed.last)
    return after


def _check_after(after: int, last: int) -> None:
    if after > last:
        raise Wrong("invalid_after", f"after is {after}, expected at most {last}, the last event of the execution")
