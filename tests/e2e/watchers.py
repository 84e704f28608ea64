"""Clients of every kind that watch executions over a connection that is lost again and again."""

import asyncio
import json
import random
import subprocess
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from reveille.agents.live import Backoff, LiveEvent, LiveEvents
from tests.e2e.running import environment

DASHBOARD: Final = Path(__file__).parents[2] / "dashboard"
SCRIPT: Final = Path(__file__).with_name("watcher.mjs")
OPENING_SECONDS: Final = 5.0
LINE: Final = 16 * 1024 * 1024

Pause = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """A reader that is as fast as it can be."""


class Watcher(ABC):
    """`told`: by execution its events, in the order in which they came. It fails where one is doubled or displaced.

    pause: awaited after each event. lagged: how often it was told so, where its kind hears of it.
    """

    def __init__(self, name: str, executions: Sequence[str], *, pause: Pause = at_once) -> None:
        self.name = name
        self.executions = list(executions)
        self.told: dict[str, list[dict[str, Any]]] = {one: [] for one in executions}
        self.lagged = 0
        self.pause = pause

    def counts(self) -> dict[str, int]:
        return {one: len(events) for one, events in self.told.items()}

    @abstractmethod
    async def run(self, url: str) -> None:
        """Until it is cancelled. url: `http://host:port`."""

    async def take(self, execution_id: str, sequence: int, event: Mapping[str, Any]) -> None:
        told = self.told.setdefault(execution_id, [])
        assert sequence == len(told) + 1, f"{self.name}: event {sequence} of {execution_id} follows {len(told)}"
        assert event["sequence"] == sequence
        told.append(dict(event))
        await self.pause()


class RawWatcher(Watcher):
    """The protocol as its page has it, and nothing else. options: of `connect`."""

    def __init__(self, name: str, executions: Sequence[str], *, pause: Pause = at_once, **options: Any) -> None:
        super().__init__(name, executions, pause=pause)
        self._options = options

    async def run(self, url: str) -> None:
        address = f"{url.replace('http', 'ws', 1)}/ws/events"
        while True:
            try:
                async with connect(
                    address, max_size=None, open_timeout=OPENING_SECONDS, close_timeout=0.1, **self._options
                ) as ws:
                    for execution_id in self.executions:
                        await self._subscribe(ws, execution_id)
                    while True:
                        await self._hear(ws, json.loads(await ws.recv()))
            except (ConnectionClosed, InvalidHandshake, OSError):
                await asyncio.sleep(random.uniform(0.01, 0.1))

    async def _subscribe(self, ws: ClientConnection, execution_id: str) -> None:
        asked = {"type": "subscribe", "executionId": execution_id, "after": len(self.told[execution_id])}
        await ws.send(json.dumps(asked))

    async def _hear(self, ws: ClientConnection, said: dict[str, Any]) -> None:
        execution_id = said.get("executionId", "")
        match said["type"]:
            case "subscribed":
                assert said["sequence"] == len(self.told[execution_id])
            case "event":
                await self.take(execution_id, said["sequence"], said["event"])
            case "lagging":
                assert said["resumeAfter"] == len(self.told[execution_id])
                self.lagged += 1
                await self._subscribe(ws, execution_id)
            case "error" if said["code"] == "unavailable":
                await asyncio.sleep(0.05)
                await self._subscribe(ws, execution_id)
            case _:
                raise AssertionError(f"{self.name} heard {said}")


class SdkWatcher(Watcher):
    """The client of the SDK. conversation_id: it watches all executions of that."""

    def __init__(
        self, name: str, executions: Sequence[str], *, conversation_id: str = "", pause: Pause = at_once
    ) -> None:
        super().__init__(name, executions, pause=pause)
        self._conversation_id = conversation_id

    async def run(self, url: str) -> None:
        backoff = Backoff(first=0.02, most=0.2)
        async with LiveEvents(url, backoff=backoff, room=50) as live, asyncio.TaskGroup() as tasks:
            for execution_id in self.executions:
                tasks.create_task(self._read(live.watch(execution_id=execution_id)))
            if self._conversation_id:
                tasks.create_task(self._read(live.watch(conversation_id=self._conversation_id)))

    async def _read(self, events: Any) -> None:
        async with aclosing(events):
            event: LiveEvent
            async for event in events:
                await self.take(event.execution_id, event.sequence, event.wire)


class StreamWatcher(Watcher):
    """Server-sent events, as a browser reads them."""

    async def run(self, url: str) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        timeout = httpx.Timeout(None, connect=OPENING_SECONDS)
        async with (
            httpx.AsyncClient(base_url=url, limits=limits, timeout=timeout) as http,
            asyncio.TaskGroup() as tasks,
        ):
            for execution_id in self.executions:
                tasks.create_task(self._read(http, execution_id))

    async def _read(self, http: httpx.AsyncClient, execution_id: str) -> None:
        """Return when the platform says that nothing more is to come."""
        path = f"/api/v1/executions/{execution_id}/stream"
        while True:
            last = len(self.told[execution_id])
            headers = {"Last-Event-ID": str(last)} if last else {}
            try:
                async with http.stream("GET", path, headers=headers) as answer:
                    if answer.status_code == 204:
                        return
                    assert answer.status_code == 200, await answer.aread()
                    async with aclosing(_events(answer)) as events:
                        async for sequence, event in events:
                            await self.take(execution_id, sequence, event)
            except httpx.TransportError:
                pass
            await asyncio.sleep(random.uniform(0.01, 0.1))


async def _events(answer: httpx.Response) -> AsyncGenerator[tuple[int, dict[str, Any]], None]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "id" in fields:
            event: dict[str, Any] = json.loads(fields["data"])
            assert event["type"] == fields["event"]
            yield int(fields["id"]), event
        fields = {}


class NodeWatcher(Watcher):
    """The client that the page uses, under Node. client: the folder into which it is built."""

    def __init__(self, name: str, executions: Sequence[str], *, client: Path) -> None:
        super().__init__(name, executions)
        self._client = client

    async def run(self, url: str) -> None:
        async with _node(str(SCRIPT), str(self._client), url, *self.executions) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            while line := await process.stdout.readline():
                event = json.loads(line)
                await self.take(event["executionId"], event["sequence"], event)
            raise AssertionError(f"{self.name} has ended: {(await process.stderr.read()).decode()}")


@asynccontextmanager
async def _node(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        "node",
        "--experimental-websocket",
        "--no-warnings",
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        limit=LINE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def build_client(folder: Path) -> Path:
    """The page's client as Node takes it."""
    compiler = DASHBOARD / "node_modules" / ".bin" / "tsc"
    subprocess.run([compiler, "-p", DASHBOARD / "tsconfig.client.json", "--outDir", folder], check=True)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def lags(watchers: Sequence[Watcher]) -> Counter[str]:
    return Counter({one.name: one.lagged for one in watchers if one.lagged})
