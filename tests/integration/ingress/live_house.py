"""What live events need of ingress, on a log in memory, served on loopback by the server that the platform has."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from google.protobuf.message import Message
from websockets.asyncio.client import ClientConnection, connect

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.sql_tables import SqlPositions
from reveille.cli.serving import Http, server_config
from reveille.contracts.agent_runner.v1.events_pb2 import AgentThinking, RunCompleted, RunStarted, Work
from reveille.contracts.ingress.v1.events_pb2 import ExecutionRequested
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, ExecutionStarted, StepCompleted, StepReady
from reveille.ingress.adapters.sql.conversations import SqlConversations
from reveille.ingress.application.live import Live
from reveille.ingress.application.news import News
from reveille.ingress.application.observing import Observers
from reveille.ingress.application.overview import Overview
from reveille.ingress.domain.access import Principal, owner
from reveille.ingress.entrypoints.http.events_socket import PATH, EventsSocket
from reveille.ingress.settings import Settings
from reveille.kernel.clock import SECOND, SystemClock
from reveille.kernel.events import Meta, new_event
from reveille.kernel.sealing import seal, seal_json
from reveille.kernel.views import Follower
from tests.unit.databases import database_of
from tests.unit.ingress.opening import Everybody, behind_gate
from tests.unit.log import Log
from tests.unit.manual_clock import NOON
from tests.unit.running import running
from tests.unit.spec import HERE

# The machine may be busy with other tests.
PATIENCE = 60


class LiveHouse:
    def __init__(self, log: Log | None = None, *, principal: Principal | None = None, **settings: Any) -> None:
        self.settings = Settings(tenant="t", embedded=True, **settings)
        self.log = log or Log()
        self.transactions = database_of("ingress")
        self.news = News()
        self.reasons: list[str] = []
        self.looked_at = 0
        conversations = SqlConversations()
        self.overview = Overview(reached=lambda: self.follower.position, not_ready=self._not_ready, clock=SystemClock())
        self.follower = Follower(
            [conversations],
            store=self.log.store,
            transactions=self.transactions,
            positions=SqlPositions(),
            clock=SystemClock(),
            observer=Observers(self.news, self.overview),
        )
        self.live = Live(
            store=self.log.store,
            follower=self.follower,
            transactions=self.transactions,
            rows=conversations,
            blobs=InlineBlobs(),
            news=self.news,
        )
        self.socket = EventsSocket(
            settings=self.settings,
            live=self.live,
            overview=self.overview,
            caught_up=self.caught_up,
        )
        self.everybody = Everybody(principal or owner("t"))
        self._front = behind_gate(self.socket, self.settings, self.everybody)
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{PATH}"

    async def caught_up(self) -> None:
        await self.follower.wait_for(await self.log.store.head())

    async def begin(self, id: str = "e", *, conversation: str = "", agent: str = "scout") -> None:
        """Its live events 1 and 2."""
        request = ExecutionRequested(execution_id=id, blueprint="b", conversation_id=conversation)
        await self.log.write(f"t.inputs-{id}", request)
        started = ExecutionStarted(execution_id=id, blueprint="b", conversation_id=conversation)
        ready = StepReady(execution_id=id, step="s", agent=agent, run_id=f"{id}-r", attempt=1)
        await self.log.write(f"t.execution-{id}", started, ready)
        await self.log.write(f"t.run-{id}-r", RunStarted(work=self._work(id, agent)))

    async def think(self, id: str = "e", *, texts: list[str]) -> None:
        """A live event for each."""
        thoughts: list[Message] = [AgentThinking(run_id=f"{id}-r", text=seal(text.encode())) for text in texts]
        await self.log.write(f"t.run-{id}-r", *thoughts)

    async def think_later(self, id: str = "e", *, seconds: int) -> None:
        """By the log's clock, in which all else happens at once."""
        meta = Meta(NOON + seconds * SECOND, HERE)
        thought = AgentThinking(run_id=f"{id}-r", text=seal(b"later"))
        await self.log.append(f"t.run-{id}-r", [new_event(self.log.ids.new(), thought, meta)])

    async def end(self, id: str = "e", agent: str = "scout") -> None:
        """Two more."""
        result = seal_json({"summary": "done"})
        await self.log.write(f"t.run-{id}-r", RunCompleted(work=self._work(id, agent), tokens_used=3, result=result))
        completed = StepCompleted(execution_id=id, step="s", attempt=1, run_id=f"{id}-r", result=result)
        await self.log.write(f"t.execution-{id}", completed, ExecutionCompleted(execution_id=id, tokens_used=3))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["LiveHouse"]:
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        # The system holds little for whoever does not read.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "websocket" and self.socket.takes(scope):
                await self._front(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close"})
            else:
                await send({"type": "http.response.start", "status": 404, "headers": []})
                await send({"type": "http.response.body", "body": b""})

        http = Http(app, [listening], ping=self.settings.socket_ping, silence=self.settings.socket_silence)
        server = uvicorn.Server(server_config(http))
        server.config.timeout_graceful_shutdown = 1
        async with AsyncExitStack() as stack:
            stack.enter_context(listening)
            stack.push_async_callback(self.transactions.close)
            await stack.enter_async_context(running(self.follower.run(), self.overview.run()))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server.serve(sockets=[listening]))
                try:
                    yield self
                finally:
                    server.should_exit = True

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator["Client"]:
        async with connect(self.url, **{"max_size": None, **options}) as ws:
            yield Client(ws)

    async def _not_ready(self) -> list[str]:
        self.looked_at += 1
        return list(self.reasons)

    def _work(self, id: str, agent: str) -> Work:
        return Work(run_id=f"{id}-r", execution_id=id, step="s", agent=agent, attempt=1)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


class Client:
    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws

    async def say(self, type: str, **fields: Any) -> None:
        await self.ws.send(json.dumps({"type": type, **fields}))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            heard: dict[str, Any] = json.loads(await self.ws.recv())
        return heard

    async def hear_all(self, count: int) -> list[dict[str, Any]]:
        return [await self.hear() for _ in range(count)]

    async def ask(self, type: str, **fields: Any) -> dict[str, Any]:
        await self.say(type, **fields)
        return await self.hear()

    async def hear_to_the_end(self) -> None:
        while True:
            await self.hear()

    async def sequences(self, count: int) -> list[int]:
        return [one["sequence"] for one in await self.hear_all(count)]
