"""The load generator against servers that behave in known ways."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bench.load import LoadFailed, Orders, Outcome, send

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
FLOODED = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
# For the n-th request of all: the pieces of the answer; none hangs up.
Answers = Callable[[int], list[bytes]]


@asynccontextmanager
async def server(answers: Answers, stall: asyncio.Event | None = None) -> AsyncIterator[int]:
    """stall: the first request is answered when it is set."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.decode().partition("content-length: ")[2].partition("\r\n")[0]
                await reader.readexactly(int(length))
                number, count = count, count + 1
                if stall is not None and number == 0:
                    await stall.wait()
                pieces = answers(number)
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if not pieces:
                    break
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def sent(answers: Answers, **orders: int | float) -> Outcome:
    async with server(answers) as port:
        given = {"count": 20, "connections": 4, **orders}
        return await asyncio.wait_for(send(Orders(port=port, action="opened", **given)), 30)  # type: ignore[arg-type]


async def test_every_request_is_answered_once_at_full_speed() -> None:
    assert (await sent(lambda number: [OK])).statuses == {"200": 20}


async def test_every_request_is_answered_once_at_a_fixed_rate() -> None:
    outcome = await sent(lambda number: [OK], rate=200.0)
    assert outcome.statuses == {"200": 20}
    assert len(outcome.latencies) == 20
    assert outcome.seconds >= 19 / 200


async def test_answers_are_counted_by_their_status() -> None:
    outcome = await sent(lambda number: [FLOODED if number % 5 == 0 else OK])
    assert outcome.statuses == {"200": 16, "429": 4}


async def test_an_answer_may_come_in_pieces() -> None:
    outcome = await sent(lambda number: [OK[:7], OK[7:30], OK[30:-1], OK[-1:]])
    assert outcome.statuses == {"200": 20}


async def test_a_server_that_hangs_up_fails_the_load() -> None:
    with pytest.raises(LoadFailed, match="closed a connection after 10 of 20 answers"):
        await sent(lambda number: [OK] if number < 10 else [], connections=1)


async def test_an_answer_without_a_length_fails_the_load() -> None:
    with pytest.raises(LoadFailed, match="no content-length"):
        await sent(lambda number: [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"])


async def test_what_waits_behind_a_stalled_server_counts_from_its_own_time() -> None:
    """Coordinated omission: one connection, held up while all the others fall due, must not look fast."""
    stall, released = asyncio.Event(), []

    def release() -> None:
        released.append(time.monotonic_ns())
        stall.set()

    async with server(lambda number: [OK], stall) as port, asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(send(Orders(port=port, action="opened", count=10, connections=1, rate=100.0)))
        # They fall due within a tenth of a second, beginning half a second from now.
        asyncio.get_running_loop().call_later(1.0, release)
        outcome = await sending
    due = [outcome.began + number * 10_000_000 for number in range(10)]
    assert all(latency >= released[0] - at for latency, at in zip(outcome.latencies, due, strict=True))
