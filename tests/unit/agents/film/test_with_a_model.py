"""With a model everybody asks it in the same form; without an answer of it the scene stands all the same."""

import json
from collections.abc import Callable

import pytest

from reveille.agents import ModelAnswer, ModelRefused, ModelRequest, ModelUnavailable
from tests.unit.agents.film.playing import played

PROMPT = "Two astronauts argue over the last oxygen tank"
OWN = {
    "beats": [
        {"beat": "open", "text": "The tank hums between them like a third person. Frost has closed the window."},
        {"beat": "close", "text": "She counts backwards. Neither of them is counting the same thing."},
    ],
    "aims": [],
}


class Writing:
    name = "writer"

    def __init__(self, say: Callable[[ModelRequest], str]) -> None:
        self.say = say
        self.asked: list[ModelRequest] = []

    def cap(self, request: ModelRequest) -> int:
        return (len(request.system) + len(request.prompt)) // 4 + request.max_output_tokens

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        return ModelAnswer(text=self.say(request), model="writer-1", input_tokens=9, output_tokens=9, estimated=False)


def failing(error: Exception) -> Callable[[ModelRequest], str]:
    def say(request: ModelRequest) -> str:
        raise error

    return say


def test_drafts_briefs_and_reviews_are_asked_for_and_the_checks_still_measure() -> None:
    model = Writing(lambda request: json.dumps(OWN))
    result = played(PROMPT, model=model, tokens=20_000)
    assert {request.purpose for request in model.asked} == {"brief", "draft", "review"}
    plot = result.results["story/plot-writer"]
    assert plot["model"] == "writer"
    assert "The tank hums between them like a third person." in plot["text"]
    assert [beat["beat"] for beat in plot["beats"]] == ["open", "close"]
    # Two of six beats, however well they read.
    assert result.scores["plot-writer"][0] < 70


def test_what_the_model_says_in_a_review_stands_in_the_notes() -> None:
    def say(request: ModelRequest) -> str:
        if request.purpose == "review":
            return json.dumps({"plot-writer": "Let the frost matter."})
        return json.dumps(OWN)

    review = played(PROMPT, model=Writing(say), tokens=20_000).reviews["plot-writer"][0]
    assert "Let the frost matter." in review["notes"]
    assert "mention" in review["notes"]


def test_its_aims_stand_before_those_of_the_prompt() -> None:
    aims = {"plot-writer": ["Keep the lie small."]}
    result = played(PROMPT, model=Writing(lambda request: json.dumps(aims)), tokens=20_000)
    assert result.results["story"]["briefs"]["plot-writer"]["aims"][0] == "Keep the lie small."


@pytest.mark.parametrize(
    "say",
    [
        lambda request: "not JSON",
        lambda request: "[1, 2]",
        lambda request: '{"beats": "none", "lines": 7, "people": [3]}',
        lambda request: '{"beats": [], "lines": [], "people": [], "shots": [], "setups": []}',
        failing(ModelUnavailable("down")),
        failing(ModelRefused("no")),
    ],
)
def test_a_model_that_says_nothing_usable_costs_nothing_of_the_scene(say: Callable[[ModelRequest], str]) -> None:
    with_model = played(PROMPT, model=Writing(say), tokens=20_000)
    plain = played(PROMPT)
    assert with_model.scene["text"] == plain.scene["text"]
    assert with_model.scores == plain.scores
    assert with_model.results["story/plot-writer"]["notes"]


def test_a_run_without_tokens_does_not_ask() -> None:
    model = Writing(failing(AssertionError("asked")))
    assert played(PROMPT, model=model, tokens=0).scene["text"] == played(PROMPT).scene["text"]
    assert model.asked == []


def test_no_call_can_use_more_than_the_run_has() -> None:
    model = Writing(lambda request: json.dumps(OWN))
    played(PROMPT, model=model, tokens=300)
    assert model.asked
    assert all(model.cap(request) <= 300 for request in model.asked)


def test_what_a_model_writes_is_kept_small_and_printable() -> None:
    wild = {"beats": [{"beat": "open\x00", "text": "x" * 9_000, "more": {"a": 1}}] * 90}
    result = played(PROMPT, model=Writing(lambda request: json.dumps(wild)), tokens=20_000)
    plot = result.results["story/plot-writer"]
    assert len(plot["beats"]) <= 40
    assert "\x00" not in plot["text"]
