"""The client of live events, against a platform that loses, repeats, lags and restarts."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import pairwise

import pytest

from reveille.agents.live import Backoff, LiveEvent, LiveEvents, LiveState, Refused
from tests.unit.agents.live_server import LiveServer, live_server, scene

PATIENCE = 60.0
QUICK = Backoff(first=0.001, most=0.01)


@pytest.fixture
async def server() -> AsyncIterator[LiveServer]:
    async with live_server() as started:
        yield started


async def take(events: AsyncGenerator[LiveEvent, None], count: int) -> list[LiveEvent]:
    taken: list[LiveEvent] = []
    async with asyncio.timeout(PATIENCE), aclosing(events):
        async for event in events:
            taken.append(event)
            if len(taken) == count:
                break
    return taken


def sequences(events: list[LiveEvent]) -> list[int]:
    return [event.sequence for event in events]


async def heard(server: LiveServer, kind: str, count: int = 1) -> None:
    async with asyncio.timeout(PATIENCE):
        while len([one for one in server.asked if one["type"] == kind]) < count:
            await server.hearing()


async def test_what_has_happened_and_what_happens_then_comes_in_order(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url) as live:
        events = live.watch(execution_id="e")
        first = [await anext(events) for _ in range(11)]
        await server.add("e", {"type": "agent-thinking", "text": "hm", "department": "story"})
        last = await anext(events)
    assert sequences([*first, last]) == list(range(1, 13))
    assert (last.execution_id, last.type, last.agent, last.department) == ("e", "agent-thinking", "thinker", "story")
    assert dict(last.data) == {"text": "hm"}
    assert last.timestamp.utcoffset() is not None
    assert last.wire["traceId"] == last.trace_id


async def test_after_a_sequence_only_what_is_behind_it_comes(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url) as live:
        assert sequences(await take(live.watch(execution_id="e", after=7), 4)) == [8, 9, 10, 11]


async def test_from_now_on_nothing_old_comes_and_nothing_new_is_lost_with_the_connection(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url, backoff=QUICK) as live:
        events = live.watch(execution_id="e", after=None)
        first = asyncio.ensure_future(anext(events))
        await heard(server, "subscribe")
        await server.close_all(1011)
        await server.add("e", {})
        assert (await first).sequence == 12
        await events.aclose()


async def test_filters_hold_on_both_sides_of_a_lost_connection(server: LiveServer) -> None:
    async with LiveEvents(server.url, backoff=QUICK) as live:
        await server.add("e", *scene(), *scene())
        server.fault = lambda number: "cut" if number == 2 else ""
        watched = live.watch(execution_id="e", types=["quality-check", "review-status"])
        assert sequences(await take(watched, 4)) == [10, 11, 21, 22]
    assert server.connected == 2


@pytest.mark.parametrize("fault", ["cut", "twice", "lag", "skip"])
async def test_whatever_befalls_the_connection_each_event_comes_once_in_order(server: LiveServer, fault: str) -> None:
    await server.add("e", *({} for _ in range(200)))
    server.fault = lambda number: fault if number % 7 == 0 else ""
    async with LiveEvents(server.url, backoff=QUICK) as live:
        assert sequences(await take(live.watch(execution_id="e"), 200)) == list(range(1, 201))


@pytest.mark.parametrize("seed", range(5))
async def test_a_run_of_random_faults_shows_every_reader_its_exact_sequence(server: LiveServer, seed: int) -> None:
    chance = random.Random(seed)
    server.fault = lambda number: chance.choices(["", "cut", "twice", "lag"], [40, 1, 2, 1])[0]

    async def happen(execution: str) -> None:
        for _ in range(40):
            await server.add(execution, *scene()[: chance.randrange(1, 12)], conversation="c")
            await asyncio.sleep(0)
        await server.add(execution, {"type": "orchestration-complete", "last": True})

    async def read(events: AsyncGenerator[LiveEvent, None], ends: int) -> list[LiveEvent]:
        taken: list[LiveEvent] = []
        async with aclosing(events):
            async for event in events:
                taken.append(event)
                if chance.random() < 0.05:
                    await asyncio.sleep(0.001)
                ends -= event.data.get("last", False)
                if not ends:
                    return taken
        raise AssertionError("the watch has ended")

    await server.add("a", {}, conversation="c")
    await server.add("b", {}, conversation="c")
    async with (
        asyncio.timeout(PATIENCE),
        LiveEvents(server.url, backoff=QUICK, room=8) as live,
        asyncio.TaskGroup() as tasks,
    ):
        a = tasks.create_task(read(live.watch(execution_id="a"), 1))
        b = tasks.create_task(read(live.watch(execution_id="b"), 1))
        some = tasks.create_task(read(live.watch(execution_id="a", types=["orchestration-complete"]), 1))
        both = tasks.create_task(read(live.watch(conversation_id="c"), 2))
        for execution in ("a", "b"):
            tasks.create_task(happen(execution))
    for name, taken in (("a", a.result()), ("b", b.result())):
        assert sequences(taken) == list(range(1, len(server.log[name]) + 1))
    wanted = [one["sequence"] for one in server.log["a"] if one["type"] == "orchestration-complete"]
    assert sequences(some.result()) == wanted
    for name in ("a", "b"):
        of_one = [event for event in both.result() if event.execution_id == name]
        assert sequences(of_one) == list(range(1, len(server.log[name]) + 1))


async def test_watches_of_executions_share_one_socket_and_each_gets_its_own(server: LiveServer) -> None:
    await server.add("a", *scene())
    await server.add("b", *scene())
    async with LiveEvents(server.url) as live:
        whole, part, other = await asyncio.gather(
            take(live.watch(execution_id="a"), 11),
            take(live.watch(execution_id="a", after=9, types=["review-status"]), 1),
            take(live.watch(execution_id="b", agents=["thinker"]), 11),
        )
    assert server.connected == 1
    assert (sequences(whole), sequences(part)) == (list(range(1, 12)), [11])
    assert {event.execution_id for event in other} == {"b"}


async def test_a_reader_that_stands_still_keeps_a_bounded_number_and_holds_up_nobody(server: LiveServer) -> None:
    await server.add("slow", *({} for _ in range(300)))
    await server.add("quick", *({} for _ in range(300)))
    states: list[LiveState] = []
    async with LiveEvents(server.url, room=10, on_state=states.append) as live:
        slow = live.watch(execution_id="slow")
        assert (await anext(slow)).sequence == 1
        await heard(server, "unsubscribe")
        assert sequences(await take(live.watch(execution_id="quick"), 300)) == list(range(1, 301))
        sent = server.sent
        for _ in range(50):  # as often as it may, it would be sent more
            await server.add("slow", {})
        assert server.sent == sent
        assert sequences(await take(slow, 349)) == list(range(2, 351))
    assert server.connected == 1
    assert "slow is read too slowly" in {state.reason for state in states if state.what == "lagging"}


async def test_a_conversation_has_the_executions_that_begin_later_too(server: LiveServer) -> None:
    await server.add("a", *scene(), conversation="c")
    async with LiveEvents(server.url, backoff=QUICK) as live:
        events = live.watch(conversation_id="c")
        first = [await anext(events) for _ in range(11)]
        await server.add("elsewhere", *scene(), conversation="another")
        await server.close_all(1012)
        await server.add("b", *scene(), conversation="c")
        rest = await take(events, 11)
    assert {event.execution_id for event in first} == {"a"}
    assert [(event.execution_id, event.sequence) for event in rest] == [("b", number) for number in range(1, 12)]


async def test_of_a_conversation_from_now_on_only_what_is_new_comes_also_after_a_loss(server: LiveServer) -> None:
    await server.add("a", *scene(), conversation="c")
    async with LiveEvents(server.url, backoff=QUICK) as live:
        events = live.watch(conversation_id="c", after=None)
        first = asyncio.ensure_future(anext(events))
        await heard(server, "subscribe")
        await server.close_all(1011)
        await server.add("b", {}, conversation="c")
        told = await first
        await server.add("a", {}, conversation="c")
        await server.close_all(1011)
        other = await anext(events)
        await events.aclose()
    assert {(told.execution_id, told.sequence), (other.execution_id, other.sequence)} == {("b", 1), ("a", 12)}


async def test_who_watches_from_now_on_beside_somebody_gets_nothing_old(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url, backoff=QUICK) as live:
        new = live.watch(execution_id="e", after=None)
        all_of_it = asyncio.ensure_future(take(live.watch(execution_id="e"), 12))
        first_new = asyncio.ensure_future(anext(new))
        await heard(server, "subscribe", 2)
        await server.add("e", {})
        assert (await first_new).sequence == 12
        assert sequences(await all_of_it) == list(range(1, 13))
        await new.aclose()


async def test_a_conversation_of_more_executions_than_a_message_names_is_told_once(server: LiveServer) -> None:
    names = [f"an-execution-with-quite-a-long-name-{number:05}" for number in range(400)]
    for name in names:
        await server.add(name, {}, {}, conversation="c")
    async with LiveEvents(server.url, backoff=QUICK) as live:
        events = live.watch(conversation_id="c")
        async with asyncio.timeout(PATIENCE):
            told = [await anext(events) for _ in range(800)]
            await server.close_all(1011)
            await server.add(names[0], {}, conversation="c")
            last = await anext(events)
        await events.aclose()
    assert {(event.execution_id, event.sequence) for event in told} == {(name, at) for name in names for at in (1, 2)}
    assert (last.execution_id, last.sequence) == (names[0], 3)
    asked = [len(json.dumps(one)) for one in server.asked if one["type"] == "subscribe"]
    assert max(asked) < 16 * 1024
    assert len(asked) == 2


async def test_a_replay_ends_with_what_was_there_when_it_began(server: LiveServer) -> None:
    await server.add("e", *({} for _ in range(100)))
    server.fault = lambda number: "cut" if number in (30, 31, 70) else ""
    async with LiveEvents(server.url, backoff=QUICK, room=8) as live:
        replayed = [event.sequence async for event in live.replay("e", speed=0)]
        beside = await take(live.watch(execution_id="e", after=99), 1)
    assert replayed == list(range(1, 101))
    assert sequences(beside) == [100]
    speeds = {one["replay"]["speed"] for one in server.asked if "replay" in one}
    assert speeds == {0}


async def test_a_platform_that_restarts_is_found_again_and_its_states_are_told(server: LiveServer) -> None:
    await server.add("e", *scene())
    states: list[LiveState] = []
    async with LiveEvents(server.url, backoff=QUICK, on_state=states.append) as live:
        events = live.watch(execution_id="e")
        first = [await anext(events) for _ in range(11)]
        await server.stop()
        await server.add("e", *scene())
        await server.start()
        rest = await take(events, 11)
    assert sequences([*first, *rest]) == list(range(1, 23))
    assert [state.what for state in states[:3]] == ["connecting", "open", "waiting"]
    assert states[2].reason == "closed with 1012: the platform restarts"
    assert all(before.what != after.what for before, after in pairwise(states))


@pytest.mark.parametrize(
    ("code", "message"), [("unknown_execution", "there is no execution nobody"), ("forbidden", "it is not yours")]
)
async def test_what_is_refused_is_raised_and_the_others_go_on(server: LiveServer, code: str, message: str) -> None:
    await server.add("e", *scene())
    if code == "forbidden":
        server.errors.append((code, message))
    async with LiveEvents(server.url) as live:
        with pytest.raises(Refused, match=f"^{message}$") as refused:
            await take(live.watch(execution_id="nobody"), 1)
        assert refused.value.code == code
        assert len(await take(live.watch(execution_id="e"), 11)) == 11


async def test_what_may_pass_is_asked_again(server: LiveServer) -> None:
    await server.add("e", *scene())
    server.errors.extend([("flooded", "too much at a time"), ("unavailable", "not now")])
    async with LiveEvents(server.url, backoff=QUICK) as live:
        assert len(await take(live.watch(execution_id="e"), 11)) == 11


async def test_a_replica_that_is_not_so_far_yet_is_waited_for(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url, backoff=QUICK) as live:
        events = live.watch(execution_id="e")
        for _ in range(11):
            await anext(events)
        server.errors.extend([("invalid_after", "not so far"), ("unknown_execution", "never heard of it")])
        await server.close_all(1012)
        await server.add("e", {})
        assert (await anext(events)).sequence == 12
        await events.aclose()


async def test_a_socket_that_is_closed_for_good_is_not_opened_again(server: LiveServer) -> None:
    await server.add("e", *scene())
    server.close_next = (1008, "more than 500 messages a second")
    async with LiveEvents(server.url, backoff=QUICK) as live:
        with pytest.raises(Refused, match=r"^closed with 1008: more than 500 messages a second$"):
            await take(live.watch(execution_id="e"), 1)
        assert server.connected == 1
        # Whoever asks again has a new one.
        assert len(await take(live.watch(execution_id="e"), 11)) == 11


async def test_a_door_that_is_closed_says_why(server: LiveServer) -> None:
    server.refuse = (403, "reading is closed")
    async with LiveEvents(server.url, backoff=QUICK) as live:
        with pytest.raises(Refused, match=r"^403: reading is closed$"):
            await take(live.watch(execution_id="e"), 1)


async def test_a_platform_that_cannot_answer_now_is_tried_again(server: LiveServer) -> None:
    await server.add("e", *scene())
    server.refuse = (503, "it starts")
    states: list[LiveState] = []

    def see(state: LiveState) -> None:
        states.append(state)
        if [one.reason for one in states].count("503: it starts") == 3:
            server.refuse = None

    async with LiveEvents(server.url.replace("ws", "http", 1), backoff=QUICK, on_state=see) as live:
        assert len(await take(live.watch(execution_id="e"), 11)) == 11


async def test_a_watch_that_is_left_is_told_no_more_and_its_loop_may_go_on(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url) as live:
        assert len(await take(live.watch(execution_id="e"), 1)) == 1
        await heard(server, "unsubscribe")
        assert len(await take(live.watch(execution_id="e"), 11)) == 11


async def test_leaving_ends_what_still_waits(server: LiveServer) -> None:
    await server.add("e", *scene())
    async with LiveEvents(server.url) as live:
        waiting = asyncio.ensure_future(take(live.watch(execution_id="e", after=11), 1))
        await heard(server, "subscribe")
    with pytest.raises(Refused, match="the connection has ended"):
        await waiting


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "expected an execution_id or a conversation_id, and not both"),
        ({"execution_id": "e", "conversation_id": "c"}, "and not both"),
        ({"execution_id": "e", "after": -1}, "after is -1"),
        ({"conversation_id": "c", "after": 5}, "a sequence counts within one execution"),
        ({"execution_id": "e", "types": ["agent-asleep"]}, "types has 'agent-asleep', expected of orchestration-start"),
        ({"execution_id": "e", "agents": "writer"}, "agents is 'writer', expected a list of texts"),
    ],
)
async def test_what_can_never_be_watched_is_told_at_once(arguments: dict[str, object], message: str) -> None:
    async with LiveEvents("ws://127.0.0.1:1") as live:
        with pytest.raises(ValueError, match=message):
            live.watch(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["ftp://host", "ws://", "http:///path"])
def test_what_is_no_address_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a platform, expected one like ws://"):
        LiveEvents(url)


def test_the_sdk_has_the_client_and_loads_it_only_where_it_is_used() -> None:
    program = (
        "import sys, reveille.agents as sdk; print('websockets' in sys.modules);"
        "from reveille.agents import LiveEvents; print('websockets' in sys.modules, LiveEvents.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "LiveEvents"]
