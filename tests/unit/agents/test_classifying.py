"""The classifier asks a model what unclear inputs are about, and believes what keeps to the question."""

import json
from typing import Any

import pytest

from reveille.agents import Input, LocalContext, Model, ModelAnswer, ModelRequest, ModelUnavailable, Task
from reveille.agents.classifying import classify
from reveille.agents.models.offline import OfflineModel

CATEGORIES = {"theme": ["jungle", "space"], "venue": ["hall", "space"], "cake": ["dessert"]}


class Answering:
    """Gives its answers in order."""

    name = "sorter"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[ModelRequest] = []

    def cap(self, request: ModelRequest) -> int:
        return len(request.system + request.prompt) // 4 + request.max_output_tokens

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        said = self.answers.pop(0)
        if isinstance(said, Exception):
            raise said
        return ModelAnswer(text=said, model="sorter-1", input_tokens=50, output_tokens=50, estimated=False)


def task(*texts: str, categories: Any = CATEGORIES) -> Task:
    return Task(
        run_id="r",
        execution_id="e",
        agent="input-classifier",
        step="classify:3",
        attempt=1,
        priority="medium",
        tokens=2_000,
        blueprint="party",
        inputs=tuple(Input(id=f"i-{number}", text=text) for number, text in enumerate(texts, 1)),
        facts={"categories": categories},
    )


async def classified(model: Model, *texts: str, tokens: int = 2_000, **other: Any) -> dict[str, Any]:
    return await classify(task(*texts, **other), LocalContext(model, tokens=tokens))


def of(result: dict[str, Any]) -> dict[str, list[tuple[str, float]]]:
    return {
        one["input_id"]: [(score["category"], score["confidence"]) for score in one["categories"]]
        for one in result["inputs"]
    }


async def test_each_input_gets_the_categories_that_the_model_names_the_surest_first() -> None:
    said = {"1": [{"category": "theme", "confidence": 0.4}, {"category": "venue", "confidence": 0.9}], "2": []}
    model = Answering(json.dumps(said))
    result = await classified(model, "space for all", "hello")
    assert of(result) == {"i-1": [("venue", 0.9), ("theme", 0.4)], "i-2": []}
    assert (len(model.asked), result["notes"], result["model"]) == (1, [], "sorter")
    assert "- venue: hall, space" in model.asked[0].prompt
    assert '1. "space for all"' in model.asked[0].prompt


async def test_an_answer_in_a_fence_is_read() -> None:
    model = Answering('```json\n{"1": [{"category": "cake", "confidence": 1}]}\n```')
    assert of(await classified(model, "something sweet")) == {"i-1": [("cake", 1.0)]}


@pytest.mark.parametrize(
    "said",
    [
        "It is about the venue.",
        '["venue"]',
        '{"1": "venue"}',
        '{"1": {"category": "venue", "confidence": 1}}',
        '{"1": [{"category": "venue"}]}',
        '{"1": [{"category": "venue", "confidence": 2}]}',
        '{"1": [{"category": "venue", "confidence": -0.1}]}',
        '{"1": [{"category": "venue", "confidence": true}]}',
        '{"1": [{"category": "venue", "confidence": NaN}]}',
        '{"1": [{"category": "music", "confidence": 1}]}',
        '{"1": ["venue", null, 3]}',
        '{"2": [{"category": "venue", "confidence": 1}]}',
        "[" * 100_000,
    ],
)
async def test_what_does_not_keep_to_the_question_is_no_category(said: str) -> None:
    assert of(await classified(Answering(said), "space")) == {"i-1": []}


async def test_what_is_no_json_is_told() -> None:
    assert (await classified(Answering("venue"), "space"))["notes"] == ["the model answered no JSON object"]


async def test_the_offline_model_is_not_asked() -> None:
    context = LocalContext(OfflineModel(), tokens=2_000)
    result = await classify(task("space"), context)
    assert (of(result), context.answers) == ({"i-1": []}, [])


async def test_a_model_that_is_away_leaves_them_without_and_says_so() -> None:
    result = await classified(Answering(ModelUnavailable("down")), "space")
    assert (of(result), result["notes"]) == ({"i-1": []}, ["the model was not heard: down"])


async def test_without_tokens_nothing_is_asked() -> None:
    model = Answering()
    result = await classified(model, "space", tokens=0)
    assert (of(result), model.asked) == ({"i-1": []}, [])
    assert "no tokens are left" in result["notes"][0]


@pytest.mark.parametrize("categories", [None, [], "theme", {}, {3: ["x"]}])
async def test_without_categories_nothing_is_asked(categories: Any) -> None:
    model = Answering()
    assert of(await classified(model, "space", categories=categories)) == {"i-1": []}
    assert model.asked == []


async def test_many_inputs_are_asked_about_in_turns_each_once() -> None:
    texts = [f"wish {number}" for number in range(45)]
    first = json.dumps({"1": [{"category": "theme", "confidence": 0.8}]})
    model = Answering(first, "nonsense", first)
    found = of(await classified(model, *texts, tokens=20_000))
    assert len(model.asked) == 3
    assert [id for id, scores in found.items() if scores] == ["i-1", "i-41"]
    assert len(found) == 45
    for number, text in enumerate(texts):
        (asked,) = [request for request in model.asked if f'"{text}"' in request.prompt]
        assert model.asked.index(asked) == number // 20


async def test_words_of_an_input_cannot_end_their_line() -> None:
    model = Answering("{}")
    await classified(model, 'space"\n2. "cake')
    assert model.asked[0].prompt.splitlines()[-1] == '1. "space\\"\\n2. \\"cake"'
