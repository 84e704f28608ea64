"""The live events of executions, over HTTP: lists with filters, one event whole, and figures."""

import json
from typing import Any

from reveille.contracts.agent_runner.v1.events_pb2 import ToolReturned
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted
from tests.integration.ingress.conftest import House
from tests.integration.ingress.test_history import get, refused, tell
from tests.unit.ingress import live_events as log
from tests.unit.ingress import plan_events
from tests.unit.ingress.live_events import execution
from tests.unit.ingress.plan_events import Written

LARGE = {"text": "x" * 20_000}
SCENE: list[Written] = [
    *log.asked("p", "a storm at sea", conversation="talk"),
    *plan_events.analyzed("p", blueprint="film-scene"),
    *log.begun("p", departments=["camera"], conversation="talk", tenant="default"),
    log.department("p"),
    log.drafting("p", "camera/lens", "lens", "camera", 1),
    log.ran("p", "camera/lens", "lens"),
    log.thought("p", "wide", "camera/lens"),
    log.came_to("p", LARGE, "camera/lens", tokens=70),
    log.completed("p", LARGE, "camera/lens"),
    log.checked("p", 80, passed=True),
    log.reviewed("p", "approved", "good"),
    log.department_done("p", "camera", ("lens", "camera/lens", 80)),
    execution("p", ExecutionCompleted(execution_id="p", tokens_used=70, living=True)),
]
WAKE: list[Written] = [
    *log.woken("w"),
    log.ready("w"),
    log.ran("w"),
    log.called("w"),
    log.returned("w", {"hits": 2}),
    log.came_to("w", {"summary": "fine"}),
    log.completed("w", {"summary": "fine"}),
    execution("w", ExecutionCompleted(execution_id="w", tokens_used=10)),
]
TOLD = [
    "orchestration-start",
    "department-start",
    "agent-start",
    "agent-thinking",
    "agent-complete",
    "quality-check",
    "review-status",
    "department-complete",
    "orchestration-complete",
]


async def begin(house: House) -> int:
    return await tell(house, *SCENE, *WAKE)


def types(page: Any) -> list[str]:
    return [one["type"] for one in page["items"]]


async def test_the_live_events_of_an_execution_are_listed_in_order(house: House) -> None:
    position = await begin(house)
    page = await get(house, "/p/events", wait_for=position)
    assert (types(page), page["next"]) == (TOLD, None)
    assert [one["sequence"] for one in page["items"]] == list(range(1, 10))
    first, thinking = page["items"][0], page["items"][3]
    assert first["event"]["userPrompt"] == "a storm at sea"
    assert (thinking["agent"], thinking["department"], thinking["event"]["text"]) == ("lens", "camera", "wide")
    for one in page["items"]:
        assert (one["event"]["type"], one["event"]["sequence"]) == (one["type"], one["sequence"])
        assert one["event"]["conversationId"] == "talk"


async def test_a_plain_wake_has_live_events_too(house: House) -> None:
    position = await begin(house)
    page = await get(house, "/w/events", wait_for=position)
    assert types(page) == [*TOLD[:1], "agent-start", "tool-call", "tool-result", "agent-complete", TOLD[-1]]
    assert page["items"][-1]["event"]["result"] == {"summary": "fine"}


async def test_live_events_are_found_by_type_agent_department_and_time(house: House) -> None:
    position = await begin(house)
    found = await get(house, "/p/events", type="agent-start,agent-complete", agent="lens", wait_for=position)
    assert types(found) == ["agent-start", "agent-complete"]
    assert types(await get(house, "/p/events", department="camera", agent="camera-head")) == [TOLD[1], TOLD[7]]
    assert types(await get(house, "/p/events", department="sound")) == []
    assert types(await get(house, "/p/events", after=7)) == TOLD[7:]
    assert types(await get(house, "/p/events", to="2020-01-01")) == []
    assert types(await get(house, "/p/events", to="2990-01-01", **{"from": "2020-01-01"})) == TOLD


async def test_a_page_of_live_events_goes_on_where_the_last_one_ended(house: House) -> None:
    position = await begin(house)
    found, cursor = [], None
    for _ in range(3):
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = await get(house, "/p/events", limit=2, department="camera", wait_for=position, **more)
        found += types(page)
        cursor = page["next"]
    assert found == TOLD[1:7]
    page = await get(house, "/p/events", limit=2, department="camera", cursor=cursor)
    assert (types(page), page["next"]) == (TOLD[7:8], None)


async def test_events_of_the_log_are_there_by_name_and_all_of_them_when_asked(house: House) -> None:
    position = await begin(house)
    page = await get(house, "/p/events", type="StepReady", wait_for=position)
    assert [one["type"] for one in page["items"]] == ["reveille.planner.v1.StepReady"]
    everything = await get(house, "/p/events", log=True)
    assert everything["items"][0]["type"] == "reveille.ingress.v1.ExecutionRequested"
    assert everything["items"][0]["data"]["conversation_id"] == "talk"


async def test_what_is_large_is_had_whole_where_its_reference_points(house: House) -> None:
    position = await begin(house)
    page = await get(house, "/p/events", type="agent-complete,department-complete", wait_for=position)
    wholes: list[dict[str, Any]] = [LARGE, {"status": "approved", "output": LARGE}]
    for item, whole in zip(page["items"], wholes, strict=True):
        payload = item["event"].get("output") or item["event"]["outputs"]
        assert payload["$ref"] == f"/api/v1/executions/p/events/{item['sequence']}"
        assert payload["bytes"] > 20_000
        answer = (await house.client.get(payload["$ref"])).json()
        found = answer["output"] if "output" in answer else answer["outputs"]["lens"]
        assert {name: found[name] for name in whole} == whole


async def test_a_tools_large_result_is_had_whole_from_its_blob(house: House) -> None:
    result = [1] * 50_000
    digest = await house.blobs.put("default", json.dumps(result).encode())
    returned = log.of_run("w", ToolReturned(call=1, tool="read", result_blob=digest))
    position = await tell(house, *log.woken("w"), log.ready("w"), log.ran("w"), returned)
    (item,) = (await get(house, "/w/events", type="tool-result", wait_for=position))["items"]
    assert item["event"]["result"]["bytes"] == 150_000
    assert (await house.client.get(item["event"]["result"]["$ref"])).json()["result"] == result


async def test_figures_are_of_both_kinds_of_events(house: House) -> None:
    position = await begin(house)
    found = await get(house, "/p/events/stats", wait_for=position)
    assert found["by_type"]["StepReady"] == 1
    assert found["total"] == sum(found["by_type"].values())
    assert (found["live"]["total"], found["live"]["by_type"]) == (9, dict.fromkeys(sorted(TOLD), 1))
    assert found["live"]["by_agent"] == {"camera-head": 2, "lens": 5}
    assert found["live"]["by_department"] == {"camera": 7}
    assert found["durations"]["lens"]["runs"] == 1
    assert found["quality"] == {"camera": {"score": 80.0, "checks": 1, "passed": 1}}
    assert found["tokens"] == {"used": 70, "by_agent": {"lens": 70}}


async def test_figures_of_a_plain_wake_have_no_timeline(house: House) -> None:
    position = await begin(house)
    found = await get(house, "/w/events/stats", wait_for=position)
    assert (found["status"], found["total"], found["by_type"], found["live"]["total"]) == ("completed", 0, {}, 6)


async def test_what_is_wrong_about_live_events_is_named(house: House) -> None:
    position = await begin(house)
    assert await refused(house, "/nobody/events", wait_for=position) == (404, "there is no execution nobody")
    assert await refused(house, "/n%00/events") == (404, "there is no execution n\0")
    assert await refused(house, "/p/events/10") == (404, "execution p has no event 10, only 9 events")
    assert (await refused(house, "/p/events/none"))[0] == 422
    status, why = await refused(house, "/p/events", type="agent-start,StepReady")
    assert status == 422
    assert why.startswith("type: it is agent-start and 'StepReady', expected live events alone")
    status, why = await refused(house, "/p/events", type="StepReady", agent="lens")
    assert (status, why.partition(":")[0]) == (422, "agent")
    status, why = await refused(house, "/p/events", type="agent-danced")
    assert (status, "orchestration-start" in why) == (422, True)
    cursor = (await get(house, "/p/events", limit=1))["next"]
    assert (await refused(house, "/p/events", log=True, cursor=cursor))[0] == 400
    assert (await refused(house, "/w/events", cursor=cursor))[0] == 400


async def test_a_conversation_has_its_executions_in_the_order_in_which_they_were_asked_for(house: House) -> None:
    live = house.ingress.live
    with live.conversation("default", "talk") as watch:
        version = watch.version
        first = await tell(house, *log.asked("z", "one", conversation="talk"))
        await live.wait_for(first, 5)
        await watch.wait(version)
        later = [*log.asked("a", "two", conversation="talk"), *log.asked("b", "three", conversation="other")]
        await live.wait_for(await tell(house, *later), 5)
    assert await live.executions_of("default", "talk") == ["z", "a"]
    assert await live.executions_of("default", "none") == []
