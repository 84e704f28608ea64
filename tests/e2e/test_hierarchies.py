"""Hierarchies of one's own: what a head may say and what the blueprint makes of it."""

from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import Platform, until
from tests.e2e.scenes import Scene

FLEET = """
version: 1
defaults: {retries: {attempts: 1}, budget: {tokens: 1_000_000, per_run: 100}}
agents:
  editor: {skill: "hierarchical:orchestrate"}
  chief: {skill: "hierarchical:lead"}
  writer: {skill: "hierarchical:write", instances: {max: 4}}
  checker: {skill: "hierarchical:write", instances: {max: 4}}
blueprints:
  - blueprint: paper
    orchestrator: editor
    departments:
      press:
        head: chief
        specialists: [writer, checker]
        relevance: {words: [news]}
    select: {min_relevance: 0.5}
    review: {min_quality: 70, max_revisions: 1}
"""
GOOD = {"score": 90, "status": "approved"}


@pytest.fixture(scope="module")
def platform(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    folder = tmp_path_factory.mktemp("hierarchies")
    (folder / "fleet.yaml").write_text(FLEET)
    running: Platform = make_for_module(folder, fleet=folder / "fleet.yaml")
    return running.start()


def paper(platform: Platform, **prompt: Any) -> Scene:
    return Scene(platform, "paper").start(prompt)


def reviews(scene: Scene) -> dict[str, tuple[str, int]]:
    return {name: (one["review"]["status"], one["review"]["score"]) for name, one in scene.drafts("press").items()}


@pytest.mark.parametrize(
    ("says", "came_to", "department"),
    [
        ([GOOD], {"press/writer": ("approved", 90)}, "approved"),
        # Not good enough, whatever its head says of it.
        (
            [{"score": 60, "status": "approved"}, GOOD],
            {"press/writer": ("revise", 60), "press/writer/2": ("approved", 90)},
            "approved",
        ),
        (
            [{"score": 60, "status": "revise"}, {"score": 69, "status": "revise"}],
            {"press/writer": ("revise", 60), "press/writer/2": ("rejected", 69)},
            "rejected",
        ),
        (
            [{"score": 80, "status": "revise"}, {"score": 80, "status": "revise"}],
            {"press/writer": ("revise", 80), "press/writer/2": ("approved", 80)},
            "approved",
        ),
        ([{"score": 99, "status": "rejected"}], {"press/writer": ("rejected", 99)}, "rejected"),
    ],
    ids=["approved at once", "the measure wins", "never good enough", "the score decides at the end", "rejected"],
)
def test_what_a_head_says_counts_as_far_as_the_measure_allows(
    platform: Platform, says: list[dict[str, Any]], came_to: dict[str, Any], department: str
) -> None:
    scene = paper(platform, says=says)
    told = scene.at("completed")
    assert reviews(scene) == came_to
    assert scene.department("press")["status"] == department
    made = told["result"]["made"]["press"]["outputs"]["writer"]
    assert (made["step"], made["status"]) == (list(came_to)[-1], department)
    if department == "rejected":
        assert "writer" in told["plan"]["recommendations"][0]["description"]


def test_a_specialist_reads_the_notes_on_its_own_draft(platform: Platform) -> None:
    scene = paper(platform, says=[{"score": 10, "status": "revise", "notes": "name the mayor"}, GOOD])
    scene.at("completed")
    assert scene.drafts("press")["press/writer/2"]["result"]["notes"] == "name the mayor"


def test_who_is_not_briefed_is_not_woken(platform: Platform) -> None:
    told = paper(platform, says=[GOOD]).at("completed")
    assert "press/checker" not in {step["name"] for step in told["steps"]}


def test_some_of_a_departments_work_may_be_approved(platform: Platform) -> None:
    bad = {"score": 5, "status": "rejected"}
    scene = paper(platform, briefs={"writer": {"says": [GOOD]}, "checker": {"says": [bad]}})
    scene.at("completed")
    department = scene.department("press")
    assert (department["status"], department["quality_score"]) == ("partial", 48)


def test_a_department_that_is_not_relevant_sleeps(platform: Platform) -> None:
    scene = paper(platform, relevance={"press": 0.49}, says=[GOOD])
    told = scene.at("completed")
    assert scene.department("press")["status"] == "asleep"
    assert {step["name"] for step in told["steps"]} == {"orchestrate", "compose"}


@pytest.mark.parametrize(
    ("prompt", "step", "told"),
    [
        ({"relevance": {"press": 7}}, "orchestrate", "the relevance of press is 7, expected 0 to 1"),
        ({"relevance": [1]}, "orchestrate", "relevance in the result is a list, expected an object"),
        ({"briefs": {"nobody": {}}}, "press", "'nobody' is briefed, expected of writer, checker"),
        ({"says": [{"score": 101, "status": "approved"}]}, "press/review", "the score of writer is 101, expected 0"),
        ({"says": [{"score": 1, "status": "fine"}]}, "press/review", "the status of writer is 'fine', expected"),
        ({"says": [{**GOOD, "specialist": "else"}]}, "press/review", "the review says nothing of writer"),
    ],
)
def test_what_a_role_must_not_answer_fails_its_step_and_says_why(
    platform: Platform, prompt: dict[str, Any], step: str, told: str
) -> None:
    scene = paper(platform, **prompt)
    failed = scene.at("failed")
    (failure,) = failed["plan"]["failures"]
    assert failure["step"] == step
    assert told in failure["reason"]


def test_a_change_while_a_draft_is_written_makes_it_stale(platform: Platform) -> None:
    scene = paper(platform, says=[GOOD], wait=True)
    until(lambda: scene.drafts("press"), "the draft is begun")
    answer = scene.change(add=[{"input_id": "x", "content": '{"says": [{"score": 75, "status": "approved"}]}'}])
    assert answer.status_code == 202
    scene.at("completed")
    assert reviews(scene) == {"press/writer": ("approved", 75)}


def test_a_cancelled_hierarchy_asks_nothing_more(platform: Platform) -> None:
    scene = paper(platform, says=[GOOD], wait=True, cancelled=True)
    until(lambda: scene.drafts("press"), "the draft is begun")
    platform.http.post(f"/api/v1/executions/{scene.id}/cancel", json={"reason": "enough"}).raise_for_status()
    assert scene.at("cancelled")["approvals"] == []
