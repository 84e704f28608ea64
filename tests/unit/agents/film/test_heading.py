"""A head briefs by the prompt, and reviews by measuring."""

from collections.abc import Mapping
from typing import Any

import pytest

from reveille.agents.film.notes import notes_in
from tests.unit.agents.film.playing import DEPARTMENTS, HEAD, SPECIALISTS, answer, played, task_of

LIGHTHOUSE = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"


def briefed(prompt: str, department: str, **facts: Any) -> dict[str, Any]:
    told = {**DEPARTMENTS[department], "department": department, "min_quality": 70, "rounds": 3, **facts}
    results = {"orchestrate": {"prompt": prompt, "complexity": "simple"}}
    return answer(HEAD, task_of(department, role="brief", department=department, facts=told, results=results))[0]


def reviewed(
    draft: Any, *, brief: Mapping[str, Any], round: int = 1, specialist: str = "plot-writer"
) -> dict[str, Any]:
    step = f"story/{specialist}"
    task = task_of(
        "story/review",
        role="review",
        department="story",
        round=round,
        facts={"min_quality": 70, "rounds": 3, "round": round, "drafts": {specialist: step}},
        item={"round": round, "briefs": {specialist: brief}},
        results={step: draft},
    )
    result = answer(HEAD, task)[0]
    review: dict[str, Any] = result["reviews"][0]
    return review


def test_each_specialist_is_told_what_to_aim_at_and_what_to_mention() -> None:
    briefs = briefed(LIGHTHOUSE, "story")["briefs"]
    assert set(briefs) == {"plot-writer", "dialogue-writer"}
    plot = briefs["plot-writer"]
    assert {"lighthouse", "keeper", "son", "rocks", "night", "light", "fails"} <= set(plot["must_mention"])
    assert plot["length"]["least"] < plot["length"]["most"]
    assert plot["structure"]["parts"][0] == "open"
    assert plot["aims"]
    assert plot["tone"]
    assert plot["prompt"] == LIGHTHOUSE


def test_the_camera_is_told_of_places_and_the_designer_of_people() -> None:
    light = briefed(LIGHTHOUSE, "visual")["briefs"]["lighting-designer"]["must_mention"]
    people = briefed(LIGHTHOUSE, "character")["briefs"]["character-designer"]["must_mention"]
    assert {"rocks", "night", "light"} <= set(light)
    assert {"keeper", "son", "estranged"} <= set(people)


def test_nobody_is_woken_to_write_what_was_not_wanted() -> None:
    result = briefed("A silent film: a pianist and a thief. No dialogue.", "story")
    assert set(result["briefs"]) == {"plot-writer"}
    assert "dialogue-writer is not briefed" in result["notes"][0]


def test_a_prompt_that_says_nothing_is_briefed_with_the_names_of_its_scene() -> None:
    brief = briefed("Write a dramatic dialogue scene with a surprising ending", "story")["briefs"]["dialogue-writer"]
    assert len(brief["must_mention"]) == 3
    assert brief["cast"][0]["name"].lower() in brief["must_mention"]


def test_a_specialist_of_no_known_craft_is_briefed_and_measured_as_a_writer_of_text() -> None:
    facts = {"specialists": ["composer"], "words": ["music", "sound"], "title": "Music"}
    brief = briefed(LIGHTHOUSE, "story", **facts)["briefs"]["composer"]
    assert any("music and sound" in aim for aim in brief["aims"])
    text = (
        "A single bell, struck late. The son hums what the lighthouse keeper sang on the rocks, a fifth lower. Strings"
        " enter with the estranged light as it fails. Nothing resolves before the finds of the night are counted. Then"
        " the bell again, and under it the sea, which is louder than anything that was written down for it, and longer."
    )
    review = reviewed({"text": text}, brief=brief, specialist="composer")
    assert review["score"] >= 70
    assert reviewed({"text": "La la la."}, brief=brief, specialist="composer")["score"] < 40


@pytest.mark.parametrize(
    "draft",
    [
        {},
        {"text": ""},
        {"text": "lorem ipsum " * 80},
        "",
        None,
        [],
        7,
        {"beats": "none"},
        {"text": "The stock market fell. " * 20},
    ],
)
def test_bad_work_is_sent_back_and_in_the_last_round_rejected(draft: Any) -> None:
    brief = briefed(LIGHTHOUSE, "story")["briefs"]["plot-writer"]
    first, last = reviewed(draft, brief=brief), reviewed(draft, brief=brief, round=3)
    assert first["score"] < 40
    assert (first["status"], last["status"]) == ("revise", "rejected")
    assert "son" in notes_in(first["notes"]).mention
    assert first["reasons"]


def test_every_draft_that_was_handed_in_is_reviewed_and_no_other() -> None:
    task = task_of(
        "story/review",
        role="review",
        department="story",
        round=1,
        facts={"drafts": {"plot-writer": "story/plot-writer", "dialogue-writer": "story/dialogue-writer"}},
        results={"story/plot-writer": {"text": "A man waits."}, "story": {"briefs": {}}},
    )
    result = answer(HEAD, task)[0]
    assert [one["specialist"] for one in result["reviews"]] == ["plot-writer"]


def test_the_worst_reason_comes_first_and_every_reason_has_its_figure() -> None:
    brief = briefed(LIGHTHOUSE, "story")["briefs"]["plot-writer"]
    reasons = reviewed({"text": "Nobody here."}, brief=brief)["reasons"]
    figures = [int(reason.split(":")[0].split()[-1]) for reason in reasons]
    assert figures == sorted(figures)
    assert len(figures) == 4


def test_what_a_review_finds_is_told_while_it_goes_on() -> None:
    said = played(LIGHTHOUSE).said["story/review"]
    assert any("plot-writer, round 1" in text and "of 100" in text for text in said)


def test_all_six_crafts_have_a_specialist() -> None:
    assert len(SPECIALISTS) == 6


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="role 'compose' is none of a head, expected brief or review"):
        answer(HEAD, task_of("x", role="compose"))
