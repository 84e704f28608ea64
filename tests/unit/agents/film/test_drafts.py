"""Specialists compose from the prompt; a revision goes over its own draft with the notes it got."""

from collections.abc import Mapping
from typing import Any

import pytest

from reveille.agents.film.briefs import brief_for
from reveille.agents.film.scene import scene_of
from tests.unit.agents.film.playing import SPECIALISTS, answer, played, task_of

LIGHTHOUSE = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"


def drafted(specialist: str, prompt: str, *, round: int = 1, notes: str = "", previous: Any = None) -> dict[str, Any]:
    brief = brief_for(specialist, scene_of(prompt), complexity="simple", department="story")
    item: Mapping[str, Any] = {"brief": brief, "round": round, "notes": notes, "reasons": []}
    step = f"story/{specialist}" + (f"/{round}" if round > 1 else "")
    results = {} if previous is None else {f"story/{specialist}": previous}
    task = task_of(step, role="draft", department="story", round=round, item=item, results=results)
    return answer(SPECIALISTS[specialist], task)[0]


@pytest.mark.parametrize("specialist", SPECIALISTS)
def test_the_same_prompt_makes_the_same_draft_and_another_one_another(specialist: str) -> None:
    first = drafted(specialist, LIGHTHOUSE)
    assert drafted(specialist, LIGHTHOUSE) == first
    assert drafted(specialist, LIGHTHOUSE.replace("son", "sister"))["text"] != first["text"]


@pytest.mark.parametrize("specialist", SPECIALISTS)
def test_everybody_tells_of_the_same_people(specialist: str) -> None:
    names = {person.name.lower() for person in scene_of(LIGHTHOUSE).cast}
    text = drafted(specialist, LIGHTHOUSE)["text"].lower()
    assert any(name in text for name in names)


@pytest.mark.parametrize("specialist", SPECIALISTS)
def test_without_notes_a_draft_stays_as_it_is(specialist: str) -> None:
    first = drafted(specialist, LIGHTHOUSE)
    again = drafted(specialist, LIGHTHOUSE, round=2, previous=first)
    assert again["text"] == first["text"]


@pytest.mark.parametrize("specialist", SPECIALISTS)
def test_a_word_that_the_notes_ask_for_comes_in_and_the_rest_stays(specialist: str) -> None:
    first = drafted(specialist, LIGHTHOUSE)
    again = drafted(specialist, LIGHTHOUSE, round=2, notes="mention zeppelin", previous=first)
    assert "zeppelin" not in first["text"]
    assert "zeppelin" in again["text"]
    assert len(again["text"]) > len(first["text"])


def test_a_revision_works_on_the_draft_that_it_is_given() -> None:
    own = {"kind": "plot", "beats": [{"beat": "open", "text": "A gull screams above the wreck. Nobody hears it."}]}
    again = drafted("plot-writer", LIGHTHOUSE, round=2, notes="add close at the end", previous=own)
    assert "A gull screams above the wreck. Nobody hears it." in again["text"]
    assert [beat["beat"] for beat in again["beats"]] == ["open", "close"]


def test_a_line_that_stands_twice_is_cut_once() -> None:
    own = {"kind": "plot", "beats": [{"beat": one, "text": f"Nobody moves. It is {one}."} for one in ("open", "close")]}
    again = drafted("plot-writer", LIGHTHOUSE, round=2, notes='cut the repeated line "Nobody moves."', previous=own)
    assert [beat["text"] for beat in again["beats"]] == ["Nobody moves. It is open.", "It is close."]


def test_a_person_gets_the_flaw_that_was_missing() -> None:
    name = scene_of(LIGHTHOUSE).cast[0].name
    own = {"kind": "characters", "people": [{"name": name, "want": "get home", "text": "Tall and tired."}]}
    again = drafted("character-designer", LIGHTHOUSE, round=2, notes=f"give {name} a flaw", previous=own)
    assert again["people"][0]["flaw"]
    assert again["people"][0]["want"] == "get home"
    assert "need" not in again["people"][0]


def test_somebody_answers_where_one_speaks_twice() -> None:
    name = scene_of(LIGHTHOUSE).cast[0].name.upper()
    said = [{"beat": "turn", "speaker": name, "line": line} for line in ("Where were you?", "I asked where.")]
    own = {"kind": "dialogue", "lines": said}
    again = drafted("dialogue-writer", LIGHTHOUSE, round=2, notes="let somebody answer", previous=own)
    speakers = [line["speaker"] for line in again["lines"]]
    assert len(speakers) == 3
    assert speakers[0] == speakers[2] != speakers[1]


def test_a_shot_gets_another_size() -> None:
    first = drafted("storyboarder", LIGHTHOUSE)
    size = {shot["beat"]: (shot.get("size"), shot.get("move")) for shot in first["shots"]}
    beat = first["shots"][1]["beat"]
    again = drafted("storyboarder", LIGHTHOUSE, round=2, notes=f"use another size for {beat}", previous=first)
    now = {shot["beat"]: (shot.get("size"), shot.get("move")) for shot in again["shots"]}
    assert now[beat] != size[beat]
    assert {one for one in now if now[one] != size[one]} == {beat}


def test_it_gets_shorter_where_it_is_too_long() -> None:
    own = {
        "kind": "plot",
        "beats": [{"beat": "open", "text": "One thing happens here. Another thing happens there. " * 5}],
    }
    again = drafted("plot-writer", LIGHTHOUSE, round=2, notes="cut some 20 words", previous=own)
    assert again["words"] < 35


def test_one_alone_speaks_to_nobody() -> None:
    lines = drafted("dialogue-writer", "A monologue of a widow at her husband's grave")["lines"]
    assert len({line["speaker"] for line in lines}) == 1


def test_who_is_not_told_of_a_prompt_says_so() -> None:
    task = task_of("story/plot-writer", role="draft", department="story", round=1, item={"brief": {}, "round": 1})
    with pytest.raises(ValueError, match="step story/plot-writer has no prompt"):
        answer(SPECIALISTS["plot-writer"], task)


def test_a_brief_in_plain_words_is_a_prompt() -> None:
    task = task_of("a/plot-writer", role="draft", round=1, item={"brief": "A diver finds a locked door", "round": 1})
    assert "diver" in answer(SPECIALISTS["plot-writer"], task)[0]["text"].lower()


def test_a_run_tells_what_it_does_two_to_five_times() -> None:
    for step, said in played(LIGHTHOUSE).said.items():
        assert 2 <= len(said) <= 5, step
        assert all(len(text) < 500 for text in said)
