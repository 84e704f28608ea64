"""What has changed in what a plan's inputs mean is said once, and what a model is asked about is asked once."""

import json
from dataclasses import replace
from typing import Any

from google.protobuf.message import Message

from reveille.analyzer.domain.analysis import Analyze, Answer, decider
from reveille.analyzer.domain.analysis_state import Analysis
from reveille.analyzer.domain.inputs import Given as GivenInput
from reveille.contracts.analyzer.v1.events_pb2 import (
    CLASSIFIED_BY_MODEL,
    CLASSIFIED_BY_TAGS,
    CLASSIFIED_BY_WORDS,
    Beginning,
    Cancellation,
    CategoryScore,
    InputClassified,
    InputsAnalyzed,
)
from reveille.kernel.sealing import open_sealed, seal, seal_json
from tests.unit.analyzer.party import given, meaning
from tests.unit.manual_clock import NOON
from tests.unit.spec import evolved, spec

nothing_yet = spec(decider)()
BEGINNING = Beginning(conversation_id="c")
CANCELLATION = Cancellation(reason=seal(b"rain"), by="ann")
CASTLE = "a bouncy castle"


def analyze(*inputs: str | GivenInput, revision: int = 3, **other: Any) -> Analyze:
    fields: dict[str, Any] = {"blueprint": "party", "fleet_revision": 7, "beginning": BEGINNING, **other}
    return Analyze(now=NOON, execution_id="e", revision=revision, understood=meaning(*inputs), **fields)


def answer(revision: int = 3, **answers: tuple[tuple[str, float], ...]) -> Answer:
    by_input = {name.replace("_", "-"): scores for name, scores in answers.items()}
    return Answer(now=NOON, execution_id="e", revision=revision, answers=by_input)


def after(*commands: Analyze | Answer) -> Analysis:
    state = Analysis()
    for command in commands:
        state = evolved(decider, state, decider.decide(command, state))
    return state


def decided(*commands: Analyze | Answer) -> list[Message]:
    """By the last of them."""
    events = decider.decide(commands[-1], after(*commands[:-1]))
    return [event for event in events if isinstance(event, Message)]


def analyzed(*commands: Analyze | Answer) -> InputsAnalyzed:
    event = decided(*commands)[-1]
    assert isinstance(event, InputsAnalyzed)
    return event


def classified(*commands: Analyze | Answer) -> dict[str, InputClassified]:
    return {event.input_id: event for event in decided(*commands) if isinstance(event, InputClassified)}


def found(event: InputsAnalyzed) -> dict[str, list[str]]:
    return {one.input_id: list(one.categories) for one in event.inputs}


def opened(event: InputsAnalyzed) -> Any:
    return json.loads(open_sealed(event.unclassified) or b"[]")


def test_the_first_analysis_tells_each_input_and_then_the_whole() -> None:
    one = given("jungle theme party for 75 guests")
    expected = [
        InputClassified(
            execution_id="e",
            input_id="i-0",
            categories=[CategoryScore(category="theme", confidence=0.96)],
            by=CLASSIFIED_BY_WORDS,
            facts=seal_json({"guests": 75}),
        ),
        InputsAnalyzed(
            execution_id="e",
            blueprint="party",
            fleet_revision=7,
            inputs_revision=3,
            facts=seal_json({"guests": 75}),
            beginning=BEGINNING,
        ),
    ]
    assert isinstance(expected[1], InputsAnalyzed)
    expected[1].inputs.add(input_id="i-0", ref=one.ref, categories=["theme"], confidence=0.96, digest=one.digest)
    nothing_yet.when(analyze(one)).then(*expected)


def test_a_change_that_was_analyzed_changes_nothing() -> None:
    first = analyze("cake", revision=3)
    assert decided(first, first) == []
    assert decided(first, analyze("cake", "a magician", revision=2)) == []


def test_only_what_is_new_or_changed_is_classified_anew() -> None:
    assert list(classified(analyze("cake"), analyze("cake", "a magician", revision=5))) == ["i-1"]
    # Without the first, the second is what the plan lacks no more.
    before = (given("jungle theme"), given("space", number=1))
    assert set(classified(analyze(*before), analyze(before[1], revision=5))) == {"i-1"}


def test_a_removed_input_is_forgotten_and_classified_anew_where_it_comes_back() -> None:
    gone = (analyze("cake"), analyze(revision=4))
    assert found(analyzed(*gone)) == {}
    assert len(after(*gone).classified) == 0
    assert list(classified(*gone, analyze("cake", revision=5))) == ["i-0"]


def test_the_whole_has_every_input_in_order_also_those_of_no_category() -> None:
    assert found(analyzed(analyze("cake", CASTLE, "balloons"))) == {"i-0": ["cake"], "i-1": [], "i-2": ["vendor"]}


def test_tags_are_said_to_have_classified() -> None:
    one = classified(analyze(given("surprise us", "cake", "urgent")))["i-0"]
    assert (one.by, json.loads(open_sealed(one.unknown_tags))) == (CLASSIFIED_BY_TAGS, ["urgent"])


def test_the_beginning_is_told_once() -> None:
    assert analyzed(analyze("cake")).beginning == BEGINNING
    assert not analyzed(analyze("cake"), analyze("cake", revision=4)).HasField("beginning")


def test_a_cancellation_is_told_once() -> None:
    cancelled = analyze("cake", revision=4, cancellation=CANCELLATION)
    assert analyzed(analyze("cake"), cancelled).cancellation == CANCELLATION
    again = analyze("cake", revision=5, cancellation=CANCELLATION)
    assert not analyzed(analyze("cake"), cancelled, again).HasField("cancellation")


def test_a_plan_may_be_cancelled_by_the_change_that_begins_it() -> None:
    event = analyzed(analyze("cake", cancellation=CANCELLATION))
    assert event.HasField("beginning")
    assert event.HasField("cancellation")


def test_steps_whose_last_input_has_gone_are_losing() -> None:
    both = (given("cake"), given("cupcakes and balloons", number=1))
    assert list(analyzed(analyze(*both), analyze(both[0], revision=4)).losing) == ["vendor"]
    assert list(analyzed(analyze(*both), analyze(revision=4)).losing) == ["cake", "vendor"]
    assert list(analyzed(analyze(), analyze(*both, revision=4)).losing) == []


def test_what_names_no_category_is_told_and_so_are_tags_that_name_nothing() -> None:
    inputs = (given(CASTLE), given("75 guests", number=1), given("cake", "urgent", number=2))
    assert opened(analyzed(analyze(*inputs))) == [
        {"input_id": "i-0", "text": CASTLE, "tags": []},
        {"input_id": "i-2", "text": "cake", "tags": ["urgent"]},
    ]


def test_a_parameter_that_is_no_value_of_its_fact_is_told_as_a_tag_of_no_input() -> None:
    command = replace(analyze("cake"), understood=meaning("cake", parameters={"guests": "many"}))
    assert opened(analyzed(command)) == [{"input_id": "", "text": "", "tags": ["guests:many"]}]


def test_of_hundreds_that_name_nothing_the_first_are_told_each_in_short() -> None:
    many = [given(f"{number} " + "bouncy castle " * 100, number=number) for number in range(500)]
    event = analyzed(analyze(*many))
    assert len(opened(event)) == 50
    assert event.ByteSize() < 256 * 1024


def test_nothing_is_asked_where_no_model_is_there_to_be_asked() -> None:
    assert list(analyzed(analyze(CASTLE)).unclear) == []


def test_a_model_is_asked_about_what_is_unclear_and_not_about_the_rest() -> None:
    inputs = ("cake", CASTLE, "75 guests", given("something", "vendor", number=3))
    assert list(analyzed(analyze(*inputs, ask=True)).unclear) == ["i-1"]


def test_a_model_is_asked_once_about_a_text() -> None:
    same = (given(CASTLE), given(CASTLE, number=1))
    first = analyze(*same, ask=True)
    assert list(analyzed(first).unclear) == ["i-0"]
    assert list(analyzed(first, analyze(*same, "cake", revision=5, ask=True)).unclear) == []
    assert list(analyzed(first, analyze(revision=5), analyze(CASTLE, revision=6, ask=True)).unclear) == []


def test_a_models_answer_classifies_and_the_whole_is_told_again() -> None:
    asked = analyze("cake", CASTLE, ask=True)
    told = answer(i_1=(("vendor", 0.9), ("venue", 0.6)))
    one = classified(asked, told)
    assert list(one) == ["i-1"]
    assert (one["i-1"].by, [score.category for score in one["i-1"].categories]) == (
        CLASSIFIED_BY_MODEL,
        ["vendor", "venue"],
    )
    event = analyzed(asked, told)
    assert found(event) == {"i-0": ["cake"], "i-1": ["vendor", "venue"]}
    assert (event.inputs_revision, event.blueprint, event.fleet_revision) == (3, "party", 7)
    assert event.facts == analyzed(asked).facts
    assert (list(event.unclear), event.HasField("beginning"), opened(event)) == ([], False, [])


def test_an_answer_counts_for_every_input_of_the_same_words() -> None:
    same = (given(CASTLE), given(CASTLE, number=1))
    event = analyzed(analyze(*same, ask=True), answer(i_0=(("vendor", 0.9),)))
    assert found(event) == {"i-0": ["vendor"], "i-1": ["vendor"]}


def test_an_answer_stands_through_later_changes() -> None:
    commands = (
        analyze(CASTLE, ask=True),
        answer(i_0=(("vendor", 0.9),)),
        analyze(CASTLE, "cake", revision=5, ask=True),
    )
    assert list(classified(*commands)) == ["i-1"]
    assert found(analyzed(*commands)) == {"i-0": ["vendor"], "i-1": ["cake"]}


def test_an_answer_to_an_older_revision_counts_for_what_is_still_there() -> None:
    late = (analyze(CASTLE, ask=True), analyze(CASTLE, "cake", revision=5, ask=True), answer(3, i_0=(("vendor", 0.9),)))
    event = analyzed(*late)
    assert (event.inputs_revision, found(event)) == (5, {"i-0": ["vendor"], "i-1": ["cake"]})


def test_an_answer_about_an_input_that_has_gone_changes_nothing() -> None:
    assert decided(analyze(CASTLE, ask=True), analyze(revision=5), answer(3, i_0=(("vendor", 0.9),))) == []


def test_an_answer_about_another_text_of_the_same_id_changes_nothing() -> None:
    other = analyze("goodie bags", revision=5, ask=True)
    assert decided(analyze(CASTLE, ask=True), other, answer(3, i_0=(("vendor", 0.9),))) == []


def test_an_answer_about_what_nobody_asked_changes_nothing() -> None:
    assert decided(analyze(CASTLE), answer(i_0=(("vendor", 0.9),))) == []
    assert decided(analyze("cake", CASTLE, ask=True), answer(i_0=(("vendor", 0.9),))) == []


def test_an_answer_that_comes_again_changes_nothing() -> None:
    first = (analyze(CASTLE, ask=True), answer(i_0=(("vendor", 0.9),)))
    assert decided(*first, answer(i_0=(("vendor", 0.9),))) == []
    assert decided(*first, answer(i_0=(("venue", 0.9),))) == []


def test_what_became_clear_meanwhile_is_left_as_it_is() -> None:
    asked = analyze("space", ask=True)
    clear = analyze("space", "jungle theme", revision=5, ask=True)
    assert found(analyzed(asked, clear))["i-0"] == ["venue"]
    assert decided(asked, clear, answer(3, i_0=(("theme", 0.9),))) == []


def test_the_memory_of_what_was_asked_is_bounded() -> None:
    state = Analysis()
    for number in range(60):
        texts = [given(f"{CASTLE} {number} {one}", number=one) for one in range(50)]
        state = evolved(decider, state, decider.decide(analyze(*texts, revision=number, ask=True), state))
    assert len(state.asked) <= 2_050
