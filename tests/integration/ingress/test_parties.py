"""Parties: thin views of the executions of one blueprint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from reveille.contracts.planner.v1.queries_pb2 import InputView, StepView
from tests.integration.ingress.plan_house import (
    EXECUTIONS,
    PARTIES,
    ToldPlanner,
    begin_by_rule,
    contents,
    json_of,
    types,
)

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open

INPUT = {"input_id": "i0", "content": "jungle theme", "source_type": "chat", "tags": ["theme"], "added_by": "Ada"}
# As the planner tells it.
PLAN: Final = {
    "completion_percent": 20,
    "active_agents": ["theme-agent"],
    "missing_agents": ["cake-agent"],
    "budget_summary": {"total_budget": {"min": 1, "max": 2}},
}


@pytest.fixture
def planner() -> ToldPlanner:
    return ToldPlanner()


@pytest.fixture
async def house(open_house: Open, planner: ToldPlanner) -> House:
    return await open_house(planner=planner)


async def start(house: House, party_id: str = "p", **headers: str) -> dict[str, Any]:
    body = {"party_id": party_id, "inputs": [INPUT]}
    answer = await house.client.post(f"{PARTIES}/start", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def status(house: House, party_id: str = "p", **params: Any) -> dict[str, Any]:
    answer = await house.client.get(f"{PARTIES}/status/{party_id}", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_party_is_an_execution_of_its_blueprint(house: House) -> None:
    told = await start(house)
    assert (told["party_id"], told["position"]) == ("p", await house.head())
    shown = (await house.client.get(f"{EXECUTIONS}/p")).json()
    assert (shown["blueprint"], shown["inputs"][0]["content"]) == ("party", "jungle theme")
    assert (await house.client.post(f"{EXECUTIONS}/p/inputs", json={"content": "cake"})).status_code == 202
    assert len((await status(house))["inputs"]) == 2


async def test_a_party_without_an_id_gets_one(house: House) -> None:
    first = (await house.client.post(f"{PARTIES}/start", json={"inputs": []})).json()
    second = (await house.client.post(f"{PARTIES}/start", json={"inputs": []})).json()
    assert first["party_id"] != second["party_id"]
    assert (await status(house, first["party_id"]))["inputs"] == []


async def test_the_same_party_twice_is_a_conflict(house: House) -> None:
    await start(house)
    answer = await house.client.post(f"{PARTIES}/start", json={"party_id": "p", "inputs": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_begun")


async def test_inputs_come_and_go(house: House) -> None:
    await start(house)
    added = await house.client.post(f"{PARTIES}/input", json={"party_id": "p", "content": "chocolate cake"})
    assert (added.status_code, set(added.json())) == (202, {"input_id", "position", "duplicate"})
    url = f"{PARTIES}/input/{added.json()['input_id']}"
    removed = await house.client.delete(url, params={"party_id": "p"})
    assert (removed.status_code, removed.json()["input_id"]) == (202, added.json()["input_id"])
    assert removed.json()["position"] == await house.head()
    again = await house.client.delete(url, params={"party_id": "p"})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert [one["content"] for one in (await status(house))["inputs"]] == ["jungle theme"]


async def test_the_etag_of_the_status_guards_writes(house: House) -> None:
    await start(house)
    etag = (await house.client.get(f"{PARTIES}/status/p")).headers["etag"]
    body, seen = {"party_id": "p", "content": "cake"}, {"if-match": etag}
    assert (await house.client.post(f"{PARTIES}/input", json=body, headers=seen)).status_code == 202
    head = await house.head()
    for answer in (
        await house.client.post(f"{PARTIES}/input", json=body, headers=seen),
        await house.client.delete(f"{PARTIES}/input/i0", params={"party_id": "p"}, headers=seen),
    ):
        assert (answer.status_code, answer.json()["code"]) == (412, "inputs_moved")
    assert await house.head() == head


async def test_each_request_can_be_sent_again(house: House) -> None:
    key = {"idempotency-key": "k"}
    first = await start(house, **key)
    again = await house.client.post(f"{PARTIES}/start", json={"party_id": "p", "inputs": [INPUT]}, headers=key)
    assert (again.status_code, again.json()) == (200, {**first, "duplicate": True})
    other = await house.client.post(f"{PARTIES}/start", json={"party_id": "p", "inputs": []}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    for method, url, body in (
        ("POST", f"{PARTIES}/input", {"party_id": "p", "content": "cake"}),
        ("DELETE", f"{PARTIES}/input/i0?party_id=p", None),
    ):
        headers = {"idempotency-key": method}
        done = await house.client.request(method, url, json=body, headers=headers)
        again = await house.client.request(method, url, json=body, headers=headers)
        assert (done.status_code, again.status_code) == (202, 200)
        assert again.json() == {**done.json(), "duplicate": True}
    assert await contents(house, "p") == [("i0", "jungle theme"), (await contents(house, "p"))[1]]


async def test_a_status_is_there_at_once(house: House) -> None:
    told = await start(house)
    shown = await status(house, wait_for=told["position"])
    assert (shown["party_id"], shown["status"], shown["version"]) == ("p", "planning", 0)
    assert (shown["agent_results"], shown["budget"], shown["final_plan"]) == ({}, None, None)
    assert (shown["settled"], shown["detail"]) == (False, None)
    (one,) = shown["inputs"]
    assert {name: one[name] for name in INPUT} == INPUT
    assert one["categories"] is None


async def test_a_status_has_the_results_of_the_steps_that_are_in_the_plan(house: House, planner: ToldPlanner) -> None:
    await start(house)
    done = StepView(
        name="theme",
        agent="theme-agent",
        status="done",
        result=json_of('{"summary": "jungle", "confidence": 0.8}'),
    )
    done.ended_at.FromMicroseconds(1_700_000_000_000_000)
    planner.say(
        "p",
        status="completed",
        steps=[
            done,
            StepView(name="venue", agent="venue-agent", status="running"),
            StepView(name="cake", agent="cake-agent", status="removed"),
            StepView(name="classify:2", agent="input-classifier", status="done"),
        ],
        inputs=[InputView(input_id="i0", categories=["theme"], confidence=1.0)],
        plan=json_of(json.dumps(PLAN)),
        facts=json_of('{"guests": 75}'),
        inputs_revision=2,
        plan_version=7,
        settled=True,
    )
    shown = await status(house)
    assert (shown["status"], shown["version"], shown["settled"]) == ("completed", 7, True)
    assert set(shown["agent_results"]) == {"theme_agent", "venue_agent"}
    theme, venue = shown["agent_results"]["theme_agent"], shown["agent_results"]["venue_agent"]
    assert (theme["status"], theme["result"]["summary"], theme["confidence"]) == ("done", "jungle", 0.8)
    assert theme["ran_at"] == "2023-11-14T22:13:20.000Z"
    assert (venue["status"], venue["result"], venue["confidence"]) == ("running", None, None)
    assert shown["final_plan"] == {**PLAN, "active_agents": ["theme_agent"], "missing_agents": ["cake_agent"]}
    assert shown["budget"] == {"total_budget": {"min": 1, "max": 2}}
    assert shown["facts"] == {"guests": 75}


async def test_a_plan_that_is_asked_for_more_is_complete_no_longer(house: House, planner: ToldPlanner) -> None:
    await start(house)
    planner.say("p", status="completed", inputs_revision=2, settled=True)
    await house.client.post(f"{PARTIES}/input", json={"party_id": "p", "content": "cake"})
    shown = await status(house)
    assert (shown["status"], shown["settled"]) == ("planning", False)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("planned", "planning"),
        ("running", "planning"),
        ("waiting", "planning"),
        ("completed", "completed"),
        ("failed", "failed"),
        ("cancelled", "failed"),
    ],
)
async def test_the_planner_s_words_become_the_party_s(house: House, planner: ToldPlanner, said: str, told: str) -> None:
    await start(house)
    planner.say("p", status=said, inputs_revision=2)
    shown = await status(house)
    assert shown["status"] == told
    assert (shown["detail"] is not None) == (said == "cancelled")


async def test_a_cancelled_party_says_why(house: House, planner: ToldPlanner) -> None:
    await start(house)
    await house.client.post(f"{EXECUTIONS}/p/cancel", json={"reason": "it rains"})
    planner.say("p", status="cancelled")
    assert (await status(house))["detail"] == "the plan was cancelled: it rains"


async def test_several_steps_of_one_agent_are_told_apart(house: House, planner: ToldPlanner) -> None:
    await start(house)
    steps = [StepView(name=f"theme {n}", agent="theme-agent", status="done") for n in (1, 2)]
    planner.say("p", steps=steps)
    assert set((await status(house))["agent_results"]) == {"theme_agent:theme 1", "theme_agent:theme 2"}


async def test_a_party_that_a_rule_began_is_one(house: House, planner: ToldPlanner) -> None:
    execution_id, trigger_id = await begin_by_rule(house, planner)
    assert [one["input_id"] for one in (await status(house, execution_id))["inputs"]] == [trigger_id]
    answer = await house.client.delete(f"{PARTIES}/input/{trigger_id}", params={"party_id": execution_id})
    assert answer.status_code == 202
    assert await types(house, execution_id) == ["ExecutionAdopted", "InputRemoved", "InputsChanged"]


async def test_what_is_no_party_is_not_found(house: House, planner: ToldPlanner) -> None:
    planner.say("wake", blueprint="")
    planner.say("other", blueprint="film-scene", inputs_revision=-1)
    for party_id in ("nobody", "wake", "a b", "x" * 101):
        answer = await house.client.get(f"{PARTIES}/status/{party_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), party_id
    for party_id in ("nobody", "wake", "other", "a b"):
        answer = await house.client.post(f"{PARTIES}/input", json={"party_id": party_id, "content": "cake"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert "party" in answer.json()["detail"]
        answer = await house.client.delete(f"{PARTIES}/input/i0", params={"party_id": party_id})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "inputs"),
        ({"inputs": "cake"}, "inputs"),
        ({"inputs": [{"content": ""}]}, "inputs[0].content"),
        ({"party_id": "a b", "inputs": []}, "party_id"),
        ({"party_id": 7, "inputs": []}, "party_id"),
        ({"party_id": "5d3c8f1e-0000-5000-8000-00000000000a", "inputs": []}, "party_id"),
        ({"inputs": [], "blueprint": "party"}, "blueprint"),
    ],
)
async def test_a_party_that_is_none_is_refused(house: House, body: dict[str, Any], path: str) -> None:
    answer = await house.client.post(f"{PARTIES}/start", json=body)
    assert (answer.status_code, [error["path"] for error in answer.json()["errors"]]) == (422, [path])
    assert await house.events("InputsChanged") == []


async def test_an_input_belongs_to_a_party(house: House) -> None:
    answer = await house.client.post(f"{PARTIES}/input", json={"content": "cake"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "party_id")
    assert (await house.client.delete(f"{PARTIES}/input/i0")).status_code == 422
