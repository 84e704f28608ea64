"""HTTP as bytes: what two readers could take for two requests is refused, and nobody is waited for for ever."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn

from reveille.adapters.careful_http import MAX_FIELDS, MAX_FRAMING_BYTES, MAX_HEAD_BYTES, CarefulHttp

HEAD = b"POST /door HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OK = HEAD + b"Content-Length: 2\r\n\r\n{}"


class Hasty(CarefulHttp):
    patience = 0.05


class Server:
    """It answers with what it has read, or at once where the path says so; seen: the heads that came to it."""

    def __init__(self, protocol: type[CarefulHttp]) -> None:
        self.seen: list[dict[bytes, bytes]] = []
        self.bodies: list[bytes] = []
        config = uvicorn.Config(self._app, interface="asgi3", port=0, http=protocol, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        assert self._running is not None
        await self._running

    async def answer(self, *parts: bytes) -> bytes:
        """All that comes until the connection is closed, or nothing more comes to what was whole."""
        async with self.connected() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            return head + await reader.readexactly(int(length.partition(b":")[2]))

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(60):
                yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def refused(self, *parts: bytes) -> tuple[int, str]:
        text = await self.answer(*parts)
        assert b"connection: close" in text.partition(b"\r\n\r\n")[0]
        problem = json.loads(text.partition(b"\r\n\r\n")[2])
        assert {"type", "title", "status", "detail", "instance", "code", "trace_id"} == set(problem)
        return problem["status"], problem["code"]

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(dict(scope["headers"]))
        body = b""
        while scope["path"] != "/at-once":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        self.bodies.append(body)
        # As whoever reads headers only now would.
        self.seen[-1] |= dict(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def running(protocol: type[CarefulHttp]) -> AsyncIterator[Server]:
    server = Server(protocol)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async for one in running(CarefulHttp):
        yield one


@pytest.fixture
async def hasty() -> AsyncIterator[Server]:
    async for one in running(Hasty):
        yield one


MALFORMED = {
    "Content-Length twice": HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "Content-Length as a list": HEAD + b"Content-Length: 2, 2\r\n\r\n{}",
    "Content-Length with a sign": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "a length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks and a length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked, in two words": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "packed and chunked": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a coding that is none": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks by HTTP/1.0": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n",
    "a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a chunk with a sign": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk in hexadecimal letters": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk larger than numbers are": CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
    "chunks parted by LF": CHUNKED + b"2\n{}\n0\n\n",
    "lines parted by LF": OK.replace(b"\r\n", b"\n"),
    "lines parted by CR": OK.replace(b"\r\n", b"\r"),
    "a folded header": HEAD + b"X-Long: a\r\n b\r\n\r\n",
    "a NUL": HEAD + b"X-Name: a\0b\r\n\r\n",
    "a CR": HEAD + b"X-Name: a\rb\r\n\r\n",
    "a name that is none": HEAD + "X-Näme: a\r\n\r\n".encode(),
    "a line without a colon": HEAD + b"nonsense\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a path that is no ASCII": "GET /ä HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "a NUL in the path": b"GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a NUL in the query": b"GET /a?b=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another host in the path": b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another port in the path": b"GET http://localhost:1/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "a user in Host": b"GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n",
    "hosts as a list": b"GET / HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n",
    "a name behind an address": b"GET / HTTP/1.1\r\nHost: [::1]evil.example\r\n\r\n",
    "a port that is none": b"GET / HTTP/1.1\r\nHost: localhost:evil\r\n\r\n",
}


@pytest.mark.parametrize("text", list(MALFORMED.values()), ids=list(MALFORMED))
async def test_what_is_not_quite_http_is_400(server: Server, text: bytes) -> None:
    status, code = await server.refused(text)
    assert (status, code.partition("_")[0]) == (400, "malformed")
    assert server.bodies == []
    assert (await server.answer(OK)).endswith(b"ok")


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "Authorization",
        "Content-Type",
        "Content-Encoding",
        "Idempotency-Key",
        "Origin",
        "If-Match",
        "X-GitHub-Delivery",
        "X-Hub-Signature-256",
        "X-Gitlab-Token",
        "webhook-signature",
        "ce-id",
    ],
)
async def test_a_header_that_is_read_by_its_name_stands_there_once(server: Server, name: str) -> None:
    twice = OK.replace(b"Content-Length", f"{name}: localhost\r\n{name.upper()}: b\r\nContent-Length".encode())
    assert await server.refused(twice) == (400, "repeated_header")
    assert server.seen == []


async def test_a_header_that_may_be_a_list_is_taken_twice(server: Server) -> None:
    await server.answer(OK.replace(b"Content-Length", b"Accept: a\r\nAccept: b\r\nContent-Length"))
    assert len(server.seen) == 1


def of_parts(text: bytes, size: int = 32 * 1024) -> Sequence[bytes]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"X-Long: " + b"a" * (MAX_HEAD_BYTES + 1) + b"\r\n\r\n",
        b"GET /" + b"a" * (MAX_HEAD_BYTES + 1) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        HEAD + b"".join(b"X-%d: a\r\n" % number for number in range(MAX_FIELDS)) + b"\r\n",
        HEAD + b"X-Endless: " + b"a" * 2_000_000,
        b"GET /" + b"a" * 2_000_000,
    ],
    ids=["one field", "the path", "many fields", "a field without an end", "a path without an end"],
)
async def test_a_head_above_its_limit_is_431(server: Server, head: bytes) -> None:
    assert await server.refused(*of_parts(head)) == (431, "head_too_large")
    assert server.seen == []


async def test_a_head_at_its_limit_is_taken(server: Server) -> None:
    fields = b"".join(b"X-%d: a\r\n" % number for number in range(MAX_FIELDS - 2))
    long = b"X-Long: " + b"a" * (MAX_HEAD_BYTES - 2_000) + b"\r\n"
    for given in (fields, long):
        text = OK.replace(b"Content-Length", given + b"Content-Length")
        assert (await server.answer(text)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "around",
    [b"2;" + b"a" * 1_000_000, b"1\r\n \r\n" * 200_000, b"2\r\n{}\r\n0\r\nX-Behind: " + b"a" * 1_000_000],
    ids=["an extension", "a chunk for every byte", "a trailer"],
)
async def test_more_around_a_body_than_in_it_is_refused(server: Server, around: bytes) -> None:
    assert len(around) > 2 * MAX_FRAMING_BYTES
    assert await server.refused(*of_parts(CHUNKED + around)) == (400, "malformed_request")
    assert server.bodies == []


async def test_a_body_in_small_chunks_is_taken(server: Server) -> None:
    chunks = b"10\r\n0123456789abcdef\r\n" * 20_000
    assert (await server.answer(*of_parts(CHUNKED + chunks + b"0\r\n\r\n"))).endswith(b"ok")
    assert server.bodies == [b"0123456789abcdef" * 20_000]


async def test_what_stands_behind_a_body_is_no_header(server: Server) -> None:
    await server.answer(CHUNKED, b"2\r\n{}\r\n0\r\nAuthorization: Bearer later\r\n\r\n")
    assert server.bodies == [b"{}"]
    assert b"authorization" not in server.seen[0]


async def test_a_request_in_full_as_a_proxy_writes_it_is_answered(server: Server) -> None:
    text = b"GET http://localhost:80/door HTTP/1.1\r\nHost: localhost:80\r\n\r\n"
    assert (await server.answer(text)).endswith(b"ok")


async def test_several_requests_in_one_go_are_answered_in_their_order(server: Server) -> None:
    async with server.connected() as (reader, writer):
        writer.write(OK.replace(b"{}", b"[]") + OK)
        for _ in range(2):
            await reader.readuntil(b"ok")
    assert server.bodies == [b"[]", b"{}"]


@pytest.mark.parametrize("said", [b"", HEAD, OK + HEAD], ids=["nothing", "half a head", "half of a second head"])
async def test_who_says_no_more_is_not_waited_for(hasty: Server, said: bytes) -> None:
    """It would hang without an end where it was."""
    async with hasty.connected() as (reader, writer):
        writer.write(said)
        told = await reader.read()
    assert (b"head_too_slow" in told) == bool(said)


async def test_who_goes_on_with_a_body_that_was_answered_is_not_listened_to(hasty: Server) -> None:
    async with hasty.connected() as (reader, writer):
        writer.write(CHUNKED.replace(b"/door", b"/at-once") + b"1\r\n \r\n")
        await reader.readuntil(b"ok")
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"1\r\n \r\n")
                await writer.drain()
                await asyncio.sleep(0.01)  # as slowly as it likes
    assert hasty.bodies == [b""]


async def test_who_is_refused_in_the_middle_of_a_body_is_gone_for_the_application(server: Server) -> None:
    assert await server.refused(CHUNKED + b"2\r\n{}\r\n", b"zz\r\n") == (400, "malformed_request")
    assert server.bodies == []
