"""The scene is one document of the work that was approved."""

from typing import Any

import pytest

from reveille.agents import Context, Task
from tests.unit.agents.film.playing import DEPARTMENTS, ORCHESTRATOR, SPECIALISTS, answer, played, task_of

LIGHTHOUSE = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"


async def write_badly(task: Task, context: Context) -> dict[str, Any]:
    return {"kind": "dialogue", "text": "Blah.", "lines": [{"beat": "turn", "speaker": "X", "line": "Blah."}]}


def test_it_has_a_title_a_logline_a_slug_a_cast_and_beats_with_all_that_belongs_to_them() -> None:
    scene = played(LIGHTHOUSE).scene
    assert scene["title"] == "The Rocks"
    assert scene["slug"] == "EXT. ROCKS - NIGHT"
    assert "on the rocks the night the light fails" in scene["logline"]
    assert [one["role"] for one in scene["cast"]] == ["lighthouse keeper", "estranged son"]
    assert all(beat["action"] for beat in scene["beats"])
    for what in ("dialogue", "shots", "light"):
        assert any(beat[what] for beat in scene["beats"])
    assert {one["name"] for one in scene["sections"]} == {"Characters", "Motivations", "Shot list", "Lighting plan"}


def test_the_text_is_a_screenplay_with_action_before_what_is_said_in_it() -> None:
    scene = played(LIGHTHOUSE).scene
    text = scene["text"]
    assert len(text.encode()) < 20_000
    assert "\n" not in scene["summary"]
    beat = next(one for one in scene["beats"] if one["dialogue"])
    said = beat["dialogue"][0]
    assert text.index(scene["slug"]) < text.index(said["speaker"] + "\n") < text.index(said["line"])
    for person in scene["cast"]:
        assert person["name"].upper() in text


@pytest.mark.parametrize("prompt", [LIGHTHOUSE, "A robot and a nun steal a crown", "Two rivals in a kitchen at dawn"])
def test_no_slot_is_left_open(prompt: str) -> None:
    result = played(prompt)
    for one in (*result.results.values(), result.scene):
        assert "{" not in one.get("text", "")


def test_scores_and_states_of_the_departments_stand_in_it() -> None:
    departments = played(LIGHTHOUSE).scene["departments"]
    assert set(departments) == set(DEPARTMENTS)
    assert all(one["status"] == "approved" and one["score"] >= 70 for one in departments.values())


def test_it_is_composed_without_a_department_that_was_not_woken() -> None:
    scene = played("a shot list and lighting for a rainy street").scene
    assert scene["departments"]["story"]["status"] == "not woken"
    assert any("without Story: it was not woken" in note for note in scene["notes"])
    assert any(beat["shots"] for beat in scene["beats"])
    assert not any(beat["action"] or beat["dialogue"] for beat in scene["beats"])


def test_it_is_composed_without_work_that_was_rejected() -> None:
    skills = {**SPECIALISTS, "dialogue-writer": f"{__name__}:write_badly"}
    scene = played("Write a dramatic dialogue scene about a widow", skills=skills).scene
    assert scene["departments"]["story"]["status"] == "partial"
    assert "without dialogue-writer: its work is rejected" in scene["notes"]
    assert not any(beat["dialogue"] for beat in scene["beats"])
    assert "Blah" not in scene["text"]


def test_with_no_work_at_all_it_is_what_the_prompt_says() -> None:
    task = task_of(
        "compose", role="compose", facts={"departments": {}}, results={"orchestrate": {"prompt": LIGHTHOUSE}}
    )
    scene = answer(ORCHESTRATOR, task)[0]
    assert scene["beats"] == []
    assert "the night the light fails" in scene["text"]


def test_work_of_no_known_craft_has_its_own_section() -> None:
    output = {"step": "music/composer", "status": "approved", "score": 88, "round": 1}
    facts = {"departments": {"music": {"title": "Music", "relevance": 1, "outputs": {"composer": output}}}}
    results = {"orchestrate": {"prompt": LIGHTHOUSE}, "music/composer": {"text": "A bell, struck late."}}
    scene = answer(ORCHESTRATOR, task_of("compose", role="compose", facts=facts, results=results))[0]
    assert {"name": "composer", "text": "A bell, struck late."} in scene["sections"]
    assert "A bell, struck late." in scene["text"]
    assert scene["departments"]["music"]["score"] == 88


def test_a_very_long_work_is_cut_and_says_so() -> None:
    facts = {"departments": {"x": {"outputs": {s: {"step": s, "status": "approved"} for s in ("a", "b", "c")}}}}
    results = {
        "orchestrate": {"prompt": LIGHTHOUSE},
        **{s: {"text": f"{s} is long.\n" * 2_000} for s in ("a", "b", "c")},
    }
    text = answer(ORCHESTRATOR, task_of("compose", role="compose", facts=facts, results=results))[0]["text"]
    assert len(text.encode()) < 20_000
    assert text.endswith("[cut]")
