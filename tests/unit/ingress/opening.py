"""Sockets as they stand behind the gate, for whomever a test wants them to be opened by."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from reveille.adapters.prometheus import Sample
from reveille.ingress.domain.access import Principal, owner
from reveille.ingress.entrypoints.http.doorway import Front
from reveille.ingress.entrypoints.http.gate import Gate, Held
from reveille.ingress.entrypoints.http.identity import keep_principal
from reveille.ingress.entrypoints.http.limits import Limits
from reveille.ingress.settings import Settings
from reveille.kernel.clock import SystemClock
from reveille.kernel.ids import UuidV7Ids

# The machine may be busy with other tests.
PATIENCE = 30


class Everybody:
    """An authenticator for which all are one and the same, until `leave`."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal
        self._left = asyncio.Event()

    async def principal(self, scope: Any) -> Principal:
        return self._principal

    async def ended(self, principal: Principal) -> None:
        await self._left.wait()

    def leave(self) -> None:
        self._left.set()


class Client:
    """The other side of one socket. Where it does not read, the platform's sends wait."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.closed: tuple[int, str] | None = None
        # Whether the handshake is answered: accepted, or refused.
        self.answered = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self._to: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from: asyncio.Queue[str] = asyncio.Queue()
        self._to.put_nowait({"type": "websocket.connect"})

    async def receive(self) -> dict[str, Any]:
        return await self._to.get()

    async def send(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "websocket.accept":
                self.status = 101
                self.answered.set()
            case "websocket.http.response.start":
                self.status = message["status"]
            case "websocket.http.response.body":
                self.body = message["body"]
                self.answered.set()
            case "websocket.close":
                self.closed = (message["code"], message["reason"])
            case _:
                await self.reads.wait()
                self._from.put_nowait(message["text"])

    def say(self, text: str) -> None:
        self._to.put_nowait({"type": "websocket.receive", "text": text})

    def say_bytes(self) -> None:
        self._to.put_nowait({"type": "websocket.receive", "bytes": b"x"})

    def hang_up(self) -> None:
        self._to.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            heard: dict[str, Any] = json.loads(await self._from.get())
        return heard

    async def hear_all(self, count: int) -> list[dict[str, Any]]:
        return [await self.hear() for _ in range(count)]

    def heard_more(self) -> int:
        return self._from.qsize()


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(f"nothing but the socket is served, and {scope['path']} was asked for")


async def _nothing_told() -> Sequence[Sample]:
    return ()


def _unrecorded(scope: Any, act: str, send: Any) -> Any:
    return send


def behind_gate(socket: Any, settings: Settings, everybody: Everybody | None = None) -> Front:
    """everybody: this machine's owner, where nobody else is said."""
    gate = Gate(
        settings=settings,
        authenticator=everybody or Everybody(owner(settings.tenant)),
        limits=Limits(settings, SystemClock()),
        held=Held(settings),
    )
    return Front(
        _nothing,
        doors=_nothing,
        sockets=[socket],
        gate=gate,
        on_record=_unrecorded,
        ids=UuidV7Ids(),
        told=_nothing_told,
    )


def owned(app: Any, tenant: str) -> Any:
    """The application, where all that is asked of it is its machine's owner's."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        keep_principal(scope, owner(tenant))
        await app(scope, receive, send)

    return asked
