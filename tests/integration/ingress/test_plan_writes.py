"""Writing to plans more than once, at once, and on what somebody has seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep
from reveille.ingress.application.inputs import Done, Inputs, Sent
from reveille.ingress.application.plan_streams import PlanStreams
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.domain.plan_fields import WantedInput
from reveille.ingress.domain.plan_requests import Changes
from reveille.ingress.domain.refusals import NoExecution
from reveille.kernel.clock import SystemClock
from reveille.kernel.ids import UuidV7Ids
from tests.integration.ingress.plan_house import EXECUTIONS, ToldPlanner, contents, start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from reveille.contracts.planner.v1.queries_pb2 import ExecutionView
    from reveille.kernel.event_store import Append, Appended, Conflict, EventStore
    from tests.integration.ingress.conftest import House, Open


@pytest.fixture
async def plans(open_house: Open) -> House:
    return await open_house(planner=ToldPlanner())


async def test_who_has_seen_another_revision_changes_nothing(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    etag = (await plans.client.get(f"{EXECUTIONS}/p")).headers["etag"]
    assert etag == '"2"'
    add, seen = {"content": "cake"}, {"if-match": etag}
    assert (await plans.client.post(f"{EXECUTIONS}/p/inputs", json=add, headers=seen)).status_code == 202
    head = await plans.head()
    client = plans.client
    for answer in (
        await client.post(f"{EXECUTIONS}/p/inputs", json=add, headers=seen),
        await client.patch(f"{EXECUTIONS}/p/inputs", json={"remove": ["i0"]}, headers=seen),
        await client.delete(f"{EXECUTIONS}/p/inputs/i0", headers=seen),
        await client.post(f"{EXECUTIONS}/p/cancel", headers=seen),
        await client.post(f"{EXECUTIONS}/p/fork", headers=seen),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "inputs_moved")
    assert await plans.head() == head
    for value in ("*", '"4"', '"2", "4"', "4"):
        answer = await client.post(f"{EXECUTIONS}/p/fork", headers={"if-match": value})
        assert answer.status_code == 202, value


@pytest.mark.parametrize("value", ['W/"2"', "abc", '"x"', '"2" "3"'])
async def test_a_tag_that_is_no_revision_is_refused(plans: House, value: str) -> None:
    await start(plans, "p", "jungle theme")
    answer = await plans.client.delete(f"{EXECUTIONS}/p/inputs/i0", headers={"if-match": value})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_if_match")


async def test_of_many_who_saw_the_same_revision_one_succeeds(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    requests = (
        plans.client.post(f"{EXECUTIONS}/p/inputs", json={"content": f"c {n}"}, headers={"if-match": '"2"'})
        for n in range(8)
    )
    answers = await asyncio.gather(*requests)
    assert sorted(answer.status_code for answer in answers) == [202] + [412] * 7


async def test_many_at_once_all_succeed_where_they_name_no_revision(plans: House) -> None:
    await start(plans)
    answers = await asyncio.gather(
        *(plans.client.post(f"{EXECUTIONS}/p/inputs", json={"content": f"wish {n}"}) for n in range(40))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert {text for _, text in await contents(plans, "p")} == {f"wish {n}" for n in range(40)}
    assert len({answer.json()["position"] for answer in answers}) == 40


async def test_the_same_request_again_has_the_same_answer_and_no_second_effect(plans: House) -> None:
    key = {"idempotency-key": "k-1"}
    body = {"blueprint": "party", "inputs": [{"content": "jungle theme"}]}
    first = await plans.client.post(EXECUTIONS, json=body, headers=key)
    head = await plans.head()
    again = await plans.client.post(EXECUTIONS, json=body, headers=key)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {**first.json(), "duplicate": True}
    assert again.headers["etag"] == first.headers["etag"]
    other = await plans.client.post(EXECUTIONS, json={"blueprint": "party"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await plans.head() == head


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/inputs", {"add": [{"content": "cake"}], "remove": ["i0"]}),
        ("POST", "/inputs", {"content": "cake"}),
        ("DELETE", "/inputs/i0", None),
        ("POST", "/cancel", {"reason": "rain"}),
        ("POST", "/fork", {}),
        ("POST", "/fork", {"execution_id": "copy"}),
    ],
)
async def test_every_write_can_be_sent_again(plans: House, method: str, path: str, body: Any) -> None:
    await start(plans, "p", "jungle theme")
    headers = {"idempotency-key": "k-2", "if-match": '"2"'}
    url = f"{EXECUTIONS}/p{path}"
    first = await plans.client.request(method, url, json=body, headers=headers)
    head = await plans.head()
    again = await plans.client.request(method, url, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {**first.json(), "duplicate": True}
    assert await plans.head() == head


async def test_a_key_is_kept_only_as_what_nobody_can_read_it_from(plans: House) -> None:
    await plans.client.post(EXECUTIONS, json={"blueprint": "party"}, headers={"idempotency-key": "my-secret-key"})
    for event in await plans.events():
        assert b"my-secret-key" not in event.data
    (changed,) = await plans.events("InputsChanged")
    assert len(changed.msg.request_key) == 32  # type: ignore[union-attr]


async def test_many_with_the_same_key_at_once_have_one_effect(plans: House) -> None:
    body = {"blueprint": "party", "inputs": [{"content": "jungle theme"}]}
    answers = await asyncio.gather(
        *(plans.client.post(EXECUTIONS, json=body, headers={"idempotency-key": "k"}) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [202]
    assert len({answer.json()["position"] for answer in answers}) == 1
    assert len(await plans.events("InputsChanged")) == 1


class Overtaken:
    """A log to which one of `others` writes each time before what is appended here."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.others: list[Callable[[], Awaitable[Done]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        if self.others:
            await self.others.pop(0)()
        return await self._store.append(batch)


def replica(house: House, store: EventStore | Overtaken | None = None) -> Inputs:
    """Another one of ingress on the same log, with the same key. store: how it reaches the log."""
    return Inputs(
        store=cast("EventStore", store or house.store),
        streams=PlanStreams(house.store),
        fleets=house.ingress.fleets,
        clock=SystemClock(),
        ids=UuidV7Ids(),
        replica="other",
        key=house.ingress.key,
    )


async def nobody(execution_id: str) -> ExecutionView:
    raise NoExecution(execution_id)


async def test_replicas_that_write_at_once_lose_nothing_and_know_each_other_s_requests(plans: House) -> None:
    await start(plans)
    replicas = [replica(plans) for _ in range(3)]

    async def add(number: int) -> Done:
        changes = Changes(add=(WantedInput(text=f"wish {number}"),))
        sent = Sent(asks=["add", number], key=f"k-{number // 2}-{number % 2}")
        return await replicas[number % 3].change("default", "p", changes, sent, ask=nobody)

    done = await asyncio.gather(*(add(number) for number in range(30)))
    assert all(one.new for one in done)
    assert sorted(text for _, text in await contents(plans, "p")) == sorted(f"wish {number}" for number in range(30))
    head = await plans.head()
    changes = Changes(add=(WantedInput(text="wish 3"),))
    again = await replicas[2].change("default", "p", changes, Sent(asks=["add", 3], key="k-1-1"), ask=nobody)
    assert (again.new, again.position, again.added) == (False, done[3].position, done[3].added)
    assert await plans.head() == head


async def test_a_replica_that_others_overtake_all_the_time_goes_on_when_they_are_done(plans: House) -> None:
    await start(plans)
    others, store = 40, Overtaken(plans.store)
    quicker, slower = replica(plans), replica(plans, store)

    async def add(through: Inputs, number: int) -> Done:
        changes = Changes(add=(WantedInput(text=f"wish {number}"),))
        return await through.change("default", "p", changes, Sent(asks=["add", number]), ask=nobody)

    store.others = [partial(add, quicker, number) for number in range(others)]
    assert (await add(slower, others)).new
    assert [text for _, text in await contents(plans, "p")] == [f"wish {number}" for number in range(others + 1)]


async def test_a_plan_whose_blueprint_has_left_the_fleet_goes_on_by_the_fleet_it_had(plans: House) -> None:
    fleet = plans.ingress.fleets.in_force("default").fleet
    theirs = Blueprint(name="theirs", steps=[BlueprintStep(name="s", agent="theme-agent", always=True)])
    wanted = WantedFleet(
        tenant="default",
        agents=list(fleet.agents.values()),
        rules=list(fleet.rules.values()),
        limits=fleet.limits,
        blueprints=list(fleet.blueprints.values()),
    )
    await plans.ingress.fleets.apply(replace(wanted, blueprints=[*wanted.blueprints, theirs]))
    then = plans.ingress.fleets.in_force("default").fleet.revision
    await plans.client.post(EXECUTIONS, json={"blueprint": "theirs", "execution_id": "p"})
    await plans.ingress.fleets.apply(wanted)
    assert (await plans.client.post(EXECUTIONS, json={"blueprint": "theirs"})).status_code == 404
    assert (await plans.client.post(f"{EXECUTIONS}/p/fork")).status_code == 404
    assert (await plans.client.post(f"{EXECUTIONS}/p/inputs", json={"content": "cake"})).status_code == 202
    changed = [event.msg for event in await plans.events("InputsChanged")]
    assert [one.fleet_revision for one in changed] == [then, then]  # type: ignore[union-attr]
