"""Live events as server-sent events, on real connections: from anywhere, to the end, and past what goes wrong."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import pytest

from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted
from reveille.ingress.entrypoints.http import stream
from tests.integration.ingress.conftest import House as WholeHouse
from tests.integration.ingress.conftest import Open
from tests.integration.ingress.given_up import GivenUp, heard_of, unread
from tests.integration.ingress.streams import PATIENCE, House, Said, opened
from tests.integration.ingress.test_history import tell
from tests.unit.ingress import live_events as log
from tests.unit.ingress.live_events import execution
from tests.unit.ingress.plan_events import Written

# Of 200 KB each: more than the system holds for a connection that is not read.
EVENTS = 60
BEGUN: list[Written] = [*log.woken("w"), log.ready("w"), log.ran("w")]
DONE: list[Written] = [log.came_to("w", "fine"), execution("w", ExecutionCompleted(execution_id="w"))]


@pytest.fixture
def given_up() -> Iterator[GivenUp]:
    with heard_of(stream.logger) as heard:
        yield heard


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened() as house:
        yield house


def types(events: list[Any]) -> list[str]:
    return [one["type"] for one in events]


async def test_a_stream_tells_what_was_then_what_comes_and_ends_with_its_execution(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.listen() as client:
        assert client.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        first = await client.next()
        assert first is not None
        assert first.fields == {"retry": "1000"}
        assert types(await client.events(2)) == ["orchestration-start", "agent-start"]
        await house.tell(log.thought("w", "hm"))
        assert types(await client.events(1)) == ["agent-thinking"]
        await house.tell(*DONE)
        rest = await client.rest()
    assert [one.fields.get("event") for one in rest] == ["agent-complete", "orchestration-complete", None]
    assert rest[-1].fields == {"retry": "1000"}
    assert not house.news.is_waiting()


async def test_who_comes_again_goes_on_behind_the_last_event_that_came(house: House) -> None:
    await house.tell(*BEGUN, log.thought("w", "one"), log.thought("w", "two"))
    async with house.listen() as client:
        last = (await client.events(3))[-1]["sequence"]
    await house.tell(log.thought("w", "three"))
    async with house.listen(last=str(last), after=0) as client:
        assert [one["text"] for one in await client.events(2)] == ["two", "three"]


async def test_who_comes_again_behind_the_end_is_told_not_to_come_any_more(house: House) -> None:
    await house.tell(*BEGUN, *DONE)
    async with house.listen(last="4") as client:
        assert client.answer.status_code == 204
    async with house.listen(last="3") as client:
        assert types(await client.events(1)) == ["orchestration-complete"]
        assert len(await client.rest()) == 1


async def test_a_living_plan_has_no_end(house: House) -> None:
    done = execution("e", ExecutionCompleted(execution_id="e", living=True))
    await house.tell(*log.asked("e", "a storm"), *log.begun("e"), done)
    async with house.listen("e") as client:
        assert types(await client.events(2)) == ["orchestration-start", "orchestration-complete"]
        await house.tell(log.department("e"))
        assert types(await client.events(1)) == ["department-start"]


async def test_only_what_is_wanted_is_told_and_the_end_comes_all_the_same(house: House) -> None:
    await house.tell(*BEGUN, log.thought("w", "hm"), *DONE)
    async with house.listen(types="agent-thinking,agent-complete", agents="reviewer") as client:
        assert types(await client.events(2)) == ["agent-thinking", "agent-complete"]
        assert [one.fields for one in await client.rest()] == [{"retry": "1000"}]
    async with house.listen(agents="nobody") as client:
        assert [one.fields for one in await client.rest()] == [{"retry": "1000"}] * 2


async def test_an_execution_that_is_only_asked_for_is_waited_for(house: House) -> None:
    await house.tell(*log.asked("e", "a storm"))
    async with house.listen("e") as client:
        assert await client.next() == Said({"retry": "1000"})
        await house.tell(*log.begun("e"))
        assert [one["userPrompt"] for one in await client.events(1)] == ["a storm"]


async def test_while_nothing_comes_a_comment_shows_that_it_lives() -> None:
    async with opened(silence_seconds=0.05) as house:
        await house.tell(*BEGUN)
        async with house.listen(after=2) as client:
            await client.next()
            for _ in range(2):
                assert await client.next() == Said({}, "nothing new")


async def test_it_ends_when_the_platform_restarts_and_says_when_to_come_again(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.listen() as client:
        await client.events(2)
        house.news.leave()
        assert [one.fields for one in await client.rest()] == [{"retry": "1000"}]


async def read_to_the_end(slow: socket.socket) -> int:
    """How many bytes came before it was closed."""
    count = 0
    async with asyncio.timeout(PATIENCE):
        while some := await asyncio.get_running_loop().sock_recv(slow, 1 << 20):
            count += len(some)
    return count


async def test_who_does_not_read_is_cut_off_and_the_others_are_not_held_up(given_up: GivenUp) -> None:
    big = log.checked("w", 50, *["x" * 8_000] * 25)
    async with opened(slow_seconds=2.0) as house:
        await house.tell(*BEGUN)
        host, port = house.url.removeprefix("http://").split(":")
        slow = await unread(host, int(port))
        with closing(slow):
            ask = b"GET /api/v1/executions/w/stream HTTP/1.1\r\nhost: localhost\r\n\r\n"
            await asyncio.get_running_loop().sock_sendall(slow, ask)
            async with house.listen(after=2) as client:
                for _ in range(EVENTS):
                    await house.tell(big)
                    await client.events(1)
                async with asyncio.timeout(PATIENCE):
                    await given_up.happened.wait()
                assert await read_to_the_end(slow) < EVENTS * 200_000
                await house.tell(*DONE)
                assert types(await client.events(2)) == ["agent-complete", "orchestration-complete"]


async def test_what_cannot_be_streamed_is_refused_before_it_begins(open_house: Open) -> None:
    house: WholeHouse = await open_house()
    position = await tell(house, *log.asked("p", "a storm"))
    await house.ingress.live.wait_for(position, PATIENCE)
    for path, headers, status, told in (
        ("nobody/stream", {}, 404, "there is no execution nobody"),
        ("p/stream?types=agent-danced", {}, 422, "types: it is 'agent-danced', expected of orchestration-start"),
        ("p/stream?after=-1", {}, 422, "after: "),
        ("p/stream", {"last-event-id": "x"}, 422, "Last-Event-ID: it is 'x', expected the sequence of an event"),
        ("p/stream", {"origin": "http://elsewhere.example"}, 403, "Origin is "),
    ):
        answer = await house.client.get(f"/api/v1/executions/{path}", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert answer.json()["detail"].startswith(told), answer.text


async def test_only_so_many_streams_are_open_at_a_time(open_house: Open) -> None:
    house: WholeHouse = await open_house(max_in_flight=1)
    position = await tell(house, *log.woken("w"), *DONE[1:])
    await house.ingress.live.wait_for(position, PATIENCE)
    answers = await asyncio.gather(*(house.client.get("/api/v1/executions/w/stream") for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 429, 429]
    assert (await house.client.get("/api/v1/executions/w/stream")).status_code == 200
