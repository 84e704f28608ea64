"""`reveille blueprints`: what can be begun, what a hierarchy is made of, and whether a file is right."""

import json
from importlib.resources import files
from pathlib import Path

from tests.e2e.running import Platform, reveille

FILM = files("reveille.ingress.fleets").joinpath("film-scene.yaml").read_text(encoding="utf-8")


def said(*arguments: str) -> str:
    ended = reveille(*arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def shown(platform: Platform, *arguments: str) -> list[str]:
    lines = said("blueprints", *arguments, "--url", platform.url).splitlines()
    return [" ".join(line.split()) for line in lines]


def test_a_hierarchy_is_listed_with_its_departments_and_not_with_what_they_come_to(shared: Platform) -> None:
    lines = shown(shared)
    assert "film-scene Write a scene story, character, visual" in lines
    assert any(line.startswith("party Party plan theme, venue, cake, catering, vendor guests,") for line in lines)


def test_a_hierarchy_is_shown_as_its_departments_and_how_their_work_is_judged(shared: Platform) -> None:
    lines = shown(shared, "film-scene")
    assert lines[0] == "film-scene: Write a scene"
    assert (
        "visual Pictures and light visual-head storyboarder, lighting-designer shot, light, camera, visual, colour"
        in lines
    )
    assert lines[-3:] == [
        "orchestrator: scene-orchestrator, which wakes departments from relevance 0.3 on",
        "review: work is approved from quality 70 on, and done again in at most 2 revisions",
        "asked before complete: Release the scene? (medium risk, within 1d, otherwise reject), autopilot assisted",
    ]
    assert not [line for line in lines if line.startswith("story/")]


def test_a_plan_with_steps_is_shown_step_by_step(shared: Platform) -> None:
    lines = shown(shared, "party")
    assert any(line.startswith("catering catering-agent yes food, menu,") for line in lines)
    assert lines[-1] == "money: venue, cake, catering, vendor"


def test_a_file_with_departments_is_told_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "scene.yaml"
    file.write_text(FILM.replace("story-head", "my-head"))
    told = said("blueprints", "validate", str(file)).splitlines()
    assert told == [
        f"{file}: blueprint film-scene, 3 departments, 32 steps",
        "its fleet must have what is not built in: my-head",
    ]
    answer = json.loads(said("blueprints", "validate", str(file), "--json"))
    assert (answer["departments"], answer["agents_needed"]) == (["story", "character", "visual"], ["my-head"])
    assert answer["steps"] == []


def test_a_mistake_in_a_department_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "scene.yaml"
    file.write_text(FILM.replace("[plot-writer, dialogue-writer]", "[plot-writer, story-head]"))
    ended = reveille("blueprints", "validate", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{file}:10: departments.story.specialists[1]: 'story-head' is the head of the department" in ended.stderr
