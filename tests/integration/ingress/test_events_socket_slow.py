"""Clients of live events that are slow, silent or gone: they are told where to go on, and nobody else notices."""

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from reveille.adapters import heard_socket
from reveille.ingress.entrypoints.http import events_socket_talk, sockets
from tests.integration.ingress.live_house import PATIENCE, Client, LiveHouse, until
from tests.live_client import LiveClient

# More than the system holds for a connection that is not read.
BIG = "x" * 8_000
EVENTS = 300


class Lagging(logging.Handler):
    """Hears when a subscription is ended because its client is too slow."""

    def __init__(self) -> None:
        super().__init__()
        self.happened = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "lags" in record.getMessage():
            self.happened.set()


@pytest.fixture
def lagging() -> Iterator[asyncio.Event]:
    handler, before = Lagging(), events_socket_talk.logger.level
    events_socket_talk.logger.addHandler(handler)
    events_socket_talk.logger.setLevel(logging.INFO)
    yield handler.happened
    events_socket_talk.logger.setLevel(before)
    events_socket_talk.logger.removeHandler(handler)


async def unread(port: int) -> socket.socket:
    """The system takes little for whoever does not read it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    return made


async def test_a_client_that_does_not_read_lags_alone_and_goes_on_where_it_was(lagging: asyncio.Event) -> None:
    async with LiveHouse(socket_queue=50).serving() as house:
        await house.begin()
        await house.begin("quick")
        told = asyncio.Event()

        async def wait_once(ws: ClientConnection, sequence: int) -> None:
            if sequence == 2:
                await told.wait()

        slow = LiveClient(lambda: house.url, "e", each=wait_once, sock=await unread(house.port), max_queue=1)
        other, quick = LiveClient(lambda: house.url, "e"), LiveClient(lambda: house.url, "quick")
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(slow.watch(until=EVENTS + 2))
            others = [tasks.create_task(one.watch(until=EVENTS + 2)) for one in (other, quick)]
            for _ in range(EVENTS // 10):
                await house.think("e", texts=[BIG] * 10)
                await house.think("quick", texts=["x"] * 10)
            # They are through while he has not read a thing.
            await asyncio.wait(others)
            await lagging.wait()
            assert slow.last == 2
            told.set()
            await watching
        assert slow.lagged > 0
        assert slow.connections == 1
        assert other.lagged == quick.lagged == 0


async def test_only_the_fullest_subscription_of_a_slow_socket_is_ended(lagging: asyncio.Event) -> None:
    async with LiveHouse(socket_queue=50).serving() as house:
        for name in ("busy", "calm"):
            await house.begin(name)
        await house.caught_up()
        async with connect(house.url, sock=await unread(house.port), max_queue=1, max_size=None) as ws:
            for name in ("busy", "calm"):
                await ws.send(json.dumps({"type": "subscribe", "executionId": name, "after": 2}))
            assert [json.loads(await ws.recv())["type"] for _ in range(2)] == ["subscribed"] * 2
            for _ in range(EVENTS // 10):
                await house.think("busy", texts=[BIG] * 10)
            async with asyncio.timeout(PATIENCE):
                await lagging.wait()
            await house.think("calm", texts=["x"])
            heard: list[dict[str, Any]] = []
            async with asyncio.timeout(PATIENCE):
                while not heard or heard[-1]["executionId"] != "calm":
                    heard.append(json.loads(await ws.recv()))
        (told,) = (one for one in heard if one["type"] == "lagging")
        busy = [one["sequence"] for one in heard if one["type"] == "event" and one["executionId"] == "busy"]
        assert told == {"type": "lagging", "executionId": "busy", "resumeAfter": busy[-1]}
        assert busy == list(range(3, busy[-1] + 1))
        assert heard[-1]["sequence"] == 3


async def test_a_long_history_is_no_lag_however_small_the_queue_is() -> None:
    async with LiveHouse(socket_queue=4).serving() as house:
        await house.begin()
        await house.think(texts=["x"] * 2_000)
        client = LiveClient(lambda: house.url, "e")
        async with asyncio.timeout(PATIENCE):
            await client.watch(until=2_002)
        assert (client.lagged, client.connections) == (0, 1)


class Bare:
    """A client without a library's habits: it answers pings, or not, and sends nothing of its own accord."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.pings = 0
        self.closed: tuple[int, str] | None = None

    async def run(self, port: int, enough: int) -> None:
        """Return when it is closed, or was pinged so often."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/ws/events"))
        protocol.send_request(protocol.connect())
        try:
            while self.closed is None and self.pings < enough:
                for data in protocol.data_to_send():
                    frames = data if self.answers or not self.pings else b""
                    writer.write(frames)
                protocol.receive_data(await reader.read(65_536))
                for event in protocol.events_received():
                    if isinstance(event, Frame) and event.opcode is Opcode.PING:
                        self.pings += 1
                if protocol.close_rcvd is not None:
                    self.closed = protocol.close_rcvd.code, protocol.close_rcvd.reason
        finally:
            writer.close()


async def test_who_only_answers_pings_is_there() -> None:
    async with LiveHouse(socket_ping=0.2, socket_silence=1.0).serving() as house:
        client = Bare(answers=True)
        async with asyncio.timeout(PATIENCE):
            # Twice as long as silence is borne.
            await client.run(house.port, enough=10)
        assert client.closed is None


async def test_who_says_nothing_at_all_is_closed() -> None:
    async with LiveHouse(socket_ping=0.2, socket_silence=1.0).serving() as house:
        client = Bare(answers=False)
        async with asyncio.timeout(PATIENCE):
            await client.run(house.port, enough=1_000)
        assert client.pings >= 1
        assert client.closed == (4408, "nothing was heard for 1 s")


async def test_who_speaks_and_answers_no_ping_is_there() -> None:
    async with LiveHouse(socket_ping=0.2, socket_silence=1.0).serving() as house, house.client() as client:
        ignore_pings(client.ws.protocol)
        async with asyncio.timeout(PATIENCE):
            # Three times as long as a ping's answer is waited for.
            for _ in range(30):
                assert await client.ask("ping") == {"type": "pong"}
                await asyncio.sleep(0.1)


def ignore_pings(protocol: Any) -> None:
    taken = protocol.recv_frame

    def recv_frame(frame: Frame) -> None:
        if frame.opcode is not Opcode.PING:
            taken(frame)

    protocol.recv_frame = recv_frame


async def test_silence_closes_also_who_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "CLOSE_SECONDS", 0.2)
    monkeypatch.setattr(heard_socket, "LEFT_SECONDS", 0.2)
    async with LiveHouse(socket_ping=0.2, socket_silence=1.0, socket_queue=10).serving() as house:
        await house.begin()
        async with connect(
            house.url, sock=await unread(house.port), max_queue=1, max_size=None, ping_interval=None
        ) as ws:
            await ws.send('{"type":"subscribe","executionId":"e"}')
            assert json.loads(await ws.recv())["type"] == "subscribed"
            ws.transport.pause_reading()
            await house.think(texts=[BIG] * EVENTS)
            await until(lambda: not house.socket.opened)
            ws.transport.resume_reading()
            with pytest.raises(ConnectionClosed):
                await Client(ws).hear_to_the_end()
