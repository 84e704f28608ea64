"""Forks: a plan begins with what another one had, at any of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reveille.contracts.ingress.v1.events_pb2 import Autopilot
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted, PlanUpdated
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids
from tests.integration.ingress.plan_house import EXECUTIONS, ToldPlanner, begin_by_rule, contents, recorded

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from tests.integration.ingress.conftest import House, Open


@pytest.fixture
def planner() -> ToldPlanner:
    return ToldPlanner()


@pytest.fixture
async def plans(open_house: Open, planner: ToldPlanner) -> House:
    return await open_house(planner=planner)


async def plans_on(house: House, execution_id: str, *events: Message, expected: int = NO_STREAM) -> None:
    """What the planner appends meanwhile."""
    ids = UuidV7Ids()
    meta = Meta(1_700_000_000_000_000, About(execution_id), replica="planner")
    news = [new_event(ids.new(), event, meta) for event in events]
    await house.store.append([Append(f"default.execution-{execution_id}", expected, news)])


async def sequence_at(house: House, position: int) -> int:
    """The number in the timeline of `p` of the event at a position of the log."""
    await house.caught_up()
    timeline = house.ingress.timeline
    number = 0
    while (found := await timeline.position_of("default", "p", number + 1)) is not None and found <= position:
        number += 1
    return number


async def fork(house: House, **body: Any) -> dict[str, Any]:
    answer = await house.client.post(f"{EXECUTIONS}/p/fork", json=body)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def begin(house: House) -> int:
    """The position at which `p` had the inputs `a` and `b`, before `a` went and `c` came."""
    inputs = [{"input_id": "a", "content": "jungle theme", "tags": ["theme"]}, {"input_id": "b", "content": "cake"}]
    body = {"blueprint": "party", "execution_id": "p", "inputs": inputs, "parameters": {"guests": 20}}
    await house.client.post(EXECUTIONS, json={**body, "conversation_id": "talk"})
    await plans_on(house, "p", ExecutionStarted(execution_id="p", blueprint="party"))
    await plans_on(house, "p", PlanUpdated(execution_id="p", version=1), expected=0)
    position = await house.head()
    change = {"add": [{"input_id": "c", "content": "buffet"}], "remove": ["a"]}
    await house.client.patch(f"{EXECUTIONS}/p/inputs", json=change)
    await plans_on(house, "p", PlanUpdated(execution_id="p", version=2), expected=1)
    return position


async def test_a_fork_has_what_its_plan_has_now(plans: House) -> None:
    await begin(plans)
    told = await fork(plans, execution_id="copy")
    assert (told["execution_id"], told["input_ids"]) == ("copy", ["b", "c"])
    assert await contents(plans, "copy") == [("b", "cake"), ("c", "buffet")]
    forked, *_, changed = await recorded(plans, "copy")
    assert (forked.from_execution, forked.blueprint, forked.conversation_id) == ("p", "party", "talk")
    assert (forked.at.stream, forked.at.revision) == ("default.execution-p", 2)
    assert forked.parameters.data == b'{"guests":20}'
    assert (changed.execution_id, changed.added) == ("copy", 2)


async def test_a_fork_has_what_its_plan_had_at_any_of_its_events(plans: House) -> None:
    position = await begin(plans)
    await fork(plans, execution_id="copy", at=await sequence_at(plans, position))
    assert await contents(plans, "copy") == [("a", "jungle theme"), ("b", "cake")]
    forked, first, *_ = await recorded(plans, "copy")
    assert forked.at.revision == 1
    original = next(event for event in await recorded(plans, "p") if event.DESCRIPTOR.name == "InputAdded")
    assert (first.content, first.digest) == (original.content, original.digest)
    await fork(plans, execution_id="early", at=1)
    assert await contents(plans, "early") == []
    assert not (await recorded(plans, "early"))[0].HasField("at")


async def test_a_fork_can_begin_with_more(plans: House) -> None:
    await begin(plans)
    told = await fork(plans, inputs=[{"content": "a magician"}], conversation_id="other")
    assert [text for _, text in await contents(plans, told["execution_id"])] == ["cake", "buffet", "a magician"]
    assert (await recorded(plans, told["execution_id"]))[0].conversation_id == "other"
    taken = await plans.client.post(
        f"{EXECUTIONS}/p/fork", json={"inputs": [{"input_id": "b", "content": "a magician"}]}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "input_exists")


async def test_a_fork_keeps_its_plan_s_autopilot_or_takes_its_own(plans: House) -> None:
    await plans.client.post(EXECUTIONS, json={"blueprint": "party", "execution_id": "p", "autopilot": "manual"})
    await fork(plans, execution_id="copy")
    await fork(plans, execution_id="own", autopilot="auto")
    answer = await plans.client.post(f"{EXECUTIONS}/own/fork", json={"execution_id": "third"})
    assert answer.status_code == 202
    said = {name: (await recorded(plans, name))[0].autopilot for name in ("p", "copy", "own", "third")}
    assert {name: Autopilot.Name(number) for name, number in said.items()} == {
        "p": "AUTOPILOT_MANUAL",
        "copy": "AUTOPILOT_MANUAL",
        "own": "AUTOPILOT_AUTO",
        "third": "AUTOPILOT_AUTO",
    }


async def test_a_fork_with_an_autopilot_that_there_is_not_is_refused(plans: House) -> None:
    await begin(plans)
    answer = await plans.client.post(f"{EXECUTIONS}/p/fork", json={"autopilot": "pilot"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error == {"path": "autopilot", "message": "it is 'pilot', expected one of manual, assisted, auto"}


async def test_a_fork_and_its_plan_do_not_see_each_other_s_changes(plans: House) -> None:
    await begin(plans)
    await fork(plans, execution_id="copy")
    await plans.client.delete(f"{EXECUTIONS}/copy/inputs/b")
    await plans.client.delete(f"{EXECUTIONS}/p/inputs/c")
    left = {
        name: [one["input_id"] for one in (await plans.client.get(f"{EXECUTIONS}/{name}")).json()["inputs"]]
        for name in ("p", "copy")
    }
    assert left == {"p": ["b"], "copy": ["c"]}


async def test_a_fork_of_a_fork_goes_on(plans: House) -> None:
    await begin(plans)
    await fork(plans, execution_id="copy")
    answer = await plans.client.post(f"{EXECUTIONS}/copy/fork", json={"execution_id": "third"})
    assert answer.status_code == 202
    assert await contents(plans, "third") == [("b", "cake"), ("c", "buffet")]
    assert (await recorded(plans, "third"))[0].parameters.data == b'{"guests":20}'


async def test_a_plan_that_is_cancelled_can_be_forked_and_goes_on_there(plans: House) -> None:
    await begin(plans)
    await plans.client.post(f"{EXECUTIONS}/p/cancel")
    await fork(plans, execution_id="copy")
    assert (await plans.client.post(f"{EXECUTIONS}/copy/inputs", json={"content": "more"})).status_code == 202


async def test_a_plan_that_a_rule_began_is_forked_with_its_first_input(plans: House, planner: ToldPlanner) -> None:
    execution_id, trigger_id = await begin_by_rule(plans, planner)
    await plans.client.patch(f"{EXECUTIONS}/{execution_id}/inputs", json={"remove": [trigger_id]})
    answer = await plans.client.post(f"{EXECUTIONS}/{execution_id}/fork", json={"execution_id": "late"})
    assert answer.status_code == 202
    assert await contents(plans, "late") == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"at": 0}, "at"),
        ({"at": "1"}, "at"),
        ({"at": True}, "at"),
        ({"at": 10_000}, "at"),
        ({"execution_id": "a b"}, "execution_id"),
        ({"inputs": [{"content": ""}]}, "inputs[0].content"),
        ({"blueprint": "party"}, "blueprint"),
    ],
)
async def test_a_fork_that_is_none_is_refused(plans: House, body: dict[str, Any], path: str) -> None:
    await begin(plans)
    await plans.caught_up()
    head = await plans.head()
    answer = await plans.client.post(f"{EXECUTIONS}/p/fork", json=body)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (422, [path])
    assert await plans.head() == head


async def test_a_fork_takes_nobody_s_place(plans: House) -> None:
    await begin(plans)
    answer = await plans.client.post(f"{EXECUTIONS}/p/fork", json={"execution_id": "p"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_begun")
