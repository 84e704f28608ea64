"""A category of every input: what people want of a hierarchy is for its orchestrator, whatever their words."""

import json
from importlib.resources import files

import pytest

from reveille.analyzer.domain.analysis import Analyze, decider
from reveille.analyzer.domain.analysis_state import Analysis
from reveille.contracts.analyzer.v1.events_pb2 import (
    CLASSIFIED_BY_TAGS,
    CLASSIFIED_BY_WORDS,
    InputClassified,
    InputsAnalyzed,
)
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Category
from reveille.ingress.bootstrap import blueprint_from
from reveille.kernel.sealing import open_sealed
from tests.unit.analyzer.party import given, meaning
from tests.unit.manual_clock import NOON

EVERY = BlueprintStep(name="orchestrate", category=Category(every=True))
MIXED = Blueprint(
    name="b", steps=[EVERY, BlueprintStep(name="cake", category=Category(words=["cake", "dessert"]))], facts=["guests"]
)
TEXTS = [
    "A dramatic scene in a light-house",
    "???",
    "qwertz uiop",
    "the",
    "no cake, without a dessert",
    "für 75 guests",
    "x" * 4_000,
]


def film() -> Blueprint:
    text = files("reveille.ingress.fleets").joinpath("film-scene.yaml").read_text(encoding="utf-8")
    return blueprint_from(text, file="film-scene.yaml")


def analyzed(*texts: str, of: Blueprint, tags: tuple[str, ...] = ()) -> tuple[list[InputClassified], InputsAnalyzed]:
    """As it is told where a model can be asked."""
    said = [given(text, *tags, number=number) for number, text in enumerate(texts)]
    command = Analyze(
        now=NOON,
        execution_id="e",
        blueprint=of.name,
        fleet_revision=7,
        revision=3,
        understood=meaning(*said, of=of),
        ask=True,
    )
    *classified, whole = decider.decide(command, Analysis())
    assert isinstance(whole, InputsAnalyzed)
    return [one for one in classified if isinstance(one, InputClassified)], whole


@pytest.mark.parametrize("text", TEXTS)
def test_every_input_is_of_it_for_certain_whatever_its_words(text: str) -> None:
    for of in (film(), MIXED):
        (one,) = meaning(text, of=of).inputs
        assert one.scores[0] == ("orchestrate", 1.0)
        assert (one.confidence, one.unclear, one.tagged) == (1.0, False, False)


def test_of_many_inputs_none_is_asked_of_a_model_and_none_is_told_as_unclassified() -> None:
    classified, whole = analyzed(*TEXTS, of=film())
    assert [[one.category for one in event.categories] for event in classified] == [["orchestrate"]] * len(TEXTS)
    assert {event.by for event in classified} == {CLASSIFIED_BY_WORDS}
    assert [(list(one.categories), one.confidence) for one in whole.inputs] == [(["orchestrate"], 1.0)] * len(TEXTS)
    assert (list(whole.unclear), whole.HasField("unclassified")) == ([], False)


def test_words_bring_an_input_into_further_categories() -> None:
    (one,) = meaning("a cake for 12 guests", of=MIXED).inputs
    assert [name for name, _ in one.scores] == ["orchestrate", "cake"]
    assert one.facts == {"guests": 12}


def test_a_tag_brings_an_input_into_a_further_category_for_certain() -> None:
    (one,) = meaning(given("something sweet", "cake"), of=MIXED).inputs
    assert (one.scores, one.tagged) == ((("orchestrate", 1.0), ("cake", 1.0)), True)
    classified, _ = analyzed("something sweet", of=MIXED, tags=("cake",))
    assert [event.by for event in classified] == [CLASSIFIED_BY_TAGS]


def test_a_tag_takes_an_input_out_of_it_and_nobody_is_asked_about_that() -> None:
    classified, whole = analyzed("a note to ourselves", of=film(), tags=("-orchestrate",))
    assert [list(event.categories) for event in classified] == [[]]
    assert (list(whole.unclear), whole.HasField("unclassified")) == ([], False)


def test_a_tag_that_means_nothing_is_still_asked_about() -> None:
    _, whole = analyzed("a scene at sea", of=film(), tags=("sea",))
    assert [one["tags"] for one in json.loads(open_sealed(whole.unclassified))] == [["sea"]]


def test_other_inputs_do_not_settle_what_it_is_of() -> None:
    alone = meaning("space", of=MIXED).inputs[0].scores
    beside = meaning("a cake", "space", of=MIXED).inputs[1].scores
    assert alone == beside == (("orchestrate", 1.0),)
