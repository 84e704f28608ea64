"""Plans over HTTP: begun, changed, cancelled and read again by those who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reveille.contracts.common.v1.common_pb2 import EventRef, Money
from reveille.contracts.ingress.v1.events_pb2 import Autopilot
from reveille.contracts.planner.v1.queries_pb2 import InputView, StepView
from tests.integration.ingress.plan_house import (
    EXECUTIONS,
    ToldPlanner,
    begin_by_rule,
    contents,
    json_of,
    recorded,
    start,
    stream_of,
    types,
)

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House, Open


@pytest.fixture
def planner() -> ToldPlanner:
    return ToldPlanner()


@pytest.fixture
async def plans(open_house: Open, planner: ToldPlanner) -> House:
    return await open_house(planner=planner)


async def test_a_plan_is_begun_in_one_append_that_one_event_ends(plans: House) -> None:
    told = await start(plans, "p", "jungle theme", "chocolate cake", conversation_id="c-1", parameters={"guests": 75})
    assert (told["execution_id"], told["input_ids"], told["duplicate"]) == ("p", ["i0", "i1"], False)
    assert told["position"] == await plans.head()
    assert await types(plans, "p") == ["ExecutionRequested", "InputAdded", "InputAdded", "InputsChanged"]
    opening, _, _, changed = await recorded(plans, "p")
    assert (opening.blueprint, opening.conversation_id, opening.parameters.data) == ("party", "c-1", b'{"guests":75}')
    assert (changed.blueprint, changed.added, changed.removed) == ("party", 2, 0)
    assert changed.fleet_revision == plans.ingress.fleets.in_force("default").fleet.revision


@pytest.mark.parametrize(
    ("said", "recorded_as"),
    [
        ({}, Autopilot.AUTOPILOT_UNSPECIFIED),
        ({"autopilot": None}, Autopilot.AUTOPILOT_UNSPECIFIED),
        ({"autopilot": "manual"}, Autopilot.AUTOPILOT_MANUAL),
        ({"autopilot": "assisted"}, Autopilot.AUTOPILOT_ASSISTED),
        ({"autopilot": "auto"}, Autopilot.AUTOPILOT_AUTO),
    ],
)
async def test_a_plan_is_begun_with_the_autopilot_that_was_asked_for(
    plans: House, said: dict[str, Any], recorded_as: int
) -> None:
    await start(plans, "p", "jungle theme", **said)
    assert (await recorded(plans, "p"))[0].autopilot == recorded_as


async def test_all_requests_about_a_plan_are_one_correlation_in_the_sender_s_trace(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    await plans.client.delete(f"{EXECUTIONS}/p/inputs/i0", headers={"traceparent": trace})
    events = await plans.store.read_streams({stream_of("p"): -1})
    assert {event.meta.about.correlation for event in events[stream_of("p")]} == {"p"}
    assert events[stream_of("p")][-1].meta.about.trace.split("-")[1] == "a" * 32


async def test_a_prompt_is_a_first_input_and_ids_are_made_where_none_are_given(plans: House) -> None:
    body = {"blueprint": "party", "prompt": "a party", "inputs": [{"content": "with cake"}]}
    told = (await plans.client.post(EXECUTIONS, json=body)).json()
    assert [text for _, text in await contents(plans, told["execution_id"])] == ["a party", "with cake"]
    assert len(set(told["input_ids"])) == 2


async def test_adds_and_removes_of_one_request_are_one_wave(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    body = {"add": [{"input_id": "new", "content": "space theme instead", "tags": ["theme"]}], "remove": ["i0"]}
    answer = await plans.client.patch(f"{EXECUTIONS}/p/inputs", json=body)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["input_ids"], told["removed"]) == (["new"], ["i0"])
    assert (await types(plans, "p"))[3:] == ["InputAdded", "InputRemoved", "InputsChanged"]
    assert answer.headers["etag"] == '"5"'
    assert told["position"] == await plans.head()


async def test_one_input_or_several_are_added(plans: House) -> None:
    await start(plans)
    one = await plans.client.post(f"{EXECUTIONS}/p/inputs", json={"content": "cake"})
    several = await plans.client.post(f"{EXECUTIONS}/p/inputs", json={"inputs": [{"content": "a"}, {"content": "b"}]})
    assert (one.status_code, len(one.json()["input_ids"])) == (202, 1)
    assert (several.status_code, len(several.json()["input_ids"])) == (202, 2)
    assert [text for _, text in await contents(plans, "p")] == ["cake", "a", "b"]


async def test_removing_twice_is_not_found_and_changes_nothing(plans: House) -> None:
    await start(plans, "p", "jungle theme", "cake")
    assert (await plans.client.delete(f"{EXECUTIONS}/p/inputs/i0")).status_code == 202
    head = await plans.head()
    for answer in (
        await plans.client.delete(f"{EXECUTIONS}/p/inputs/i0"),
        await plans.client.patch(f"{EXECUTIONS}/p/inputs", json={"remove": ["i1", "i0"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await plans.head() == head


async def test_an_input_that_was_removed_can_come_again(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    await plans.client.delete(f"{EXECUTIONS}/p/inputs/i0")
    answer = await plans.client.post(f"{EXECUTIONS}/p/inputs", json={"input_id": "i0", "content": "space theme"})
    assert answer.status_code == 202
    (shown,) = (await plans.client.get(f"{EXECUTIONS}/p")).json()["inputs"]
    assert shown["content"] == "space theme"


async def test_an_id_that_is_taken_is_a_conflict(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    head = await plans.head()
    again = await plans.client.post(EXECUTIONS, json={"blueprint": "party", "execution_id": "p"})
    assert (again.status_code, again.json()["code"]) == (409, "already_begun")
    same = await plans.client.post(f"{EXECUTIONS}/p/inputs", json={"input_id": "i0", "content": "other"})
    assert (same.status_code, same.json()["code"]) == (409, "input_exists")
    assert await plans.head() == head


async def test_a_plan_says_that_it_is_being_cancelled_that_it_was_and_why(plans: House, planner: ToldPlanner) -> None:
    await start(plans, "p", "jungle theme")
    planner.say("p")
    assert (await plans.client.get(f"{EXECUTIONS}/p")).json()["detail"] is None
    await plans.client.post(f"{EXECUTIONS}/p/cancel", json={"reason": "it rains"})
    assert (await plans.client.get(f"{EXECUTIONS}/p")).json()["detail"] == "the plan is being cancelled: it rains"
    planner.say("p", status="cancelled")
    assert (await plans.client.get(f"{EXECUTIONS}/p")).json()["detail"] == "the plan was cancelled: it rains"


async def test_a_plan_is_cancelled_once_and_takes_no_inputs_then(plans: House) -> None:
    await start(plans, "p", "jungle theme")
    first = await plans.client.post(f"{EXECUTIONS}/p/cancel", json={"reason": "it rains"})
    assert first.status_code == 202
    assert (await types(plans, "p"))[-2:] == ["CancelRequested", "InputsChanged"]
    again = await plans.client.post(f"{EXECUTIONS}/p/cancel")
    assert (again.status_code, again.json()) == (200, {**first.json(), "duplicate": True})
    for answer in (
        await plans.client.post(f"{EXECUTIONS}/p/inputs", json={"content": "cake"}),
        await plans.client.delete(f"{EXECUTIONS}/p/inputs/i0"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "cancelled")


async def test_who_has_written_sees_it_though_the_planner_has_not_heard_of_it(plans: House) -> None:
    told = await start(plans, "p", "jungle theme", conversation_id="c-1")
    answer = await plans.client.get(f"{EXECUTIONS}/p", params={"wait_for": told["position"]})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    shown = answer.json()
    assert (shown["id"], shown["blueprint"], shown["status"]) == ("p", "party", "planned")
    assert (shown["conversation_id"], shown["settled"], shown["steps"]) == ("c-1", False, [])
    assert (shown["plan"], shown["budget"], shown["facts"]) == (None, None, None)
    (one,) = shown["inputs"]
    assert (one["input_id"], one["content"], one["categories"], one["confidence"]) == ("i0", "jungle theme", None, None)


async def test_what_the_planner_says_is_told_with_what_people_wrote(plans: House, planner: ToldPlanner) -> None:
    await start(plans, "p", "jungle theme")
    ref = EventRef(stream=stream_of("p"), revision=1)
    planner.say(
        "p",
        inputs=[InputView(input_id="i0", categories=["theme"], confidence=0.9, ref=ref)],
        facts=json_of('{"guests": 75}'),
        plan=json_of('{"completion_percent": 20, "budget_summary": {"limit": 800}}'),
        steps=[StepView(name="theme", agent="theme-agent", status="done", money=Money(min=10_000, max=20_050))],
        inputs_revision=2,
        settled=True,
    )
    body = {"content": "chocolate cake", "tags": ["cake", "cake"], "added_by": "Ada", "source_type": "chat"}
    shown = (await plans.client.get(f"{EXECUTIONS}/p")).json()
    assert (shown["settled"], shown["facts"], shown["budget"]) == (True, {"guests": 75}, {"limit": 800})
    assert shown["plan"]["completion_percent"] == 20
    assert shown["steps"][0]["money"] == {"min": 100, "max": 200.5}
    await plans.client.post(f"{EXECUTIONS}/p/inputs", json=body)
    shown = (await plans.client.get(f"{EXECUTIONS}/p")).json()
    first, second = shown["inputs"]
    assert (first["categories"], first["confidence"]) == (["theme"], 0.9)
    assert (second["content"], second["tags"], second["added_by"]) == ("chocolate cake", ["cake"], "Ada")
    assert (second["source_type"], second["categories"], shown["settled"]) == ("chat", None, False)


async def test_a_list_can_be_narrowed_to_a_blueprint(plans: House, planner: ToldPlanner) -> None:
    planner.say("p")
    answer = await plans.client.get(EXECUTIONS, params={"blueprint": "party", "status": "running"})
    assert [item["id"] for item in answer.json()["items"]] == ["p"]
    assert (planner.listed[0].blueprint, planner.listed[0].status) == ("party", "running")


async def test_a_plan_that_a_rule_began_is_adopted_by_its_first_change(plans: House, planner: ToldPlanner) -> None:
    execution_id, trigger_id = await begin_by_rule(plans, planner)
    answer = await plans.client.get(f"{EXECUTIONS}/{execution_id}")
    (first,) = answer.json()["inputs"]
    assert (first["input_id"], first["content"], first["categories"]) == (trigger_id, "a party in June", ["theme"])
    assert answer.headers["etag"] == '"-1"'
    changed = await plans.client.patch(
        f"{EXECUTIONS}/{execution_id}/inputs",
        json={"add": [{"input_id": "own", "content": "in July"}], "remove": [trigger_id]},
        headers={"if-match": '"-1"'},
    )
    assert changed.status_code == 202
    events = await recorded(plans, execution_id)
    names = [type(event).__name__ for event in events]
    assert names == ["ExecutionAdopted", "InputAdded", "InputRemoved", "InputsChanged"]
    assert (events[0].blueprint, events[0].trigger.revision) == ("party", 0)
    shown = (await plans.client.get(f"{EXECUTIONS}/{execution_id}")).json()
    assert [one["input_id"] for one in shown["inputs"]] == ["own"]
    again = await plans.client.delete(f"{EXECUTIONS}/{execution_id}/inputs/{trigger_id}")
    assert again.status_code == 404
    (event, *_) = (await plans.store.read_streams({stream_of(execution_id): -1}))[stream_of(execution_id)]
    assert event.meta.about.correlation == "a-signal"


async def test_a_plan_that_a_rule_began_can_be_cancelled_and_forked(plans: House, planner: ToldPlanner) -> None:
    execution_id, trigger_id = await begin_by_rule(plans, planner)
    forked = (await plans.client.post(f"{EXECUTIONS}/{execution_id}/fork")).json()["execution_id"]
    assert await contents(plans, forked) == [(trigger_id, "a party in June")]
    assert (await plans.client.post(f"{EXECUTIONS}/{execution_id}/cancel")).status_code == 202
    assert await types(plans, execution_id) == ["ExecutionAdopted", "CancelRequested", "InputsChanged"]


async def test_what_only_wakes_an_agent_takes_no_inputs(plans: House, planner: ToldPlanner) -> None:
    planner.say("5d3c8f1e-0000-5000-8000-000000000000", blueprint="")
    url = f"{EXECUTIONS}/5d3c8f1e-0000-5000-8000-000000000000"
    shown = await plans.client.get(url)
    assert (shown.status_code, shown.json()["inputs"], "etag" in shown.headers) == (200, [], False)
    for answer in (
        await plans.client.post(f"{url}/inputs", json={"content": "cake"}),
        await plans.client.post(f"{url}/cancel"),
        await plans.client.post(f"{url}/fork"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_plan")


@pytest.mark.parametrize("execution_id", ["nothing", "..x", "a b", "x" * 101])
async def test_what_is_not_there_is_not_found(plans: House, execution_id: str) -> None:
    url = f"{EXECUTIONS}/{execution_id}"
    for answer in (
        await plans.client.get(url),
        await plans.client.patch(f"{url}/inputs", json={"add": [{"content": "cake"}]}),
        await plans.client.delete(f"{url}/inputs/x"),
        await plans.client.post(f"{url}/cancel"),
        await plans.client.post(f"{url}/fork"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await plans.events("InputsChanged") == []


async def test_without_its_planner_ingress_still_takes_what_is_new(house: House) -> None:
    told = (await house.client.post(EXECUTIONS, json={"blueprint": "party", "execution_id": "p"})).json()
    assert told["execution_id"] == "p"
    assert (await house.client.post(f"{EXECUTIONS}/p/inputs", json={"content": "cake"})).status_code == 202
    assert (await house.client.post(f"{EXECUTIONS}/other/inputs", json={"content": "cake"})).status_code == 503
    assert (await house.client.get(f"{EXECUTIONS}/p", params={"timeout": 0.1})).status_code == 503


async def test_where_there_are_tokens_any_of_them_opens_and_no_other(open_house: Open) -> None:
    house = await open_house(host="10.0.0.1", plan_tokens=(b"old", b"new"))
    for method, path in (
        ("POST", EXECUTIONS),
        ("PATCH", f"{EXECUTIONS}/p/inputs"),
        ("POST", f"{EXECUTIONS}/p/inputs"),
        ("DELETE", f"{EXECUTIONS}/p/inputs/x"),
        ("POST", f"{EXECUTIONS}/p/cancel"),
        ("POST", f"{EXECUTIONS}/p/fork"),
        ("POST", "/api/v1/event-driven/start"),
        ("POST", "/api/v1/event-driven/input"),
        ("DELETE", "/api/v1/event-driven/input/x?party_id=p"),
    ):
        for wrong in ({}, {"authorization": "Bearer olds"}, {"authorization": "Basic old"}):
            answer = await house.client.request(method, path, headers=wrong)
            assert answer.status_code == 401, (method, path)
    for token in ("old", "new"):
        headers = {"authorization": f"Bearer {token}"}
        answer = await house.client.post(EXECUTIONS, json={"blueprint": "party"}, headers=headers)
        assert answer.status_code == 202


async def test_a_page_of_somebody_else_s_cannot_write(plans: House) -> None:
    headers = {"origin": "https://evil.example"}
    answer = await plans.client.post(EXECUTIONS, json={"blueprint": "party"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


async def test_the_description_names_bodies_and_answers(plans: House) -> None:
    paths = (await plans.client.get("/openapi.json")).json()["paths"]
    assert set(paths[EXECUTIONS]) == {"get", "post"}
    assert set(paths[f"{EXECUTIONS}/{{execution_id}}/inputs"]) == {"patch", "post"}
    for path, method in (
        (EXECUTIONS, "post"),
        (f"{EXECUTIONS}/{{execution_id}}/inputs", "patch"),
        (f"{EXECUTIONS}/{{execution_id}}/fork", "post"),
        ("/api/v1/event-driven/start", "post"),
        ("/api/v1/event-driven/input", "post"),
    ):
        described = paths[path][method]
        assert described["requestBody"]["content"]["application/json"]["schema"], path
        assert {"200", "202", "401", "422", "503"} <= set(described["responses"]), path
        assert "position" in described["responses"]["202"]["content"]["application/json"]["schema"]["properties"]
