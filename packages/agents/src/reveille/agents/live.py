"""Live events of executions: watched over a socket that may be lost, replayed, or read from history (docs/live.md)."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urlsplit

from reveille.agents.live_event import TYPES, LiveEvent, Refused, event_of
from reveille.agents.live_link import Link
from reveille.agents.live_rest import Rest
from reveille.agents.live_state import Backoff, LiveState
from reveille.agents.live_watch import Wanted, Watch

__all__ = ["TYPES", "Backoff", "LiveEvent", "LiveEvents", "LiveState", "Refused"]

PATH: Final = "/ws/events"
DEFAULT_ROOM: Final = 1000
_SOCKETS: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_PAGES: Final = {"ws": "http", "wss": "https"}


def _unseen(state: LiveState) -> None:
    pass


class LiveEvents:
    """`async with LiveEvents("ws://127.0.0.1:3004") as live`: as many watches as wanted, on one socket.

    Within an execution each event comes once, in order and without a hole, however often the connection is lost
    meanwhile: it is made again until the `async with` ends. A reader that is slower than its events holds up to `room`
    of them; what comes meanwhile is told again when it has read those, and nobody else waits for it.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        tls: ssl.SSLContext | None = None,
        on_state: Callable[[LiveState], None] = _unseen,
        room: int = DEFAULT_ROOM,
        backoff: Backoff = Backoff(),  # noqa: B008 - it is frozen
    ) -> None:
        """url: ws://, wss://, http:// or https://; a path stays before the socket's. Raises ValueError.

        tls: whom to trust, and what to show, where that is not what the system trusts.
        """
        if room < 1:
            raise ValueError(f"room is {room}, expected at least 1")
        socket, page = _addresses(url)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._socket, self._headers, self._backoff, self._on_state = socket, headers, backoff, on_state
        self._tls = tls
        self._rest = Rest(page, headers, tls=tls)
        self._room = room
        self._shared: Link | None = None
        self._running: dict[Link, asyncio.Future[None]] = {}
        self._entered = False

    async def __aenter__(self) -> Self:
        self._entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        await self._finish(*self._running)

    def watch(
        self,
        *,
        execution_id: str = "",
        conversation_id: str = "",
        after: int | None = 0,
        types: Sequence[str] = (),
        agents: Sequence[str] = (),
        departments: Sequence[str] = (),
    ) -> AsyncGenerator[LiveEvent, None]:
        """What has happened behind `after` and then what happens, without end. Of filters, () is all.

        after: the sequence of an event; 0: from the beginning; None: from now on. A conversation is all its executions,
        those to come too, each in its own order; its `after` is one of the last two. Raises Refused where the platform
        does not tell it, and ValueError for what can never be.
        """
        return self._told(
            Wanted(
                execution_id=execution_id,
                conversation_id=conversation_id,
                after=after,
                types=types,
                agents=agents,
                departments=departments,
            )
        )

    def replay(
        self,
        execution_id: str,
        *,
        speed: float = 1.0,
        after: int = 0,
        types: Sequence[str] = (),
        agents: Sequence[str] = (),
        departments: Sequence[str] = (),
    ) -> AsyncGenerator[LiveEvent, None]:
        """What has happened so far, with its pauses (at most 5 s each) divided by `speed`; 0: as fast as it is taken.

        It ends with the last event that was there when it began. Raises as `watch` does.
        """
        return self._told(
            Wanted(
                execution_id=execution_id,
                after=after,
                types=types,
                agents=agents,
                departments=departments,
                speed=speed,
            )
        )

    async def history(
        self,
        execution_id: str,
        *,
        after: int = 0,
        types: Sequence[str] = (),
        agents: Sequence[str] = (),
        departments: Sequence[str] = (),
    ) -> AsyncGenerator[LiveEvent, None]:
        """What has happened so far, over HTTP: no socket is needed. Raises Refused, and ConnectionError."""
        wanted = Wanted(execution_id=execution_id, after=after, types=types, agents=agents, departments=departments)
        query = {"type": ",".join(types or TYPES), "after": str(after)}
        for name, values in (("agent", agents), ("department", departments)):
            if values and not any("," in value for value in values):
                query[name] = ",".join(values)
        cursor = ""
        while True:
            items, cursor = await self._rest.page(execution_id, query, cursor=cursor)
            for item in items:
                event = event_of(item["event"], execution_id=execution_id, sequence=int(item["sequence"]))
                if wanted.matches(event):
                    yield event
            if not cursor:
                return

    async def whole(self, event: LiveEvent) -> LiveEvent:
        """The same with its large payloads in place of references. Raises Refused, and ConnectionError."""
        path = f"/api/v1/executions/{quote(event.execution_id, safe='')}/events/{event.sequence}"
        answer = await self._rest.get(path)
        return event_of(answer.get("event", answer), execution_id=event.execution_id, sequence=event.sequence)

    async def _told(self, wanted: Wanted) -> AsyncGenerator[LiveEvent, None]:
        if not self._entered:
            raise RuntimeError("live events are told within `async with LiveEvents(...)`")
        link, own = self._link_for(wanted)
        watch = Watch(wanted, room=self._room)
        try:
            with link.watching(watch):
                while (event := await watch.take()) is not None:
                    yield event
                    if watch.behind and watch.is_empty:
                        link.resume(watch)
        finally:
            if own:
                await self._finish(link)

    def _link_for(self, wanted: Wanted) -> tuple[Link, bool]:
        """On one socket a replay would take the place of what is live of its execution."""
        if wanted.speed is not None:
            return self._start(), True
        if self._shared is None or self._shared.ended:
            self._shared = self._start()
        return self._shared, False

    def _start(self) -> Link:
        link = Link(self._socket, self._headers, backoff=self._backoff, tell=self._on_state, tls=self._tls)
        self._running[link] = asyncio.ensure_future(link.run())
        return link

    async def _finish(self, *links: Link) -> None:
        """Raises what went wrong in one, and is no fault of the platform's."""
        tasks = [task for link in links if (task := self._running.pop(link, None))]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()


def _addresses(url: str) -> tuple[str, str]:
    """Of the socket, and of HTTP."""
    parts = urlsplit(url if "://" in url else f"ws://{url}")
    scheme = _SOCKETS.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise ValueError(f"{url!r} is no address of a platform, expected one like ws://127.0.0.1:3004")
    path = parts.path.rstrip("/")
    return f"{scheme}://{parts.netloc}{path}{PATH}", f"{_PAGES[scheme]}://{parts.netloc}{path}"
