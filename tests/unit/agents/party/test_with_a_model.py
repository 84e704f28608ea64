"""A party agent that has a model lets it write, and does as well without."""

import pytest

from reveille.agents import ModelAnswer, ModelRequest, ModelUnavailable, Task
from tests.unit.agents.party.asking import SKILLS, answer, asked, task_of


class Writing:
    """Answers what it was given to say, and counts how often it was asked."""

    name = "writer"

    def __init__(self, said: str | Exception) -> None:
        self.said = said
        self.asked: list[ModelRequest] = []

    def cap(self, request: ModelRequest) -> int:
        return len(request.prompt) // 4 + request.max_output_tokens

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        if isinstance(self.said, Exception):
            raise self.said
        return ModelAnswer(text=self.said, model="writer-1", input_tokens=9, output_tokens=9, estimated=False)


def wish(step: str) -> Task:
    return task_of(step, "a jungle theme with a hall, chocolate cake, buffet and magician", facts={"guests": 30})


@pytest.mark.parametrize("step", SKILLS)
def test_with_a_model_it_asks_once_for_a_few_sentences(step: str) -> None:
    model = Writing("What a day it will be.")
    result = answer(wish(step), model, tokens=2_000)
    assert (result["text"], result["model"], len(model.asked)) == ("What a day it will be.", "writer", 1)
    plain = answer(wish(step))
    assert {**plain, "text": result["text"], "model": "writer"} == result
    assert plain["summary"] in model.asked[0].prompt


@pytest.mark.parametrize("step", SKILLS)
def test_without_tokens_or_with_the_offline_model_nothing_is_asked(step: str) -> None:
    model = Writing("never")
    assert "text" not in answer(wish(step), model, tokens=0)
    assert model.asked == []
    assert "text" not in answer(wish(step), tokens=2_000)


@pytest.mark.parametrize("step", SKILLS)
def test_a_model_that_is_away_costs_the_sentences_and_not_the_result(step: str) -> None:
    result = answer(wish(step), Writing(ModelUnavailable("down")), tokens=2_000)
    assert "text" not in result
    assert result["notes"] == ["the model was not heard: down"]
    assert result["summary"] == answer(wish(step))["summary"]


@pytest.mark.parametrize("step", SKILLS)
def test_a_step_that_is_one_of_several_reads_its_item_as_a_wish(step: str) -> None:
    words = {"theme": "pirates", "venue": "a barn", "cake": "lemon", "catering": "tacos", "vendor": "a dj"}[step]
    with_item = answer(task_of(step, facts={"guests": 40, "city": "Austin"}, item=words))
    assert with_item == asked(step, words, guests=40, city="Austin")
