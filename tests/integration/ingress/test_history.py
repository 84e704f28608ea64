"""What has happened in plans, over HTTP: in order, by type and time, page by page; and the figures."""

from typing import Any

from reveille.kernel.clock import SystemClock
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids
from tests.integration.ingress.conftest import House
from tests.unit.ingress import plan_events as told
from tests.unit.ingress.plan_events import Written

BEGUN = [told.requested("p"), told.added("p", "i"), *told.analyzed("p"), told.started("p"), told.planned("p")]
RUN = [told.ready("p"), told.ran("p"), told.done("p", summary="a jungle"), told.updated("p", 1, "waiting")]


async def tell(house: House, *events: Written) -> int:
    """What the services write; the position of the last."""
    clock, ids, position = SystemClock(), UuidV7Ids(), 0
    for stream, message in events:
        stream = stream.replace("t.", "default.", 1)
        last = await house.store.read_backwards(stream, 1)
        new = new_event(ids.new(), message, Meta(clock.now(), About("c")))
        revision = last[0].revision if last else NO_STREAM
        (outcome,) = await house.store.append([Append(stream, revision, [new])])
        assert isinstance(outcome, Appended)
        position = outcome.position
    return position


async def get(house: House, path: str, **query: Any) -> Any:
    answer = await house.client.get(f"/api/v1/executions{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(house: House, path: str, **query: Any) -> tuple[int, str]:
    answer = await house.client.get(f"/api/v1/executions{path}", params=query)
    return answer.status_code, answer.json()["detail"]


def short(page: Any) -> list[str]:
    return [one["type"].rpartition(".")[2] for one in page["items"]]


async def test_the_events_of_a_plan_are_told_in_order_with_what_they_say(house: House) -> None:
    position = await tell(house, *BEGUN, *told.wake("w"), *RUN)
    page = await get(house, "/p/events", log=True, wait_for=position)
    assert [one["sequence"] for one in page["items"]] == list(range(1, 11))
    assert page["next"] is None
    added, done = page["items"][1], page["items"][8]
    assert (added["type"], added["service"]) == ("reveille.ingress.v1.InputAdded", "ingress")
    assert added["data"]["content"]["text"] == "jungle"
    assert (done["service"], done["data"]["result"]) == ("planner", {"summary": "a jungle"})
    assert (done["summary"], page["items"][9]["position"]) == ("step theme is done after 0 tokens", position)


async def test_a_page_goes_on_where_the_last_one_ended(house: House) -> None:
    position = await tell(house, *BEGUN, *RUN)
    found, cursor = [], None
    for _ in range(4):
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = await get(house, "/p/events", log=True, limit=3, wait_for=position, **more)
        found += [one["sequence"] for one in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (list(range(1, 11)), None)
    assert [one["sequence"] for one in (await get(house, "/p/events", log=True, after=8))["items"]] == [9, 10]


async def test_events_are_found_by_type_and_time(house: House) -> None:
    position = await tell(house, *BEGUN, *RUN)
    page = await get(house, "/p/events", type="StepReady,reveille.planner.v1.StepCompleted", wait_for=position)
    assert short(page) == ["StepReady", "StepCompleted"]
    at = page["items"][0]["at"]
    assert "StepPlanned" not in short(await get(house, "/p/events", log=True, **{"from": "2990-01-01T00:00:00Z"}))
    page = await get(house, "/p/events", log=True, to="2990-01-01T00:00:00Z", **{"from": "2020-01-01"})
    assert len(short(page)) == 10
    assert short(await get(house, "/p/events", to=at.replace("Z", "+00:00"), type="StepCompleted")) == []


async def test_the_events_of_all_plans_are_told_the_newest_first(house: House) -> None:
    position = await tell(house, *BEGUN, told.requested("q"), told.added("q", "j"), *told.wake("w"))
    page = await get(house, "/events", limit=3, wait_for=position)
    assert [(one["execution_id"], one["sequence"]) for one in page["items"]] == [("q", 2), ("q", 1), ("p", 6)]
    rest = await get(house, "/events", limit=500, cursor=page["next"])
    assert [(one["execution_id"], one["sequence"]) for one in rest["items"]] == [("p", n) for n in (5, 4, 3, 2, 1)]
    added = await get(house, "/events", type="InputAdded")
    assert [one["execution_id"] for one in added["items"]] == ["q", "p"]


async def test_what_is_wrong_is_named(house: House) -> None:
    position = await tell(house, *told.wake("w"), *BEGUN)
    assert await refused(house, "/w/events", log=True, wait_for=position) == (404, "there is no plan w")
    assert await refused(house, "/nobody/events/stats") == (404, "there is no execution nobody")
    status, why = await refused(house, "/p/events", type="StepDanced")
    assert (status, why.startswith("type: it is 'StepDanced', expected of ApprovalRequested")) == (422, True)
    status, why = await refused(house, "/p/events", **{"from": "yesterday"})
    assert (status, why) == (422, "from: it is 'yesterday', expected a time like 2026-11-21T12:00:00Z")
    cursor = (await get(house, "/events", limit=1))["next"]
    assert (await refused(house, "/p/events", cursor=cursor))[0] == 400
    assert (await refused(house, "/p/events", limit=501))[0] == 422


async def test_events_of_a_plan_are_counted_by_type(house: House) -> None:
    position = await tell(house, *BEGUN, *RUN)
    found = await get(house, "/p/events/stats", wait_for=position)
    assert (found["execution_id"], found["status"], found["total"]) == ("p", "waiting", 10)
    assert found["by_type"]["InputAdded"] == 1


async def test_the_figures_are_of_all_plans_and_name_who_does_not_answer(house: House) -> None:
    position = await tell(house, *BEGUN, *RUN, told.requested("f", blueprint="film-scene"), *told.wake("w"))
    found = await get(house, "/events/stats", wait_for=position)
    store, bus = found["store"], found["bus"]
    assert (store["total_parties"], store["total_plans"], store["total_inputs"]) == (1, 2, 1)
    assert (store["total_agent_results"], store["total_events"]) == (1, 11)
    assert {name: count for name, count in store["status_counts"].items() if count} == {"planned": 1, "waiting": 1}
    assert store["by_type"]["ExecutionRequested"] == 2
    # Of the others only ingress is there, and it has no inbox.
    assert (bus["topics"], bus["total_published"], bus["active_topics"]) == ([], 0, 0)
    assert sorted(bus["unreachable"]) == ["agent-runner", "analyzer", "budget", "planner"]
