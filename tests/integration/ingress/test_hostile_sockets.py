"""Clients of live events that mean harm, or are broken: each gets an error or a close, and nobody else notices."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from reveille.adapters.heard_socket import HeardSocket
from reveille.ingress.entrypoints.http.live_messages import MAX_SAID, TYPES
from tests.integration.ingress.live_house import PATIENCE, Client, LiveHouse
from tests.live_client import LiveClient

# Bytes of the largest message that is answered; what is above it ends the socket.
LARGEST: Final = 1024 * 1024
EVENTS: Final = 40


@pytest.fixture
async def house() -> AsyncIterator[LiveHouse]:
    async with LiveHouse().serving() as house:
        await house.begin()
        await house.begin("other")
        yield house


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


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("x" * (MAX_SAID + 1), "too_large"),
        ("é" * (MAX_SAID // 2 + 1), "too_large"),
        ("x" * LARGEST, "too_large"),
        (b"x" * LARGEST, "not_a_text"),
        (b"", "not_a_text"),
        ("", "malformed_json"),
        ("\ufeff{}", "malformed_json"),
        ("\x00", "malformed_json"),
        ('{"type":"ping"}{"type":"ping"}', "malformed_json"),
        ("[" * MAX_SAID, "malformed_json"),
        ('{"a":' * 3_000, "malformed_json"),
        ('{"type":"ping","ref":Infinity}', "malformed_json"),
        ('{"type":"ping","ref":1e999}', "malformed_json"),
        ('{"type":"ping","ref":' + "9" * 400 + "}", "malformed_json"),
        ('{"type":"ping","ref":1,"ref":2}', "malformed_json"),
        (r'{"type":"ping","ref":"\ud800"}', "malformed_json"),
        ('"ping"', "not_an_object"),
        ("null", "not_an_object"),
        ("{}", "unknown_type"),
        ('{"type":["ping"]}', "unknown_type"),
        ('{"type":"subscribed"}', "unknown_type"),
        ('{"type":"ping","ref":{}}', "invalid_message"),
        ('{"type":"ping","ref":true}', "invalid_message"),
        ('{"type":"ping","ref":"' + "x" * 101 + '"}', "invalid_message"),
        ('{"type":"subscribe"}', "invalid_message"),
        ('{"type":"subscribe","executionId":7}', "invalid_message"),
        ('{"type":"subscribe","executionId":""}', "invalid_message"),
        ('{"type":"subscribe","executionId":"' + "x" * 301 + '"}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","after":-1}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","after":1.0}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","after":true}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","after":9223372036854775807}', "invalid_after"),
        ('{"type":"subscribe","executionId":"e","types":"agent-start"}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","types":["AGENT"]}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","agents":[[]]}', "invalid_message"),
        ('{"type":"subscribe","executionId":"e","replay":{"speed":-1}}', "invalid_message"),
        ('{"type":"subscribe","topic":"everything"}', "invalid_message"),
        ('{"type":"subscribe","executionId":"../../etc/passwd"}', "unknown_execution"),
        ('{"type":"subscribe","executionId":"e\\u0000"}', "unknown_execution"),
        ('{"type":"subscribe","executionId":"\\u0000","conversationId":"\\u0000"}', "unknown_execution"),
        ('{"type":"unsubscribe","executionId":"e"}', "not_subscribed"),
    ],
)
async def test_what_is_wrong_is_answered_and_the_socket_lives_on(
    house: LiveHouse, said: str | bytes, code: str
) -> None:
    async with house.client() as client:
        await client.ws.send(said)
        error = await client.hear()
        assert (error["type"], error["code"]) == ("error", code)
        assert len(json.dumps(error)) < 1_000
        assert await client.ask("ping", ref="still here") == {"type": "pong", "ref": "still here"}
        assert (await client.ask("subscribe", executionId="other"))["type"] == "subscribed"


async def test_what_is_much_too_large_is_closed_with_1009(house: LiveHouse) -> None:
    async with witness(house):
        for size in (LARGEST + 1, 64 * LARGEST):
            async with house.client(write_limit=1024 * 1024) as client:
                try:
                    await client.ws.send("x" * size)
                except ConnectionClosed:
                    pass
                assert await closed(client) in (1009, 1006)
        async with raw(house) as one:
            # It says how much is to come, and is not waited for.
            await one.say(bytes((0x81, 0xFF)) + (2**40).to_bytes(8, "big") + b"mask")
            kind, data = await one.frame()
            assert (kind, int.from_bytes(data[:2], "big")) == (Opcode.CLOSE, 1009)


async def test_a_message_of_endless_pieces_is_closed_with_1009(house: LiveHouse) -> None:
    async with witness(house), raw(house) as one:
        await one.say(text_frame(b"x" * 1_000, fin=False))
        try:
            for _ in range(2 * LARGEST // 16_000):
                await one.say(text_frame(b"x" * 16_000, opcode=Opcode.CONT, fin=False))
        except ConnectionError:
            pass
        assert (1009).to_bytes(2, "big") in await one.rest()


async def test_a_message_in_ten_thousand_pieces_is_one(house: LiveHouse) -> None:
    said = json.dumps({"type": "ping", "ref": 7, "padding": "x" * 10_000}).encode()
    frames = [text_frame(bytes([byte]), opcode=Opcode.CONT, fin=False) for byte in said]
    async with witness(house), raw(house) as one:
        await one.say(text_frame(b"", fin=False), *frames, text_frame(b"", opcode=Opcode.CONT))
        assert await one.message() == {"type": "pong", "ref": 7}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (text_frame(b"\xff\xfe"), 1007),
        (b"\x81\x02hi", 1002),
        (b"\xf1\x80mask", 1002),
        (b"\x83\x80mask", 1002),
        (text_frame(b"x", opcode=Opcode.CONT), 1002),
        (b"\x09\x80mask", 1002),
        (b"\x89\xfe\x00\x80mask" + b"x" * 128, 1002),
        (b"\x88\x81maskx", 1002),
    ],
    ids=[
        "no UTF-8",
        "no mask",
        "reserved bits",
        "reserved opcode",
        "no beginning",
        "half a ping",
        "long ping",
        "close",
    ],
)
async def test_what_breaks_the_protocol_is_closed_with_what_the_protocol_says(
    house: LiveHouse, data: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with witness(house), raw(house) as one:
        await one.say(data)
        kind, payload = await one.frame()
        assert (kind, int.from_bytes(payload[:2], "big")) == (Opcode.CLOSE, code)
        await one.rest()
    told = {record.msg for record in caplog.records if record.exc_info}
    # Which the platform keeps out of its logs.
    assert told <= {"Invalid UTF-8 sequence received from client."}


async def test_ten_thousand_messages_are_a_flood_of_which_nobody_else_notices(house: LiveHouse) -> None:
    async with witness(house), house.client() as client:
        code = await _flood(client, lambda number: {"type": "ping", "ref": number})
    assert code == 1008


async def test_ten_thousand_subscriptions_are_a_flood_of_which_nobody_else_notices(house: LiveHouse) -> None:
    async with witness(house), house.client() as client:
        code = await _flood(client, lambda number: {"type": "subscribe", "executionId": f"nobody-{number}"})
    assert code == 1008


async def _flood(client: Client, said: Callable[[int], dict[str, Any]]) -> int:
    async def say() -> None:
        try:
            for number in range(10_000):
                await client.ws.send(json.dumps(said(number)))
        except ConnectionClosed:
            pass

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(say())
        return await closed(client)


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[HeardSocket]]:
    """Those that were opened, from the server's side."""
    found: list[HeardSocket] = []
    connected = HeardSocket.handle_connect

    def handle_connect(self: HeardSocket, event: Any) -> None:
        found.append(self)
        connected(self, event)

    monkeypatch.setattr(HeardSocket, "handle_connect", handle_connect)
    yield found
    found.clear()


async def test_pings_are_answered_and_fill_no_memory_where_the_answers_are_not_read(
    house: LiveHouse, sockets: list[HeardSocket]
) -> None:
    pings = b"".join(text_frame(os.urandom(125), opcode=Opcode.PING) for _ in range(200))
    async with witness(house), raw(house, unread=True) as one:
        (flooded,) = [found for found in sockets if found.transport.get_extra_info("peername") == _own(one)]
        for _ in range(400):
            await one.say(pings)
            await asyncio.sleep(0)
            assert flooded.transport.get_write_buffer_size() < LARGEST
        # All that came is taken: whoever reads again is answered as if nothing had been.
        await one.say(text_frame(b"the last", opcode=Opcode.PING), text_frame(b'{"type":"ping"}'))
        kinds = []
        while not kinds or kinds[-1][0] != Opcode.TEXT:
            kinds.append(await one.frame())
        assert kinds[-2] == (Opcode.PONG, b"the last")
        assert json.loads(kinds[-1][1]) == {"type": "pong"}


def _own(one: Raw) -> Any:
    return one.writer.get_extra_info("sockname")


async def test_half_open_connections_are_in_nobodys_way(house: LiveHouse) -> None:
    silent = [raw(house, opened=False) for _ in range(100)]
    async with witness(house):
        opened = [await one.__aenter__() for one in silent]
        for number, one in enumerate(opened):
            await one.say(handshake()[: number + 1])
        async with house.client() as client:
            assert await client.ask("ping") == {"type": "pong"}
        for one, found in zip(silent, opened, strict=True):
            # Every other one half closes before it goes.
            found.writer.write_eof()
            await one.__aexit__(None, None, None)


@pytest.mark.parametrize(
    "request_head",
    [
        handshake(Sec_WebSocket_Version="12"),
        handshake(Sec_WebSocket_Key="short"),
        handshake(Sec_WebSocket_Key=None),
        handshake(Connection="close"),
        handshake("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        handshake(X_Long="x" * 100_000),
        handshake(*(f"X-{number}: y" for number in range(1_000))),
        handshake(X_Odd="\xff\xfe\x01"),
        handshake("no colon at all"),
        handshake(Sec_WebSocket_Extensions="permessage-deflate; server_max_window_bits=99, ;;,"),
        handshake(Sec_WebSocket_Protocol=",".join(["p"] * 1_000)),
        handshake(Upgrade="h2c"),
        handshake().replace(b"GET ", b"POST ", 1),
        handshake().replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        handshake().replace(b"/ws/events", b"/ws/events?" + b"x" * 20_000, 1),
        handshake().replace(b"/ws/events", b"/ws/%ff%00", 1),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"\r\n" * 1_000,
    ],
)
async def test_an_odd_handshake_is_answered_or_ended_and_no_fault_of_the_platform(
    house: LiveHouse, request_head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with witness(house), raw(house, opened=False) as one:
        await one.say(request_head)
        one.writer.write_eof()
        answer = await one.rest()
        assert not answer or answer.startswith(b"HTTP/1.1 ")
        assert b" 500 " not in answer.split(b"\r\n")[0]
    assert not [record for record in caplog.records if record.exc_info]


VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["e", "other"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MESSAGES: Final = st.fixed_dictionaries(
    {"type": st.sampled_from(["subscribe", "unsubscribe", "ping", "pong"]) | VALUES},
    optional={
        "executionId": st.sampled_from(["e", "other", "nobody"]) | VALUES,
        "conversationId": st.sampled_from(["c", "nobody"]) | VALUES,
        "topic": st.just("overview") | VALUES,
        "after": st.integers(-1, 5) | st.dictionaries(st.sampled_from(["e", "x"]), st.integers(-1, 3)) | VALUES,
        "types": st.lists(st.sampled_from(TYPES), max_size=3) | VALUES,
        "agents": st.lists(st.text(max_size=5), max_size=3) | VALUES,
        "departments": VALUES,
        "replay": st.fixed_dictionaries({"speed": st.sampled_from([0, 1, 1000, 1001]) | VALUES}) | VALUES,
        "ref": st.integers(0, 9) | VALUES,
    },
)
SAID: Final = MESSAGES.map(json.dumps) | VALUES.map(json.dumps) | st.text(max_size=50) | st.binary(max_size=50)
ANSWERS: Final = {"error", "event", "subscribed", "unsubscribed", "pong", "replayed", "overview", "lagging"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sayings=st.lists(SAID, max_size=40))
def test_whatever_is_said_the_socket_answers_and_lives_on(sayings: list[str | bytes]) -> None:
    asyncio.run(_said(sayings))


async def _said(sayings: list[str | bytes]) -> None:
    async with LiveHouse().serving() as house:
        await house.begin(conversation="c")
        await house.begin("other")
        async with house.client() as client:
            for said in sayings:
                await client.ws.send(said)
            await client.say("ping", ref="the last")
            heard = await client.hear()
            while heard != {"type": "pong", "ref": "the last"}:
                assert heard["type"] in ANSWERS
                heard = await client.hear()
