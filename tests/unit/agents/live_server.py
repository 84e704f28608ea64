"""A small platform for clients of live events: it keeps what happened, and fails in the ways that a network does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from reveille.agents.live import TYPES

Wire = dict[str, Any]
# Of the n-th event that is sent to anybody: "cut" the connection before it, or send it "twice", or "lag" instead of it.
Fault = Callable[[int], str]


@dataclass(slots=True)
class Subscription:
    asked: Mapping[str, Any]
    told: dict[str, int]
    ended: bool = False


@dataclass(slots=True)
class LiveServer:
    """asked: all that clients have said. sent: events, repeated ones too."""

    log: dict[str, list[Wire]] = field(default_factory=dict)
    conversations: dict[str, str] = field(default_factory=dict)
    asked: list[Wire] = field(default_factory=list)
    sent: int = 0
    connected: int = 0
    fault: Fault = lambda number: ""
    refuse: tuple[int, str] | None = None
    close_next: tuple[int, str] | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _hearing: asyncio.Event = field(default_factory=asyncio.Event)
    _sockets: set[ServerConnection] = field(default_factory=set)
    _server: Server | None = None
    _port: int = 0

    async def add(self, execution: str, *events: Mapping[str, Any], conversation: str = "") -> None:
        """An event has what is given, and else what an agent that thinks would say."""
        log = self.log.setdefault(execution, [])
        self.conversations.setdefault(execution, conversation)
        for given in events:
            log.append(
                {
                    "type": "agent-thinking",
                    "executionId": execution,
                    "conversationId": self.conversations[execution],
                    "agentId": "thinker",
                    "department": "",
                    "timestamp": "2026-11-21T10:00:00.000000Z",
                    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
                    **given,
                    "sequence": len(log) + 1,
                }
            )
        async with self._news:
            self._news.notify_all()

    async def hearing(self) -> None:
        """Return when a client has said something more."""
        self._hearing.clear()
        await self._hearing.wait()

    async def start(self) -> None:
        self._server = await serve(self._talk, "127.0.0.1", self._port, process_request=self._door)
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"ws://127.0.0.1:{self._port}"

    async def stop(self, code: int = 1012) -> None:
        assert self._server is not None
        self._server.close(code=code, reason="the platform restarts")
        await self._server.wait_closed()

    async def close_all(self, code: int, reason: str = "") -> None:
        for socket in list(self._sockets):
            await socket.close(code, reason)

    def _door(self, socket: ServerConnection, request: Request) -> Response | None:
        if self.refuse is None:
            return None
        status, detail = self.refuse
        return Response(status, HTTPStatus(status).phrase, Headers(), json.dumps({"detail": detail}).encode())

    async def _talk(self, socket: ServerConnection) -> None:
        self._sockets.add(socket)
        self.connected += 1
        subscriptions: dict[str, Subscription] = {}
        try:
            if self.close_next is not None:
                (code, reason), self.close_next = self.close_next, None
                await socket.close(code, reason)
                return
            async with asyncio.TaskGroup() as tasks:
                async for text in socket:
                    await self._take(socket, json.loads(text), subscriptions, tasks)
                for one in subscriptions.values():
                    one.ended = True
                async with self._news:
                    self._news.notify_all()
        except* ConnectionClosed:
            pass
        finally:
            self._sockets.discard(socket)

    async def _take(
        self,
        socket: ServerConnection,
        said: Wire,
        subscriptions: dict[str, Subscription],
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.asked.append(said)
        self._hearing.set()
        ref = {"ref": said["ref"]} if "ref" in said else {}
        name = "executionId" if "executionId" in said else "conversationId"
        match said["type"]:
            case "ping":
                await _say(socket, {"type": "pong"})
            case "subscribe":
                if self.errors:
                    code, message = self.errors.pop(0)
                    await _say(socket, {"type": "error", "code": code, "message": message, **ref})
                    return
                key, after = said[name], said.get("after")
                if name == "executionId" and key not in self.log:
                    message = f"there is no execution {key}"
                    await _say(socket, {"type": "error", "code": "unknown_execution", "message": message, **ref})
                    return
                last = len(self.log.get(key, ()))
                if name == "executionId" and (after or 0) > last:
                    message = f"after is {after}, expected at most {last}"
                    await _say(socket, {"type": "error", "code": "invalid_after", "message": message, **ref})
                    return
                if replaced := subscriptions.get(key):
                    replaced.ended = True
                lasts = {one: len(self.log[one]) for one in self._of(said)}
                if name == "executionId":
                    told, where = {key: last if after is None else after}, {}
                else:
                    told = lasts if after is None else {one: after.get(one, 0) for one in lasts}
                    where = {"executions": dict(told)}
                subscriptions[key] = Subscription(said, told)
                await _say(socket, {"type": "subscribed", name: key, "sequence": told.get(key, 0), **where, **ref})
                tasks.create_task(self._tell(socket, subscriptions[key]))
            case "unsubscribe":
                if gone := subscriptions.pop(said[name], None):
                    gone.ended = True
                await _say(socket, {"type": "unsubscribed", name: said[name], "sequence": 0, **ref})

    async def _tell(self, socket: ServerConnection, subscription: Subscription) -> None:
        asked = subscription.asked
        until = len(self.log[asked["executionId"]]) if "replay" in asked else None
        while not subscription.ended:
            for execution in self._of(asked):
                events = self.log[execution]
                while not subscription.ended and subscription.told.get(execution, 0) < (until or len(events)):
                    event = events[subscription.told.get(execution, 0)]
                    subscription.told[execution] = event["sequence"]
                    if _wanted(asked, event):
                        await self._send(socket, subscription, event)
                    await asyncio.sleep(0)
            if until is not None:
                ref = {"ref": asked["ref"]} if "ref" in asked else {}
                if not subscription.ended:
                    told = {"type": "replayed", "executionId": asked["executionId"], "sequence": until, **ref}
                    await _say(socket, told)
                return
            async with self._news:
                if not subscription.ended and not self._is_more(subscription):
                    await self._news.wait()

    async def _send(self, socket: ServerConnection, subscription: Subscription, event: Wire) -> None:
        execution, sequence = event["executionId"], event["sequence"]
        of = {name: value for name, value in subscription.asked.items() if name == "conversationId"}
        message = {"type": "event", "executionId": execution, **of, "sequence": sequence, "event": event}
        if "replay" in subscription.asked:
            message["replay"] = True
        self.sent += 1
        match self.fault(self.sent):
            case "cut":
                subscription.ended = True
                socket.transport.abort()
            case "lag":
                subscription.ended = True
                await _say(socket, {"type": "lagging", "executionId": execution, **of, "resumeAfter": sequence - 1})
            case "twice":
                await _say(socket, message)
                await _say(socket, message)
            case "skip" if sequence < len(self.log[execution]):  # that the last is missing nobody can see
                pass
            case _:
                await _say(socket, message)

    def _of(self, asked: Mapping[str, Any]) -> Sequence[str]:
        if "executionId" in asked:
            return [asked["executionId"]]
        return [one for one in self.log if self.conversations[one] == asked["conversationId"]]

    def _is_more(self, subscription: Subscription) -> bool:
        return any(subscription.told.get(one, 0) < len(self.log[one]) for one in self._of(subscription.asked))


def _wanted(asked: Mapping[str, Any], event: Wire) -> bool:
    names = {"types": "type", "agents": "agentId", "departments": "department"}
    return all(event[field] in asked[name] for name, field in names.items() if asked.get(name))


async def _say(socket: ServerConnection, message: Mapping[str, Any]) -> None:
    await socket.send(json.dumps(message))


@asynccontextmanager
async def live_server() -> AsyncIterator[LiveServer]:
    server = LiveServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def scene() -> list[Wire]:
    """One event of each type."""
    return [{"type": name} for name in TYPES]
