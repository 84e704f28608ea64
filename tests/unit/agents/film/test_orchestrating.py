"""The orchestrator wakes whose business a prompt is, and says why."""

from collections.abc import Mapping
from typing import Any

import pytest

from reveille.agents import Input
from tests.unit.agents.film.playing import DEPARTMENTS, ORCHESTRATOR, answer, task_of


def weighed(*texts: str, departments: Mapping[str, Any] = DEPARTMENTS) -> dict[str, Any]:
    inputs = tuple(Input(id=str(number), text=text) for number, text in enumerate(texts))
    facts = {"departments": departments, "min_relevance": 0.3}
    return answer(ORCHESTRATOR, task_of("orchestrate", role="orchestrate", inputs=inputs, facts=facts))[0]


def test_a_dialogue_with_a_surprising_ending_is_for_story_and_a_little_for_character() -> None:
    relevance = weighed("Write a dramatic dialogue scene with a surprising ending")["relevance"]
    assert relevance["story"] > 0.7
    assert 0.3 < relevance["character"] < relevance["story"]
    assert relevance["visual"] < 0.3


def test_a_shot_list_is_for_visual_alone() -> None:
    relevance = weighed("a shot list and lighting for a rainy street")["relevance"]
    assert relevance["visual"] > 0.7
    assert relevance["story"] < 0.3
    assert relevance["character"] < 0.3


def test_what_a_prompt_is_about_counts_where_none_of_the_words_is_in_it() -> None:
    relevance = weighed("Two brothers hide a secret from their mother")["relevance"]
    assert relevance["story"] >= 0.3
    assert relevance["character"] >= 0.3
    assert relevance["visual"] < 0.3


@pytest.mark.parametrize("text", ["Two scences", "two scenes", "TWO SCENES"])
def test_plurals_and_a_wrong_letter_name_the_word_too(text: str) -> None:
    assert weighed(text)["relevance"]["story"] >= 0.4


def test_a_word_that_is_refused_does_not_count() -> None:
    departments = {"sound": {"title": "Sound", "words": ["music", "noise"]}, "story": DEPARTMENTS["story"]}
    assert weighed("a story with music", departments=departments)["relevance"]["sound"] == 0.4
    assert weighed("a story without music", departments=departments)["relevance"]["sound"] == 0.0


def test_departments_of_another_blueprint_work_by_their_words() -> None:
    departments = {
        "legal": {"title": "Legal", "words": ["contract", "liability"]},
        "press": {"title": "Press", "words": ["announcement", "journalist"]},
    }
    result = weighed("Draft the contract and who carries liability", departments=departments)
    assert result["relevance"] == {"legal": 0.6, "press": 0.0}
    assert "contract and liability" in result["reasons"]["legal"]
    assert "announcement" in result["reasons"]["press"]


def test_somebody_is_woken_for_any_prompt_and_it_is_said_why() -> None:
    result = weighed("hello")
    assert max(result["relevance"].values()) == 0.3
    assert any("nothing in the prompt" in reason for reason in result["reasons"].values())


def test_all_inputs_are_the_prompt() -> None:
    result = weighed("A widow and a diver.", "Make it rain.", "  ")
    assert result["prompt"] == "A widow and a diver.\nMake it rain."


@pytest.mark.parametrize("texts", [(), ("",), ("  ", "\n")])
def test_no_prompt_is_an_error_that_says_what_is_missing(texts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no input says what the scene is about, expected at least one text"):
        weighed(*texts)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="role 'draft' is none of an orchestrator"):
        answer(ORCHESTRATOR, task_of("x", role="draft"))


@pytest.mark.parametrize(
    ("text", "complexity"),
    [
        ("A widow waits.", "simple"),
        (
            "Three sisters and a priest wait for the ship that took their brother. Sad ending.",
            "moderate",
        ),
        (
            "Three sisters and a priest wait. "
            + "The ship that took their brother is late, and the town knows why. " * 4,
            "complex",
        ),
    ],
)
def test_complexity_comes_from_length_people_and_wishes(text: str, complexity: str) -> None:
    assert weighed(text)["complexity"] == complexity
