"""A server of streams of live events, a log that a test writes into, and clients."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.sql_tables import SqlPositions
from reveille.ingress.adapters.sql.conversations import SqlConversations
from reveille.ingress.application.live import Live
from reveille.ingress.application.news import News
from reveille.ingress.entrypoints.http.stream import stream_routes
from reveille.kernel.clock import SystemClock
from reveille.kernel.views import Follower
from tests.unit.databases import database_of
from tests.unit.ingress.opening import owned
from tests.unit.ingress.plan_events import Written, write
from tests.unit.log import Log
from tests.unit.running import running

# The machine may be busy with other tests.
PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Said:
    """One block of a stream: its fields, or the comment."""

    fields: dict[str, str]
    comment: str = ""

    @property
    def event(self) -> Any:
        return json.loads(self.fields["data"])


class Client:
    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> Said | None:
        """None: the stream has ended."""
        fields: dict[str, str] = {}
        comment = ""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if not line:
                    return Said(fields, comment)
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
                else:
                    comment = value
        return None

    async def events(self, count: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < count:
            said = await self.next()
            assert said is not None, found
            if "data" in said.fields:
                assert (said.fields["id"], said.fields["event"]) == (str(said.event["sequence"]), said.event["type"])
                found.append(said.event)
        return found

    async def rest(self) -> list[Said]:
        """Until the stream ends."""
        found = []
        while (said := await self.next()) is not None:
            found.append(said)
        return found


class House:
    """The stream's route on a server, and a log that a test writes into."""

    def __init__(self, url: str, news: News, follower: Follower, journal: Log) -> None:
        self.url = url
        self.news = news
        self._follower = follower
        self._log = journal

    async def tell(self, *events: Written) -> None:
        await write(self._log, *events)
        await self._follower.wait_for(await self._log.store.head(), PATIENCE)

    @asynccontextmanager
    async def listen(self, id: str = "w", last: str = "", **query: Any) -> AsyncIterator[Client]:
        headers = {"last-event-id": last} if last else {}
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            url = f"{self.url}/api/v1/executions/{id}/stream"
            async with client.stream("GET", url, params=query, headers=headers) as answer:
                yield Client(answer)


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[tuple[str, int]]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True


@asynccontextmanager
async def opened(**seconds: float) -> AsyncIterator[House]:
    journal, news, transactions, rows = Log(), News(), database_of("ingress"), SqlConversations()
    follower = Follower(
        [rows],
        store=journal.store,
        transactions=transactions,
        positions=SqlPositions(),
        clock=SystemClock(),
        observer=news,
    )
    live = Live(
        store=journal.store, follower=follower, transactions=transactions, rows=rows, blobs=InlineBlobs(), news=news
    )
    app = FastAPI()
    app.include_router(stream_routes(live, **seconds))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(transactions.close)
        await stack.enter_async_context(running(follower.run()))
        host, port = await stack.enter_async_context(serving(owned(app, "t")))
        yield House(f"http://{host}:{port}", news, follower, journal)
