"""A party's socket: the state, then each event once and in order, whatever happens between the two."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from reveille.adapters.sql_tables import SqlPositions
from reveille.contracts.planner.v1.events_pb2 import StepAdopted, StepCompleted, StepFailed, StepSkipped
from reveille.ingress.adapters.sql.timeline import SqlTimeline
from reveille.ingress.application.news import News
from reveille.ingress.application.timeline import Timeline
from reveille.ingress.domain.access import ALLOWS, Principal, Role
from reveille.ingress.domain.refusals import Missing
from reveille.ingress.entrypoints.http import party_feed
from reveille.ingress.entrypoints.http.doorway import Front
from reveille.ingress.entrypoints.http.gate import NO_LONGER
from reveille.ingress.entrypoints.http.party_socket import PATH, PartySocket
from reveille.ingress.settings import Settings
from reveille.kernel.clock import SystemClock
from reveille.kernel.errors import Transient
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.sealing import seal, seal_json
from reveille.kernel.views import Follower
from tests.unit.databases import database_of
from tests.unit.ingress import plan_events as told
from tests.unit.ingress.opening import Client, Everybody, behind_gate
from tests.unit.ingress.plan_events import Written, write
from tests.unit.log import Log
from tests.unit.running import running
from tests.unit.spec import HERE

# The machine may be busy with other tests.
PATIENCE = 30
HOST = (b"host", b"localhost:3004")


class Statuses:
    """The status of parties; it says at which sequence it was asked. `meanwhile` happens while it is made."""

    def __init__(self) -> None:
        self.parties = {"p"}
        self.meanwhile: list[Callable[[], Awaitable[None]]] = []
        self.fault: Exception | None = None

    async def status(
        self, tenant: str, party_id: str, *, wait_for: int = 0, seconds: float = 5.0
    ) -> tuple[dict[str, Any], str]:
        if self.fault is not None:
            raise self.fault
        if party_id not in self.parties:
            raise Missing("not_found", f"there is no party {party_id}")
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        return {"party_id": party_id, "version": 3}, '"1"'


class House:
    def __init__(self) -> None:
        self.log = Log()
        self.transactions = database_of("ingress")
        self.news, self.statuses, self.rows = News(), Statuses(), SqlTimeline()
        self.follower = Follower(
            [self.rows],
            store=self.log.store,
            transactions=self.transactions,
            positions=SqlPositions(),
            clock=SystemClock(),
            observer=self.news,
        )
        self.timeline = Timeline(
            store=self.log.store,
            follower=self.follower,
            transactions=self.transactions,
            rows=self.rows,
            news=self.news,
        )
        self.socket = self.make_socket()

    def make_socket(
        self, *, slow_seconds: float = PATIENCE, everybody: Everybody | None = None, **settings: Any
    ) -> Front:
        socket = PartySocket(parties=self.statuses, timeline=self.timeline, ids=UuidV7Ids(), slow_seconds=slow_seconds)
        return behind_gate(socket, Settings(tenant="t", embedded=True, **settings), everybody)

    async def tell(self, *events: Written) -> None:
        await write(self.log, *events)

    @asynccontextmanager
    async def client(
        self, query: str = "", *, party: str = "p", headers: Any = (HOST,), socket: Front | None = None
    ) -> AsyncIterator[Client]:
        client = Client()
        scope = {
            "type": "websocket",
            "path": f"{PATH}{party}",
            "query_string": query.encode(),
            "headers": list(headers),
            "client": ("127.0.0.1", 5000),
            "extensions": {"websocket.http.response": {}},
        }
        task = asyncio.create_task((socket or self.socket)(scope, client.receive, client.send))
        client.ended = task  # type: ignore[attr-defined]
        try:
            yield client
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def refused(self, query: str = "", **how: Any) -> tuple[int, dict[str, Any]]:
        async with self.client(query, **how) as client:
            await ended(client)
            assert client.heard_more() == 0
            return client.status, json.loads(client.body)


async def ended(client: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        await client.ended


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.transactions.close)
        await stack.enter_async_context(running(house.follower.run()))
        yield house


BEGUN = [told.requested("p"), told.added("p", "i"), told.started("p"), told.planned("p")]


async def test_the_first_message_is_the_state_and_the_number_it_stands_at(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.client() as client:
        client.say('{"type": "ping"}')
        assert await client.hear() == {
            "type": "state",
            "payload": {"party_id": "p", "version": 3},
            "party_id": "p",
            "sequence": 4,
            "version": 3,
        }
        assert await client.hear() == {"type": "pong"}


async def test_what_happens_is_told_as_it_comes(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.client() as client:
        await client.hear()
        await house.tell(told.ready("p"), told.ran("p"), told.done("p"), told.counted("p"), told.updated("p", 4))
        heard = await client.hear_all(5)
    assert [(one["type"], one.get("agent"), one["sequence"], one["version"]) for one in heard] == [
        ("agent_should_execute", "theme_agent", 5, 0),
        ("agent_started", "theme_agent", 6, 0),
        ("agent_completed", "theme_agent", 7, 0),
        ("budget_updated", None, 8, 0),
        ("plan_updated", None, 9, 4),
    ]
    assert heard[2]["result"] == {"summary": "jungle"}
    assert heard[3]["payload"] == {
        "total_budget": {"min": 500, "max": 800.5},
        "by_step": {"venue": {"min": 500, "max": 800.5}},
        "limit": 800,
        "over_by": 0.5,
        "over_at_least": 0,
        "driver": "venue",
    }
    assert heard[4]["payload"] == {"completion_percent": 25, "next_steps": ["choose a venue"]}
    assert {key: heard[4][key] for key in ("party_id", "correlation_id")} == {
        "party_id": "p",
        "correlation_id": HERE.correlation,
    }


async def test_all_that_has_happened_is_told_to_who_asks_for_it_from_the_beginning(house: House) -> None:
    await house.tell(*BEGUN, told.removed("p", "i"), told.gone("p"))
    async with house.client("after=0") as client:
        heard = await client.hear_all(3)
    assert [(one["type"], one["sequence"]) for one in heard] == [
        ("input_added", 2),
        ("input_removed", 5),
        ("agent_data_removed", 6),
    ]
    assert heard[0]["payload"] == {
        "input_id": "i",
        "content": "jungle",
        "source_type": "text",
        "tags": [],
        "added_by": "ada",
    }
    assert (heard[2]["agent"], heard[2]["payload"]["reason"]) == ("theme_agent", "no input needs it")


async def test_who_comes_back_goes_on_behind_the_last_that_he_has_heard(house: House) -> None:
    await house.tell(*BEGUN, told.updated("p", 7), told.ready("p"), told.done("p"))
    async with house.client("after=5") as client:
        heard = await client.hear_all(2)
        await house.tell(told.updated("p", 8))
        heard.append(await client.hear())
    assert [(one["sequence"], one["version"]) for one in heard] == [(6, 7), (7, 7), (8, 8)]


async def test_failures_and_what_a_fork_brings_are_told_too(house: House) -> None:
    failed = StepFailed(execution_id="p", step="theme", attempt=3, reason="error", error=seal(b"no idea"))
    skipped = StepSkipped(execution_id="p", step="venue", reason="theme has failed")
    done = StepCompleted(execution_id="p", step="cake", result=seal_json({"style": "round"}))
    await house.tell(*BEGUN, told.planned("p", "venue", "venue-agent"), told.planned("p", "cake", "cake-agent"))
    await house.tell(*(told.of("p", one) for one in (failed, skipped, StepAdopted(completed=done))))
    async with house.client("after=6") as client:
        first, second, third = await client.hear_all(3)
    assert (first["type"], first["agent"], first["payload"]["error"]) == ("agent_failed", "theme_agent", "no idea")
    assert (second["type"], second["agent"]) == ("agent_failed", "venue_agent")
    assert second["payload"] == {"step": "venue", "reason": "theme has failed", "error": None, "skipped": True}
    assert (third["type"], third["agent"], third["result"]) == ("agent_completed", "cake_agent", {"style": "round"})
    assert third["payload"]["how"] == "adopted"


async def test_a_result_that_is_right_again_is_told_with_the_result(house: House) -> None:
    await house.tell(*BEGUN, told.done("p", theme="jungle"), told.done("p", "venue", name="barn"))
    await house.tell(told.invalidated("p"), told.restored("p"))
    async with house.client("after=6") as client:
        heard = await client.hear()
    assert (heard["type"], heard["agent"], heard["result"], heard["payload"]["how"], heard["sequence"]) == (
        "agent_completed",
        "theme_agent",
        {"theme": "jungle"},
        "restored",
        8,
    )


async def test_what_happens_while_the_state_is_made_is_in_it_or_told_behind_it(house: House) -> None:
    """No hole and no double: the state stands at a number, and what follows begins at the next."""
    await house.tell(*BEGUN)
    count = 0

    async def add() -> None:
        nonlocal count
        count += 1
        await house.tell(told.added("p", f"j{count}"))

    house.statuses.meanwhile = [add, add]
    async with house.client() as client:
        state = await client.hear()
        assert state["sequence"] == 6
        await add()
        assert (await client.hear())["sequence"] == 7
        assert client.heard_more() == 0


async def test_a_plan_that_never_rests_has_no_hole_behind_its_state(house: House) -> None:
    await house.tell(*BEGUN)

    async def add() -> None:
        await house.tell(told.added("p", "j"))

    house.statuses.meanwhile = [add] * 50
    async with house.client() as client:
        state = await client.hear()
        behind = await client.hear()
    assert behind["sequence"] == state["sequence"] + 1


async def test_each_event_is_told_once_to_everybody_wherever_he_begins(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some begin with the state, some far back, some join those who are already there; few messages are kept."""
    monkeypatch.setattr(party_feed, "KEPT", 5)
    monkeypatch.setattr(party_feed, "PAGE", 7)
    await house.tell(*BEGUN, *(told.added("p", f"i{number}") for number in range(40)))
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(house.client())
        await first.hear()
        others = [await stack.enter_async_context(house.client(f"after={after}")) for after in (0, 3, 30, 43, 44, 17)]
        for number in range(40):
            await house.tell(told.removed("p", f"i{number}"))
        expected = list(range(45, 85))
        assert [one["sequence"] for one in await first.hear_all(40)] == expected
        for client, after in zip(others, (0, 3, 30, 43, 44, 17), strict=True):
            # Number 1 is the request, 3 and 4 are the planner's: nothing is said of them.
            old = [number for number in range(after + 1, 45) if number not in (1, 3, 4)]
            heard = [one["sequence"] for one in await client.hear_all(len(old) + 40)]
            assert heard == old + expected
            assert client.heard_more() == 0


async def test_who_comes_later_does_not_wait_for_one_who_does_not_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(party_feed, "PAGE", 7)
    await house.tell(*BEGUN)
    async with house.client() as slow, house.client() as quick:
        await slow.hear()
        await quick.hear()
        quick.hang_up()
        await ended(quick)
        slow.reads.clear()
        await house.tell(*(told.added("p", f"i{number}") for number in range(40)))
        async with house.client() as late:
            assert (await late.hear())["sequence"] == 44
            await house.tell(told.removed("p", "i1"))
            assert (await late.hear())["sequence"] == 45
        slow.reads.set()
        assert [one["sequence"] for one in await slow.hear_all(41)] == list(range(5, 46))


async def test_what_happens_in_other_plans_is_not_told(house: House) -> None:
    await house.tell(*BEGUN, told.requested("q"))
    async with house.client() as client:
        await client.hear()
        await house.tell(told.added("q", "i"), *told.wake("w"), told.added("p", "j"))
        heard = await client.hear()
        assert (heard["party_id"], heard["payload"]["input_id"], client.heard_more()) == ("p", "j", 0)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("junk", "malformed_json"),
        ("[1]", "not_an_object"),
        ('{"type": "dance"}', "unknown_type"),
        ("{}", "unknown_type"),
        ("[" * 10_000, "malformed_json"),
        ('"' + "x" * 20_000 + '"', "too_large"),
    ],
    ids=lambda text: text[:20],
)
async def test_junk_is_answered_and_the_socket_lives_on(house: House, said: str, code: str) -> None:
    await house.tell(*BEGUN)
    async with house.client() as client:
        await client.hear()
        client.say(said)
        answer = await client.hear()
        assert (answer["type"], answer["code"]) == ("error", code)
        client.say_bytes()
        assert (await client.hear())["code"] == "not_a_text"
        client.say('{"type": "ping"}')
        assert await client.hear() == {"type": "pong"}


async def test_who_does_not_read_is_told_to_come_again_and_from_where(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.client(socket=house.make_socket(slow_seconds=0.05)) as client:
        await client.hear()
        await house.tell(told.added("p", "j"))
        await client.hear()
        client.reads.clear()
        await house.tell(told.added("p", "k"))
        await ended(client)
        assert client.closed == (1013, "too slow; go on with ?after=5")
    async with house.client("after=5") as again:
        assert (await again.hear())["payload"]["input_id"] == "k"


async def test_a_platform_that_stops_says_so_and_where_to_go_on(house: House) -> None:
    await house.tell(*BEGUN)
    async with house.client() as client:
        await client.hear()
        house.news.leave()
        await ended(client)
        assert client.closed == (1012, "the platform restarts; go on with ?after=4")
    async with house.client() as late:
        await ended(late)
        assert late.closed is not None
        assert late.closed[0] == 1012


async def test_who_hangs_up_is_forgotten(house: House) -> None:
    await house.tell(*BEGUN)
    assert not house.news.is_waiting()
    async with house.client() as client:
        await client.hear()
        assert house.news.is_waiting()
        client.hang_up()
        await ended(client)
        assert (client.closed, house.news.is_waiting()) == (None, False)


async def test_who_is_refused_hears_it_before_the_upgrade(house: House) -> None:
    await house.tell(*BEGUN)
    status, problem = await house.refused(party="nobody")
    assert (status, problem["detail"]) == (404, "there is no party nobody")
    status, problem = await house.refused("after=5")
    assert (status, problem["errors"]) == (
        422,
        [{"path": "after", "message": "it is 5, expected at most 4, the last event of the party"}],
    )
    for wrong in ("after=x", "after=", "after=-1", "after=%C2%B2"):
        assert (await house.refused(wrong))[0] == 422
    house.statuses.fault = Transient("planner cannot answer now")
    status, problem = await house.refused()
    assert (status, problem["detail"]) == (503, "planner cannot answer now")


async def test_a_page_of_another_site_opens_no_socket_on_loopback(house: House) -> None:
    await house.tell(*BEGUN)
    foreign = (HOST, (b"origin", b"https://evil.example"))
    assert (await house.refused(headers=foreign))[1]["code"] == "foreign_origin"
    assert (await house.refused(headers=[(b"host", b"evil.example")]))[1]["code"] == "foreign_host"


async def test_only_who_may_read_opens_it_and_only_as_long_as_he_may(house: House) -> None:
    await house.tell(*BEGUN)
    source = Everybody(Principal(name="s", tenant="t", permissions=ALLOWS[Role.SOURCE]))
    status, problem = await house.refused(socket=house.make_socket(everybody=source))
    assert (status, problem["code"]) == (403, "not_allowed")
    viewer = Everybody(Principal(name="v", tenant="t", permissions=ALLOWS[Role.VIEWER]))
    async with house.client(socket=house.make_socket(everybody=viewer), headers=[(b"host", b"any.example")]) as client:
        assert (await client.hear())["type"] == "state"
        viewer.leave()
        await ended(client)
        assert client.closed == NO_LONGER


async def test_more_sockets_than_may_be_open_are_told_to_come_later(house: House) -> None:
    await house.tell(*BEGUN)
    socket = house.make_socket(max_in_flight=1)
    async with house.client(socket=socket) as client:
        await client.hear()
        assert (await house.refused(socket=socket))[0] == 429
    async with house.client(socket=socket) as next_one:
        assert (await next_one.hear())["type"] == "state"
