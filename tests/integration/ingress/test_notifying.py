"""Whoever wants to be told of live events is told of each once, whatever becomes of him, of us and of the answers."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from reveille.adapters.sql_tables import SqlLeases
from reveille.contracts.ingress.v1.events_pb2 import Notification
from reveille.ingress.application import notifying
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.notification_contents import NotificationContents
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.settings import Settings
from reveille.kernel.clock import SystemClock
from reveille.kernel.events import Recorded
from tests.integration.ingress.conftest import House, _House
from tests.integration.ingress.grounds import GROUNDS, Ground
from tests.integration.ingress.receiver import Says, receiver
from tests.integration.ingress.told_executions import begin, end, listed, recorded
from tests.unit.databases import database_of

KEYS = (b"the old one, of 24 bytes", b"the new one, of 24 bytes")
FLEET = fleet_from(default_fleet(), file="default.yaml")
DELIVERED = "NotificationDelivered"
FAILED = "NotificationFailed"


def notification(url: str, *types: str, name: str = "ops", **fields: Any) -> Notification:
    given = {"attempts": 3, "backoff_ms": 5, "timeout_ms": 20_000, **fields}
    return Notification(name=name, types=types or ["agent-complete"], url=url, **given)


async def apply(house: House, *notifications: Notification) -> None:
    """The fleet that ships, with these notifications and no others."""
    await house.ingress.fleets.apply(replace(FLEET, notifications=notifications))


@pytest.fixture(params=list(GROUNDS))
async def ground(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    template = "" if request.param == "embedded" else request.getfixturevalue("template")
    async with AsyncExitStack() as stack:
        yield await GROUNDS[request.param](tmp_path, template, stack)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        ground = await GROUNDS["embedded"](tmp_path, "", stack)
        async with running(ground) as house:
            yield house


@asynccontextmanager
async def running(ground: Ground, *notifications: Notification, **replica: Any) -> AsyncIterator[House]:
    """Ingress until the end of the block, on what the one before it left."""
    settings = Settings(embedded=True, notification_keys=tuple(("ops", key) for key in KEYS))
    async with _House(ground, settings, None, replace(FLEET, notifications=notifications), **replica) as house:
        yield house


async def test_a_receiver_is_told_of_an_event_once_and_can_tell_that_it_was_us(ground: Ground) -> None:
    with receiver() as ops:
        async with running(ground) as house:
            await apply(house, notification(ops.url))
            await begin(house, "e")
            await end(house, "e")
            (delivered,) = await recorded(house, DELIVERED)
            (taken,) = ops.taken
            document = taken.document
            event = document.pop("event")
            assert document == {
                "type": "agent-complete",
                "notification": "ops",
                "executionId": "e",
                "conversationId": event["conversationId"],
                "sequence": 5,
            }
            assert (event["type"], event["agentId"], event["status"], event["sequence"]) == (
                "agent-complete",
                "lead",
                "completed",
                5,
            )
            for key in KEYS:
                assert Webhook("whsec_" + base64.b64encode(key).decode()).verify(taken.body, dict(taken.headers))
            msg: Any = delivered.msg
            assert delivered.stream == f"default.notification-{taken.id}"
            assert (msg.notification_id, msg.sequence, msg.attempts, msg.status_code) == (taken.id, 5, 1, 200)
            (row,) = await listed(house)
            assert (row["id"], row["status"], row["sequence"], row["execution_id"]) == (taken.id, "delivered", 5, "e")
            assert all(key not in event.data for event in await house.events() for key in KEYS)


async def test_who_is_told_and_dies_before_he_says_so_is_told_again_under_the_same_id(ground: Ground) -> None:
    with receiver(lambda taken, before: Says(held=not before)) as ops:
        async with running(ground, notification(ops.url)) as house:
            await begin(house, "e")
            await end(house, "e")
            await ops.has(1)
        async with running(ground, notification(ops.url)) as house:
            first, again = await ops.has(2)
            assert (again.id, again.body) == (first.id, first.body)
            await recorded(house, DELIVERED)
            assert [row["status"] for row in await listed(house)] == ["delivered"]


async def test_one_replica_tells_and_another_one_goes_on_when_it_is_gone(tmp_path: Path) -> None:
    leases = SqlLeases(database_of("agent-runner"), SystemClock())
    async with AsyncExitStack() as stack:
        ground = await GROUNDS["embedded"](tmp_path, "", stack)
        ops = stack.enter_context(receiver())
        told = notification(ops.url)
        one = await stack.enter_async_context(AsyncExitStack())
        first = await one.enter_async_context(running(ground, told, replica="first", leases=leases))
        await begin(first, "e")
        await end(first, "e")
        await recorded(first, DELIVERED)
        other = await stack.enter_async_context(running(ground, told, replica="other", leases=leases))
        for number in range(5):
            await begin(first, f"e{number}")
            await end(first, f"e{number}")
        before = await recorded(other, DELIVERED, count=6)
        assert [event.meta.replica for event in before] == ["first"] * 6
        # As by SIGKILL: its lease has to run out.
        await one.aclose()
        await begin(other, "f")
        await end(other, "f")
        after = await recorded(other, DELIVERED, count=7)
        assert after[-1].meta.replica == "other"
        assert len(ops.taken) == 7


async def test_views_that_are_made_anew_tell_nobody_again(ground: Ground) -> None:
    with receiver(lambda taken, before: Says(500 if taken.document["executionId"] == "bad" else 200)) as ops:
        async with running(ground) as house:
            await apply(house, notification(ops.url))
            for id in ("e", "bad"):
                await begin(house, id)
                await end(house, id)
            await recorded(house, DELIVERED, FAILED, count=2)
            before = await listed(house)
            count = len(ops.taken)
            await house.ingress.service.follower.clear()
            await begin(house, "f")
            await end(house, "f")
            taken = await ops.has(count + 1)
            await recorded(house, DELIVERED, FAILED, count=3)
            assert [one.document["executionId"] for one in taken[count:]] == ["f"]
            assert (await listed(house))[1:] == before
            assert sorted(row["status"] for row in before) == ["delivered", "failed"]


async def test_a_receiver_that_was_down_is_told_when_it_is_up_again(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    await apply(house, notification(f"http://127.0.0.1:{port}/hook", attempts=20))
    await begin(house, "e")
    await end(house, "e")
    async with asyncio.timeout(60):
        while not (rows := await listed(house)) or not rows[0]["attempts"]:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    assert (rows[0]["status"], rows[0]["status_code"]) == ("open", None)
    assert rows[0]["error"].startswith("it cannot be reached")
    with receiver(port=port) as ops:
        await recorded(house, DELIVERED)
        assert len(ops.taken) == 1
    (row,) = await listed(house, status="delivered")
    assert row["attempts"] >= 2


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_what_may_pass_is_tried_again_under_the_same_id(house: House, status: int) -> None:
    with receiver(lambda taken, before: Says(status if before < 2 else 204, body=b"")) as ops:
        await apply(house, notification(ops.url))
        await begin(house, "e")
        await end(house, "e")
        (delivered,) = await recorded(house, DELIVERED)
        assert delivered.msg.attempts == 3  # type: ignore[union-attr]
        assert len({(one.id, one.body) for one in ops.taken}) == 1


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (Says(410), "it answered 410"),
        (Says(404), "it answered 404"),
        (Says(302, {"location": "/elsewhere"}), "it answered 302, and points elsewhere"),
    ],
)
async def test_who_does_not_want_it_is_not_asked_again(house: House, says: Says, why: str) -> None:
    with receiver(lambda taken, before: says) as ops:
        await apply(house, notification(ops.url))
        await begin(house, "e")
        await end(house, "e")
        (failed,) = await recorded(house, FAILED)
        assert [one.path for one in ops.taken] == ["/hook"]
        (row,) = await listed(house, status="failed")
        assert (row["attempts"], row["status_code"], row["error"]) == (1, says.status, why)
        assert failed.meta.origin.cause


async def test_what_was_tried_often_enough_is_given_up(house: House) -> None:
    with receiver(lambda taken, before: Says(503)) as ops:
        await apply(house, notification(ops.url))
        await begin(house, "e")
        await end(house, "e")
        await recorded(house, FAILED)
        (row,) = await listed(house, status="failed")
        assert (row["attempts"], len(ops.taken), row["error"]) == (3, 3, "it answered 503")


async def test_others_are_told_while_one_does_not_answer(house: House) -> None:
    with receiver(lambda taken, before: Says(held=True)) as silent, receiver() as ops:
        slow = notification(silent.url, "agent-start", name="slow")
        await apply(house, slow, notification(ops.url, "agent-start"))
        for number in range(10):
            await begin(house, f"e{number}")
        assert {one.document["executionId"] for one in await ops.has(10)} == {f"e{number}" for number in range(10)}
        # So many at a time of one notification, and no more.
        assert len(await silent.has(4)) == 4
        silent.let_go.set()
        await recorded(house, DELIVERED, count=20)


async def test_of_one_that_fails_so_many_are_under_way_and_others_are_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "MAX_UNDER_WAY", 3)
    later = {"backoff_ms": 3_600_000}
    with receiver(lambda taken, before: Says(503)) as failing, receiver() as ops:
        full = notification(failing.url, "agent-start", name="full", **later)
        await apply(house, full, notification(ops.url, "agent-start"))
        for number in range(10):
            await begin(house, f"e{number}")
        assert {one.document["executionId"] for one in await ops.has(10)} == {f"e{number}" for number in range(10)}
        await recorded(house, DELIVERED, count=10)
        assert {one.document["executionId"] for one in await failing.has(3)} == {"e0", "e1", "e2"}
        assert len(await listed(house, status="open", notification="full")) == 10


async def test_what_nobody_can_make_anything_of_takes_nobodys_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "MAX_UNDER_WAY", 3)
    wanted = NotificationContents.wanted

    async def fail(self: NotificationContents, told: Notification, execution_id: str, event: Recorded) -> Any:
        if execution_id in ("e0", "e1", "e2"):
            raise LookupError("there is no such word")
        return await wanted(self, told, execution_id, event)

    monkeypatch.setattr(NotificationContents, "wanted", fail)
    with receiver() as ops:
        await apply(house, notification(ops.url, "agent-start"))
        for number in range(6):
            await begin(house, f"e{number}")
        assert {one.document["executionId"] for one in await ops.has(3)} == {"e3", "e4", "e5"}


def test_each_tenant_has_its_share_of_what_can_be_under_way_and_each_notification_its_share_of_that() -> None:
    few = [("acme", f"n{number}") for number in range(4)]
    assert set(notifying.places(few).values()) == {notifying.MAX_UNDER_WAY}
    many = [*few, *(("beta", f"n{number}") for number in range(100))]
    shares = notifying.places(many)
    half = notifying.MAX_IN_ALL // 2
    assert {shares[key] for key in few} == {min(notifying.MAX_UNDER_WAY, half // 4)}
    assert shares["beta", "n0"] == half // 100
    assert sum(shares.values()) <= notifying.MAX_IN_ALL
    crowd = notifying.places([(f"t{tenant}", f"n{number}") for tenant in range(100) for number in range(100)])
    assert set(crowd.values()) == {notifying.LEAST}
    assert notifying.places([]) == {}


async def test_an_answer_without_an_end_is_an_answer_and_little_of_it_is_read(house: House) -> None:
    endless = Says(body=b"x" * 1_000_000, headers={"content-length": "100000000"})
    with receiver(lambda taken, before: endless) as ops:
        await apply(house, notification(ops.url))
        await begin(house, "e")
        await end(house, "e")
        await recorded(house, DELIVERED)
        assert len(ops.taken) == 1


async def test_only_what_a_notification_names_is_told(house: House) -> None:
    with receiver() as ops:
        await apply(
            house,
            notification(ops.url, "agent-complete", name="failures", statuses=["failed"]),
            notification(ops.url, "tool-call", name="far", agents=["far"]),
            notification(ops.url, "orchestration-start", name="parties", blueprints=["party"]),
            notification(ops.url, "agent-thinking", name="thoughts", blueprints=["party"]),
        )
        await begin(house, "a")
        await end(house, "a")
        await begin(house, "b", agent="far")
        await end(house, "b", agent="far", fails=True)
        await begin(house, "c", blueprint="party")
        await recorded(house, DELIVERED, count=4)
        told = {(one.document["notification"], one.document["executionId"]) for one in ops.taken}
        assert told == {("failures", "b"), ("far", "b"), ("parties", "c"), ("thoughts", "c")}
        assert len(ops.taken) == 4
        async with asyncio.timeout(30):
            while await listed(house, status="open"):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)  # what turned out to be about nothing is gone


async def test_a_notification_hears_of_nothing_that_was_before_it_or_comes_after_it(house: House) -> None:
    with receiver() as ops:
        await begin(house, "before")
        await apply(house, notification(ops.url, "agent-start"))
        await begin(house, "one")
        await end(house, "one")
        await ops.has(1)
        await apply(house, notification(ops.url, "agent-complete"))
        await begin(house, "two")
        await end(house, "two")
        await ops.has(2)
        await apply(house)
        await begin(house, "three")
        await end(house, "three")
        await apply(house, notification(ops.url, "agent-start"))
        await begin(house, "four")
        await recorded(house, DELIVERED, count=3)
        told = [(one.document["executionId"], one.document["type"]) for one in ops.taken]
        assert told == [("one", "agent-start"), ("two", "agent-complete"), ("four", "agent-start")]


async def test_a_notification_that_is_removed_takes_what_is_open_with_it(house: House) -> None:
    with receiver(lambda taken, before: Says(503)) as ops, receiver() as other:
        await apply(house, notification(ops.url, attempts=20, backoff_ms=1_000), notification(other.url, name="other"))
        await begin(house, "e")
        await end(house, "e")
        await ops.has(1)
        await recorded(house, DELIVERED)
        await apply(house, notification(other.url, name="other"))
        assert [row["notification"] for row in await listed(house)] == ["other"]
        await begin(house, "f")
        await end(house, "f")
        await other.has(2)
        assert {one.document["executionId"] for one in ops.taken} == {"e"}


async def test_a_list_of_many_about_one_event_has_each_on_one_page(house: House) -> None:
    with receiver() as ops:
        await apply(house, *(notification(ops.url, "agent-start", name=f"n{number}") for number in range(5)))
        await begin(house, "e")
        await begin(house, "f")
        await recorded(house, DELIVERED, count=10)
        await house.caught_up()
        seen, cursor = [], None
        while True:
            query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            page = (await house.client.get("/api/v1/notifications", params=query)).json()
            seen += [(item["execution_id"], item["notification"]) for item in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert [id for id, _ in seen] == ["f"] * 5 + ["e"] * 5
        assert len(set(seen)) == 10


@pytest.mark.parametrize("query", [{"status": "lost"}, {"type": "agent-ends"}, {"limit": 0}])
async def test_a_list_of_what_there_is_not_is_refused(house: House, query: dict[str, Any]) -> None:
    assert (await house.client.get("/api/v1/notifications", params=query)).status_code == 422
