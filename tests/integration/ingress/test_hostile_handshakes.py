"""Handshakes that are broken, or mean harm: no fault of the platform, and nobody else notices."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.ingress.hostile import handshake, raw, witness
from tests.integration.ingress.live_house import LiveHouse


@pytest.fixture
async def house() -> AsyncIterator[LiveHouse]:
    async with LiveHouse().serving() as house:
        await house.begin()
        yield house


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
