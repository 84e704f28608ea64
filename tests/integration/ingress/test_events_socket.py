"""The socket of live events: what is subscribed is told, each event once, in order and without a hole."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from reveille.ingress.domain.access import ALLOWS, Principal, Role
from reveille.ingress.domain.flood import Rate
from reveille.ingress.entrypoints.http import events_socket_talk
from reveille.ingress.entrypoints.http.gate import NO_LONGER
from reveille.ingress.entrypoints.http.live_messages import MAX_SAID
from tests.integration.ingress.live_house import PATIENCE, Client, LiveHouse, until
from tests.live_client import LiveClient


@pytest.fixture
async def house() -> AsyncIterator[LiveHouse]:
    async with LiveHouse().serving() as house:
        yield house


async def caught_up(house: LiveHouse) -> None:
    async with asyncio.timeout(PATIENCE):
        await house.caught_up()


async def closed(client: Client) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as error:
        await client.hear_to_the_end()
    assert error.value.rcvd is not None
    return error.value.rcvd.code, error.value.rcvd.reason


async def test_what_happens_is_told_as_it_comes(house: LiveHouse) -> None:
    await house.begin()
    await caught_up(house)
    async with house.client() as client:
        subscribed = await client.ask("subscribe", executionId="e", ref="r")
        assert subscribed == {"type": "subscribed", "executionId": "e", "sequence": 2, "ref": "r"}
        await house.think(texts=["first", "second"])
        heard = await client.hear_all(2)
    assert [(one["type"], one["executionId"], one["sequence"]) for one in heard] == [
        ("event", "e", 3),
        ("event", "e", 4),
    ]
    assert [one["event"]["text"] for one in heard] == ["first", "second"]
    assert heard[0]["event"]["type"] == "agent-thinking"
    assert heard[0]["event"]["agentId"] == "scout"


async def test_history_and_what_comes_are_told_without_a_seam(house: LiveHouse) -> None:
    await house.begin()
    client = LiveClient(lambda: house.url, "e")
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(client.watch(until=602))
        for batch in range(60):
            await house.think(texts=[f"{batch} {number}" for number in range(10)])
    assert client.connections == 1
    assert [one["text"] for one in client.events[2:]] == [f"{a} {b}" for a in range(60) for b in range(10)]


async def test_who_comes_back_goes_on_behind_the_last_that_he_has(house: LiveHouse) -> None:
    await house.begin()
    await house.think(texts=["a", "b", "c"])
    async with house.client() as client:
        assert (await client.ask("subscribe", executionId="e", after=3))["sequence"] == 3
        assert await client.sequences(2) == [4, 5]
        assert (await client.ask("subscribe", executionId="e", after=5))["sequence"] == 5


async def test_an_event_that_has_not_been_is_no_place_to_begin(house: LiveHouse) -> None:
    await house.begin()
    async with house.client() as client:
        error = await client.ask("subscribe", executionId="e", after=3, ref=1)
        assert (error["type"], error["code"], error["ref"]) == ("error", "invalid_after", 1)
        assert error["message"] == "after is 3, expected at most 2, the last event of the execution"
        assert (await client.ask("ping"))["type"] == "pong"


async def test_what_nobody_has_heard_of_is_refused_by_a_message(house: LiveHouse) -> None:
    await house.begin()
    async with house.client() as client:
        error = await client.ask("subscribe", executionId="nobody", ref="x")
        assert error == {
            "type": "error",
            "code": "unknown_execution",
            "message": "there is no execution nobody",
            "executionId": "nobody",
            "ref": "x",
        }
        error = await client.ask("subscribe", executionId="e", conversationId="c")
        assert (error["code"], error["message"]) == ("unknown_execution", "conversation c has no execution e")
        assert (await client.ask("subscribe", executionId="e"))["type"] == "subscribed"


async def test_many_executions_on_one_socket_are_each_told_in_order(house: LiveHouse) -> None:
    names = [f"e{number}" for number in range(20)]
    for name in names:
        await house.begin(name)
    async with house.client() as client:
        for name in names:
            await client.say("subscribe", executionId=name, after=0)
        for _ in range(5):
            for name in names:
                await house.think(name, texts=["x"])
        got: dict[str, list[int]] = {name: [] for name in names}
        while any(len(one) < 7 for one in got.values()):
            heard = await client.hear()
            if heard["type"] == "event":
                got[heard["executionId"]].append(heard["sequence"])
    assert all(one == list(range(1, 8)) for one in got.values())


async def test_only_what_is_wanted_is_told(house: LiveHouse) -> None:
    await house.begin()
    await house.think(texts=["a", "b"])
    await house.end()
    async with house.client() as client:
        types = ["agent-start", "agent-complete", "orchestration-complete"]
        await client.ask("subscribe", executionId="e", after=0, types=types)
        assert await client.sequences(3) == [2, 5, 6]
        await client.ask("subscribe", executionId="e", after=0, types=["agent-complete"], agents=["scout"])
        assert await client.sequences(1) == [5]
        await client.ask("subscribe", executionId="e", after=0, agents=["nobody"])
        await client.ask("subscribe", executionId="e", after=0, departments=["story"])
        assert await client.ask("ping", ref=1) == {"type": "pong", "ref": 1}


async def test_a_second_subscription_replaces_the_first(house: LiveHouse) -> None:
    await house.begin()
    async with house.client() as client:
        await client.ask("subscribe", executionId="e", after=2)
        await client.ask("subscribe", executionId="e", after=0)
        assert await client.sequences(2) == [1, 2]
        await house.think(texts=["a"])
        assert await client.sequences(1) == [3]
        assert await client.ask("ping") == {"type": "pong"}


async def test_what_is_unsubscribed_is_told_no_more(house: LiveHouse) -> None:
    await house.begin()
    await house.begin("f")
    await caught_up(house)
    async with house.client() as client:
        await client.ask("subscribe", executionId="e")
        await client.ask("subscribe", executionId="f")
        answer = await client.ask("unsubscribe", executionId="e", ref=2)
        assert answer == {"type": "unsubscribed", "executionId": "e", "sequence": 2, "ref": 2}
        await house.think(texts=["not heard"])
        await house.think("f", texts=["heard"])
        assert (await client.hear())["executionId"] == "f"
        error = await client.ask("unsubscribe", executionId="e", ref=3)
        assert (error["code"], error["message"], error["ref"]) == ("not_subscribed", "e is not subscribed here", 3)


async def test_a_socket_has_at_most_two_hundred_subscriptions(house: LiveHouse) -> None:
    names = [f"e{number}" for number in range(201)]
    for name in names:
        await house.begin(name)
    async with house.client() as client:
        for name in names:
            await client.say("subscribe", executionId=name)
        answers = await client.hear_all(201)
        assert [one["type"] for one in answers[:200]] == ["subscribed"] * 200
        assert (answers[200]["type"], answers[200]["code"]) == ("error", "too_many_subscriptions")
        # One that is there may be asked for again, and another may be where one was.
        assert (await client.ask("subscribe", executionId="e0"))["type"] == "subscribed"
        await client.ask("unsubscribe", executionId="e0")
        assert (await client.ask("subscribe", executionId="e200"))["type"] == "subscribed"


async def test_a_conversation_tells_all_its_executions_and_those_to_come(house: LiveHouse) -> None:
    await house.begin("before", conversation="c")
    await house.begin("other", conversation="d")
    await caught_up(house)
    async with house.client() as client:
        subscribed = await client.ask("subscribe", conversationId="c", ref=1)
        assert subscribed == {
            "type": "subscribed",
            "conversationId": "c",
            "sequence": 0,
            "executions": {"before": 2},
            "ref": 1,
        }
        await house.think("other", texts=["not heard"])
        await house.think("before", texts=["heard"])
        heard = await client.hear()
        assert (heard["executionId"], heard["sequence"], heard["conversationId"]) == ("before", 3, "c")
        await house.begin("after", conversation="c")
        heard_all = await client.hear_all(2)
        assert [(one["executionId"], one["sequence"]) for one in heard_all] == [("after", 1), ("after", 2)]
        assert await client.ask("unsubscribe", conversationId="c") == {
            "type": "unsubscribed",
            "conversationId": "c",
            "sequence": 0,
        }


async def test_a_conversation_is_answered_before_its_first_event(house: LiveHouse) -> None:
    names = [f"e{number}" for number in range(30)]
    for name in names:
        await house.begin(name, conversation="c")
    await caught_up(house)

    async def write() -> None:
        while True:
            await house.think(names[0], texts=["x"])
            await asyncio.sleep(0)

    # What it has not read when it leaves does not keep it.
    async with house.client(close_timeout=0.1) as client, asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(write())
        subscribed = await client.ask("subscribe", conversationId="c")
        assert subscribed["type"] == "subscribed"
        assert sorted(subscribed["executions"]) == sorted(names)
        first = subscribed["executions"][names[0]]
        assert await client.sequences(5) == list(range(first + 1, first + 6))
        writing.cancel()


async def test_a_conversation_is_told_from_its_beginning_or_where_somebody_left_it(house: LiveHouse) -> None:
    await house.begin("e1", conversation="c")
    await house.end("e1")
    await house.begin("e2", conversation="c")
    await caught_up(house)

    async def told(after: Any, count: int) -> dict[str, list[int]]:
        async with house.client() as client:
            await client.ask("subscribe", conversationId="c", after=after)
            got: dict[str, list[int]] = {}
            for heard in await client.hear_all(count):
                got.setdefault(heard["executionId"], []).append(heard["sequence"])
            assert await client.ask("ping") == {"type": "pong"}
        return got

    assert await told(0, 6) == {"e1": [1, 2, 3, 4], "e2": [1, 2]}
    assert await told({"e1": 3}, 3) == {"e1": [4], "e2": [1, 2]}


async def test_a_replay_tells_what_has_been_and_says_when_it_is_through(house: LiveHouse) -> None:
    await house.begin()
    await house.think(texts=["a", "b"])
    await house.end()
    async with house.client() as client:
        began = await client.ask("subscribe", executionId="e", replay={"speed": 0}, ref="r")
        assert began == {"type": "subscribed", "executionId": "e", "sequence": 0, "replay": True, "last": 6, "ref": "r"}
        heard = await client.hear_all(6)
        assert [one["sequence"] for one in heard] == [1, 2, 3, 4, 5, 6]
        assert all(one["replay"] is True for one in heard)
        assert await client.hear() == {"type": "replayed", "executionId": "e", "sequence": 6, "ref": "r"}
        await client.ask("subscribe", executionId="e", after=4, types=["agent-complete"], replay={"speed": 1000})
        assert await client.sequences(1) == [5]
        assert (await client.hear())["type"] == "replayed"


async def test_a_replay_can_be_stopped(house: LiveHouse) -> None:
    await house.begin()
    await house.think(texts=["a", "b"])
    # Five seconds are the longest pause.
    await house.think_later(seconds=60)
    async with house.client() as client:
        await client.ask("subscribe", executionId="e", replay={"speed": 1})
        assert await client.sequences(4) == [1, 2, 3, 4]
        answer = await client.ask("unsubscribe", executionId="e")
        assert (answer["type"], answer["sequence"]) == ("unsubscribed", 4)
        assert await client.ask("ping") == {"type": "pong"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", "malformed_json"),
        ("[]", "not_an_object"),
        ('{"type":"launch"}', "unknown_type"),
        (b"\x00\x01", "not_a_text"),
        ("x" * (MAX_SAID + 1), "too_large"),
        ("x" * 1_000_000, "too_large"),
        (b"x" * 1_000_000, "not_a_text"),
        ("[" * 10_000, "malformed_json"),
        ('{"type":"ping","ref":NaN}', "malformed_json"),
        ('{"type":"ping","type":"pong"}', "malformed_json"),
    ],
)
async def test_what_cannot_be_read_is_answered_and_the_socket_lives_on(
    house: LiveHouse, said: str | bytes, code: str
) -> None:
    async with house.client() as client:
        await client.ws.send(said)
        error = await client.hear()
        assert (error["type"], error["code"]) == ("error", code)
        assert await client.ask("ping", ref=code) == {"type": "pong", "ref": code}


async def test_a_message_in_pieces_is_one(house: LiveHouse) -> None:
    async with house.client() as client:
        await client.ws.send(iter(['{"type":', '"ping"', "}"]))
        assert await client.hear() == {"type": "pong"}


async def test_a_flood_is_ignored_and_the_socket_lives_on(house: LiveHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_socket_talk, "HEARD", Rate(20, 10))
    async with house.client() as client:
        for _ in range(300):
            await client.say("ping")
        heard = await client.hear()
        while heard["type"] != "error":
            heard = await client.hear()
        assert heard["code"] == "flooded"
        assert heard["message"] == "too many messages, at most 2 a second are heard; what comes now is ignored"
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(ask_again(client))
            while heard.get("ref") != "again":
                heard = await client.hear()
            asking.cancel()


async def ask_again(client: Client) -> None:
    while True:
        await client.say("ping", ref="again")
        await asyncio.sleep(0.2)


async def test_whoever_floods_on_is_closed(house: LiveHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_socket_talk, "TAKEN", Rate(100, 60))
    async with house.client() as client:
        for _ in range(300):
            await client.say("ping")
        async with asyncio.timeout(PATIENCE):
            code, reason = await closed(client)
    assert (code, reason) == (1008, "more than 500 messages in a second")


async def test_where_the_platform_stops_everybody_is_told_to_come_again(house: LiveHouse) -> None:
    await house.begin()
    async with house.client() as client, house.client() as idle:
        await client.ask("subscribe", executionId="e")
        await house.socket.drain(1)
        told = (1012, "the platform restarts; subscribe again behind what you have")
        assert await closed(client) == told
        assert await closed(idle) == told


async def test_who_may_not_subscribe_is_told_so_and_his_socket_lives_on() -> None:
    async with LiveHouse(principal=whoever(Role.SOURCE)).serving() as house, house.client() as client:
        await house.begin()
        refused = await client.ask("subscribe", executionId="e", ref="r")
        assert (refused["type"], refused["code"], refused["ref"]) == ("error", "not_allowed", "r")
        assert await client.ask("ping") == {"type": "pong"}


async def test_whose_key_is_revoked_is_closed_with_1008() -> None:
    async with LiveHouse(principal=whoever(Role.VIEWER)).serving() as house, house.client() as client:
        await house.begin()
        assert (await client.ask("subscribe", executionId="e"))["type"] == "subscribed"
        house.everybody.leave()
        assert await closed(client) == NO_LONGER


@pytest.mark.parametrize("limit", ["sockets_per_address", "sockets_per_key", "sockets_per_tenant", "max_in_flight"])
async def test_who_holds_as_many_sockets_as_he_may_gets_another_when_one_ends(limit: str) -> None:
    most: dict[str, Any] = {limit: 1}
    async with LiveHouse(principal=whoever(Role.VIEWER), **most).serving() as house:
        async with house.client() as client:
            assert await client.ask("ping") == {"type": "pong"}
            assert await refused(house) == (429, "too_many_requests")
        await until(lambda: house.socket.opened == 0)
        async with house.client() as client:
            assert await client.ask("ping") == {"type": "pong"}


@pytest.mark.parametrize("limit", ["key_rate_limit", "tenant_rate_limit", "rate_limit"])
async def test_who_opens_more_sockets_than_he_may_is_told_when_to_come(limit: str) -> None:
    most: dict[str, Any] = {limit: Rate(1, 3600)}
    async with LiveHouse(principal=whoever(Role.VIEWER), **most).serving() as house:
        async with house.client():
            pass
        assert await refused(house) == (429, "too_many_requests")


async def test_a_page_of_elsewhere_opens_one_only_where_the_settings_name_it() -> None:
    allowed = frozenset({"https://page.example"})
    async with LiveHouse(principal=whoever(Role.VIEWER), host="10.0.0.1", allowed_origins=allowed).serving() as house:
        for origin in ("https://page.example", f"http://127.0.0.1:{house.port}"):
            async with house.client(origin=origin) as client:
                assert await client.ask("ping") == {"type": "pong"}
        for origin in ("https://evil.example", "null", "https://page.example.evil.example"):
            assert await refused(house, origin=origin) == (403, "foreign_origin")


def whoever(role: Role) -> Principal:
    return Principal(name="k", tenant="t", permissions=ALLOWS[role], roles=frozenset({role}), key_id="key")


async def refused(house: LiveHouse, **options: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as error:
        async with house.client(**options):
            pass
    answer = error.value.response
    return answer.status_code, json.loads(answer.body or b"")["code"]
