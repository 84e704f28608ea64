"""Clients of live events that mean harm, or are broken: each gets an error or a close, and nobody else notices."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from reveille.adapters.heard_socket import HeardSocket
from reveille.ingress.entrypoints.http.live_messages import MAX_SAID
from tests.integration.ingress.hostile import Raw, closed, handshake, raw, text_frame, witness
from tests.integration.ingress.live_house import PATIENCE, Client, LiveHouse

# Bytes of the largest message that is answered; what is above it ends the socket.
LARGEST: Final = 1024 * 1024


@pytest.fixture
async def house() -> AsyncIterator[LiveHouse]:
    async with LiveHouse().serving() as house:
        await house.begin()
        await house.begin("other")
        yield house


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
        kinds: list[tuple[int, bytes]] = []
        while not kinds or kinds[-1][0] != Opcode.TEXT:
            kinds.append(await one.frame())
        assert kinds[-2] == (Opcode.PONG, b"the last")
        assert json.loads(kinds[-1][1]) == {"type": "pong"}


def _own(one: Raw) -> Any:
    return one.writer.get_extra_info("sockname")


async def test_half_open_connections_are_in_nobodys_way(house: LiveHouse) -> None:
    async with witness(house), AsyncExitStack() as opened:
        silent = [await opened.enter_async_context(raw(house, opened=False)) for _ in range(100)]
        for number, one in enumerate(silent):
            await one.say(handshake()[: number + 1])
        for one in silent[::2]:
            one.writer.write_eof()
        async with house.client() as client:
            assert await client.ask("ping") == {"type": "pong"}
