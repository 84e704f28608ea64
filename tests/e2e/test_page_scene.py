"""A scene is written before the reader's eyes: watched, filtered, released, and looked at again moment by moment."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import ExecutionPage, reader
from tests.e2e.page_acts import decided
from tests.e2e.running import Platform
from tests.e2e.scenes import Scene

KEEPER = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"


@pytest.fixture
def page(browser: Browser, looked_at: Platform) -> Iterator[ExecutionPage]:
    with reader(browser, looked_at, ExecutionPage) as page:
        yield page


@pytest.fixture(scope="module")
def finished(looked_at: Platform) -> Scene:
    scene = Scene(looked_at).start(KEEPER, autopilot="auto", conversation_id="a-finished-talk")
    scene.at("completed")
    return scene


def chosen(events: list[dict[str, Any]], **wanted: str) -> list[int]:
    """The sequences of the events with these fields."""
    return [one["sequence"] for one in events if all(one[name] == value for name, value in wanted.items())]


def test_a_scene_is_started_watched_filtered_and_released(page: ExecutionPage) -> None:
    page.open("executions")
    page.main.get_by_role("button", name="Start an execution").click()
    form = page.dialog
    form.get_by_role("combobox", name=re.compile("^Blueprint")).select_option("film-scene")
    form.get_by_label("Prompt").fill(KEEPER)
    form.get_by_label("Conversation").fill("a-talk")
    form.get_by_role("button", name="Start").click()
    expect(page.heading("film-scene")).to_be_visible()
    scene = Scene(page.platform)
    scene.id = page.id()

    story = page.department("story")
    expect(story.get_by_role("meter", name="relevance")).to_be_visible()
    expect(story).to_contain_text("round 2")
    expect(story.get_by_role("meter", name="quality")).to_be_visible()
    question = page.region("approvals")
    expect(question).to_contain_text("Release the scene?")
    told = scene.at("waiting")
    for one in told["departments"]:
        word = "not woken" if one["status"] == "asleep" else one["status"]
        expect(page.department(one["name"]).get_by_text(word, exact=True).first).to_be_visible()
    before = scene.live()
    page.counted(f"{len(before)} events")

    for wanted in (
        {"type": "quality-check"},
        {"type": "", "agent": "plot-writer"},
        {"agent": "", "department": "story"},
        {"type": "review-status"},
    ):
        page.filter(**wanted)
        fields = {"type": "type", "agent": "agentId", "department": "department"}
        held = {fields[name]: value for name, value in wanted.items() if value}
        held |= {"department": "story"} if wanted == {"type": "review-status"} else {}
        page.counted(f"{len(chosen(before, **held))} of {len(before)} events")
    page.filter(type="", department="")
    page.counted(f"{len(before)} events")

    question.get_by_role("textbox", name="comment").fill("let them see it")
    question.get_by_role("button", name="Approve").click()
    page.status("completed")
    page.is_told("approved")
    after = scene.live()
    page.counted(f"{len(after)} events")
    assert len(after) > len(before)
    (approval,) = page.platform.get("/api/v1/approvals", execution_id=scene.id)["items"]
    assert decided(page.platform, approval["id"]) == (True, "let them see it")


def test_a_payload_that_came_as_a_reference_is_shown_whole_when_it_is_asked_for(
    page: ExecutionPage, finished: Scene
) -> None:
    events = finished.live()
    told = next(one for one in events if one["type"] == "agent-complete" and "$ref" in one["output"])
    page.open(f"executions/{finished.id}").filter(type=told["type"], agent=told["agentId"])
    page.counted(f"{len(chosen(events, type=told['type'], agentId=told['agentId']))} of {len(events)} events")
    rows = page.activity.get_by_role("button", expanded=False)
    expect(rows.first).to_be_visible()
    rows.filter(has_text=f"on {told['step']}").click()
    detail = page.activity.get_by_role("group", name=f"event {told['sequence']}", exact=True)
    expect(detail).to_contain_text("$ref")
    page.activity.get_by_role("button", name=re.compile(r"^Load output")).click()
    expect(detail).not_to_contain_text("$ref")
    whole = page.platform.get(told["output"]["$ref"])["output"]
    expect(detail).to_contain_text(whole["title"])


def test_a_slider_shows_what_was_at_any_event(page: ExecutionPage, finished: Scene) -> None:
    events = finished.live()
    page.open(f"executions/{finished.id}")
    page.status("completed")
    page.counted(f"{len(events)} events")
    # The first department has just begun: nothing of any other is known, and no draft is there.
    early = next(one for one in events if one["type"] == "department-start")
    page.slider.fill(str(early["sequence"]))
    page.counted(f"{early['sequence']} events up to this moment")
    expect(page.slider).to_have_attribute(
        "aria-valuetext", re.compile(f"^event {early['sequence']} of {len(events)}, ")
    )
    expect(page.step("compose")).to_have_accessible_name(re.compile("^compose, planned"))
    expect(page.department(early["department"]).get_by_role("meter", name="quality")).to_have_count(0)
    expect(page.figure("steps done")).to_contain_text(re.compile(rf"^{ended(events, early['sequence'])}\b"))
    expect(page.region("approvals")).to_have_count(0)
    # With the keyboard: one event on, one back, and to the very beginning.
    page.slider.press("ArrowRight")
    page.counted(f"{early['sequence'] + 1} events up to this moment")
    page.slider.press("ArrowLeft")
    page.slider.press("ArrowLeft")
    page.counted(f"{early['sequence'] - 1} events up to this moment")
    page.slider.press("Home")
    page.counted("0 events up to this moment")
    expect(page.step("orchestrate")).to_have_accessible_name(re.compile("^orchestrate, planned"))
    expect(page.figure("steps done")).to_contain_text(re.compile(r"^0\b"))
    page.slider.press("End")
    page.counted(f"{len(events)} events")
    expect(page.step("compose")).to_have_accessible_name(re.compile("^compose, done"))


def test_what_has_happened_is_played_again_until_it_is_live(page: ExecutionPage, finished: Scene) -> None:
    events = finished.live()
    page.open(f"executions/{finished.id}")
    page.counted(f"{len(events)} events")
    page.main.get_by_role("button", name="play").click()
    page.counted(re.compile("up to this moment"))
    page.main.get_by_role("button", name="pause").click()
    expect(page.main.get_by_role("button", name="play")).to_be_visible()
    page.counted(re.compile("up to this moment"))
    page.main.get_by_label("speed").select_option("100")
    page.main.get_by_role("button", name="play").click()
    page.counted(f"{len(events)} events")
    page.slider.fill("3")
    page.counted("3 events up to this moment")
    page.main.get_by_role("button", name="Back to live").click()
    page.counted(f"{len(events)} events")


def ended(events: list[dict[str, Any]], sequence: int) -> int:
    """How many runs were over by then."""
    return len([one for one in events if one["type"] == "agent-complete" and one["sequence"] <= sequence])
