"""Departments write a scene: the relevant ones wake, heads brief and review, work is revised, a person releases it."""

from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import Platform
from tests.e2e.scenes import Scene

KEEPER = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"
STREET = "Shot list and lighting for a rainy street at night, no dialogue"
ELEVEN = {
    "orchestration-start",
    "orchestration-complete",
    "department-start",
    "department-complete",
    "agent-start",
    "agent-thinking",
    "agent-complete",
    "tool-call",
    "tool-result",
    "quality-check",
    "review-status",
}


@pytest.fixture(scope="module")
def platform(make_for_module: Make) -> Platform:
    """The fleet that ships."""
    running: Platform = make_for_module(fleet=None)
    return running.start()


def woken(told: dict[str, Any]) -> set[str]:
    return {one["name"] for one in told["departments"] if one["status"] != "asleep"}


def test_the_journey_of_a_scene(platform: Platform) -> None:
    scene = Scene(platform).start(KEEPER)
    told = scene.at("waiting")
    assert {"story", "character"} <= woken(told)
    for one in told["departments"]:
        if one["status"] != "asleep":
            assert one["relevance"] >= 0.3
            assert one["quality_score"] is not None
            assert one["started_at"] < one["ended_at"]
    text = told["result"]["text"].lower()
    assert all(word in text for word in ("lighthouse", "keeper", "son", "rocks"))
    approval = scene.asked()
    assert (approval["step"], approval["kind"], approval["question"]) == ("complete", "gate", "Release the scene?")
    scene.answer("approve")
    done = scene.at("completed")
    assert (done["plan"]["completion_percent"], done["result"]) == (100, told["result"])


def test_work_is_sent_back_and_comes_back_better(platform: Platform) -> None:
    scene = Scene(platform).start(KEEPER, autopilot="auto")
    told = scene.at("completed")
    revised = [step for step in told["steps"] if step["role"] == "draft" and step["round"] > 1]
    assert revised
    reviews = {step["name"]: step["review"] for step in told["steps"] if step["role"] == "draft"}
    for step in revised:
        name, _, _ = step["name"].rpartition("/")
        before = name if step["round"] == 2 else f"{name}/{step['round'] - 1}"
        assert reviews[before]["status"] == "revise"
        assert reviews[before]["notes"]
        assert reviews[step["name"]]["score"] >= reviews[before]["score"]
        assert step["round"] <= 3


def test_different_prompts_come_to_different_scenes_and_the_same_to_the_same(platform: Platform) -> None:
    first = Scene(platform).start(KEEPER, autopilot="auto").at("completed")
    second = Scene(platform).start(KEEPER, autopilot="auto").at("completed")
    other = Scene(platform).start(STREET, autopilot="auto").at("completed")
    assert first["result"] == second["result"]
    assert other["result"]["text"] != first["result"]["text"]
    assert "visual" in woken(other)
    assert "story" not in woken(other)


def test_a_scene_follows_what_is_wanted_of_it_and_asks_anew(platform: Platform) -> None:
    scene = Scene(platform).start(KEEPER)
    before = scene.at("waiting")
    first = scene.asked()
    answer = scene.change(add=[{"input_id": "more", "content": "her daughter hides a stolen compass"}])
    assert answer.status_code == 202, answer.text
    after = scene.at("waiting")
    assert "compass" in after["result"]["text"].lower()
    assert after["result"] != before["result"]
    assert scene.asked()["id"] != first["id"]
    moot = platform.get("/api/v1/approvals", execution_id=scene.id, status="moot")["items"]
    assert [one["id"] for one in moot] == [first["id"]]
    scene.answer("reject")
    assert scene.at("failed")["plan"]["next_steps"][0].startswith("Change what")


def test_what_happens_is_told_in_eleven_kinds_of_events(platform: Platform) -> None:
    scene = Scene(platform).start(KEEPER, autopilot="auto", conversation_id="talk", parameters={})
    told = scene.at("completed")
    events = scene.live()
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert {event["type"] for event in events} == ELEVEN
    assert len({event["traceId"] for event in events}) == 1
    for event in events:
        assert (event["executionId"], event["conversationId"]) == (scene.id, "talk")
    assert (events[0]["type"], events[0]["userPrompt"]) == ("orchestration-start", KEEPER)
    last = events[-1]
    assert (last["type"], last["status"]) == ("orchestration-complete", "completed")
    assert last["metrics"]["departments"] == len(woken(told))
    started = {event["department"]: event["relevance"] for event in events if event["type"] == "department-start"}
    assert started == {one["name"]: one["relevance"] for one in told["departments"] if one["name"] in woken(told)}
    scores = {event["department"]: event for event in events if event["type"] == "department-complete"}
    for one in told["departments"]:
        if one["name"] in woken(told):
            assert scores[one["name"]]["qualityScore"] == one["quality_score"]
            assert scores[one["name"]]["executionTime"] > 0


def test_a_large_payload_is_a_reference_that_the_api_resolves(platform: Platform) -> None:
    scene = Scene(platform).start(KEEPER, autopilot="auto")
    told = scene.at("completed")
    (last,) = [event for event in scene.live() if event["type"] == "orchestration-complete"]
    result = last["result"]
    if "$ref" in result:
        whole = platform.get(result["$ref"])
        result = whole["event"]["result"] if "event" in whole else whole["result"]
    assert result == told["result"]


def test_a_scene_goes_on_where_it_was_when_all_of_it_was_killed(make: Make) -> None:
    platform: Platform = make(fleet=None).start()
    scene = Scene(platform).start(KEEPER, autopilot="auto")
    platform.kill()
    platform.start()
    told = scene.at("completed")
    assert told["result"]["text"]
    events = scene.live()
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    ended = [event["step"] for event in events if event["type"] == "agent-complete" and event["status"] == "completed"]
    assert len(ended) == len(set(ended))


def test_a_list_tells_in_short_what_scenes_are_about(platform: Platform) -> None:
    scene = Scene(platform).start(KEEPER)
    told = scene.at("waiting")
    short, *_ = platform.get("/api/v1/executions", blueprint="film-scene", summary="true", limit=1)["items"]
    assert (short["id"], short["about"], short["status"]) == (scene.id, KEEPER, "waiting")
    assert short["completion_percent"] == told["plan"]["completion_percent"]
    assert [one["name"] for one in short["departments"]] == [one["name"] for one in told["departments"]]
    assert not {"steps", "inputs", "result", "plan"} & short.keys()


def test_the_executions_of_a_conversation_are_found_by_it(platform: Platform) -> None:
    first = Scene(platform).start(STREET, conversation_id="a-talk", autopilot="auto")
    second = Scene(platform).start(KEEPER, conversation_id="a-talk", autopilot="auto")
    position = max(scene.at("completed")["position"] for scene in (first, second))
    talk = {"conversation_id": "a-talk", "wait_for": position}
    found = platform.get("/api/v1/executions", **talk)["items"]
    assert [one["id"] for one in found] == [second.id, first.id]
    assert [one["id"] for one in platform.get("/api/v1/executions", limit=1, **talk)["items"]] == [second.id]
    assert platform.get("/api/v1/executions", agent="plot-writer", **talk)["items"][0]["id"] == second.id
    assert platform.get("/api/v1/executions", conversation_id="no-talk") == {"items": [], "next": None}
