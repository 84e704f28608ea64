"""Clients of live events that say whatever bytes they like, and one who watches meanwhile."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.integration.ingress.live_house import PATIENCE, Client, LiveHouse
from tests.live_client import LiveClient

EVENTS: Final = 40


@asynccontextmanager
async def witness(house: LiveHouse) -> AsyncIterator[None]:
    """Somebody who watches meanwhile: on one connection he sees every event, and is never told that he lags."""
    client = LiveClient(lambda: house.url, "e")
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(client.watch(until=2 + EVENTS))
        for number in range(EVENTS // 2):
            await house.think(texts=[f"before {number}"])
        yield
        for number in range(EVENTS // 2):
            await house.think(texts=[f"after {number}"])
    assert (client.connections, client.lagged) == (1, 0)


async def closed(client: Client) -> int:
    with pytest.raises(ConnectionClosed) as error:
        await client.hear_to_the_end()
    return error.value.rcvd.code if error.value.rcvd is not None else 1006


class Raw:
    """A connection on which whatever bytes are said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, *data: bytes) -> None:
        for one in data:
            self.writer.write(one)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """Until it is closed, or reset."""
        found = bytearray()
        try:
            async with asyncio.timeout(PATIENCE):
                while data := await self.reader.read(65_536):
                    found += data
        except ConnectionError:
            pass
        return bytes(found)

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next one, which is not masked."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readexactly(2)
            size = head[1] & 0x7F
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            return head[0] & 0x0F, await self.reader.readexactly(size)

    async def message(self) -> dict[str, Any]:
        kind, data = await self.frame()
        assert kind == Opcode.TEXT, data
        said: dict[str, Any] = json.loads(data)
        return said


def handshake(*more: str, **changed: str | None) -> bytes:
    """changed: headers by their names with underscores; None: left out."""
    headers: dict[str, str | None] = {
        "Host": "127.0.0.1",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join(("GET /ws/events HTTP/1.1", *lines, *more, "", "")).encode("latin-1")


def text_frame(data: bytes, *, opcode: Opcode = Opcode.TEXT, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


@asynccontextmanager
async def raw(house: LiveHouse, *, opened: bool = True, unread: bool = False) -> AsyncIterator[Raw]:
    made = socket.socket()
    if unread:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", house.port))
    reader, writer = await asyncio.open_connection(sock=made)
    found = Raw(reader, writer)
    try:
        if opened:
            await found.say(handshake())
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 101 " in head.split(b"\r\n")[0]
        yield found
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)
