"""What a run may use, what it is charged for, and how it ends once."""

import pytest

from reveille.agent_runner.domain.run import (
    CallModel,
    Command,
    Complete,
    Fail,
    Interrupt,
    Report,
    StartRun,
    TakeAnswer,
    decider,
)
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    FAILURE_INTERRUPTED,
    AgentThinking,
    Failure,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    Work,
)
from reveille.contracts.common.v1.common_pb2 import Sealed
from tests.unit.manual_clock import NOON
from tests.unit.spec import spec

given = spec(decider)
WORK = Work(run_id="r1", agent="a", tokens=100)
STARTED = RunStarted(work=WORK)
RESULT = Sealed(data=b"{}")
THINKING = AgentThinking(run_id="r1", text=Sealed(data=b"hm"))


def call(number: int = 1, cap: int = 60) -> CallModel:
    return CallModel(now=NOON, call=number, model="m", cap=cap)


def called(number: int = 1, cap: int = 60) -> ModelCalled:
    return ModelCalled(run_id="r1", call=number, model="m", cap=cap)


def answered(number: int = 1, tokens: int = 30) -> ModelAnswered:
    return ModelAnswered(run_id="r1", call=number, model="m", input_tokens=tokens - 1, output_tokens=1)


def take(answer: ModelAnswered) -> TakeAnswer:
    return TakeAnswer(now=NOON, answer=answer)


def report(number: int, event: AgentThinking) -> Report:
    return Report(now=NOON, number=number, event=event)


def complete() -> Complete:
    return Complete(now=NOON, result=RESULT)


def completed(used: int) -> RunCompleted:
    return RunCompleted(work=WORK, tokens_used=used, result=RESULT)


def fail() -> Fail:
    return Fail(now=NOON, reason=FAILURE_ERROR, error=Sealed(data=b"no"), retry=True)


def failed(used: int, reason: Failure = FAILURE_ERROR, error: bytes = b"no") -> RunFailed:
    return RunFailed(work=WORK, tokens_used=used, reason=reason, error=Sealed(data=error), retry=True)


def test_a_run_starts_with_its_work() -> None:
    given().when(StartRun(now=NOON, work=WORK)).then(STARTED)


def test_a_run_starts_once() -> None:
    given(STARTED).when(StartRun(now=NOON, work=WORK)).then()


@pytest.mark.parametrize("command", [call(), complete(), fail(), Interrupt(now=NOON), take(answered())])
def test_a_run_that_never_started_cannot_go_on(command: Command) -> None:
    given().when(command).then_rejected("never started")


def test_what_a_run_tells_of_itself_is_recorded() -> None:
    given(STARTED).when(report(0, THINKING)).then(THINKING)


def test_a_report_told_again_after_an_unknown_outcome_is_recorded_once() -> None:
    given(STARTED).when(report(0, THINKING)).when(report(0, THINKING)).then()


def test_the_same_words_told_twice_are_recorded_twice() -> None:
    given(STARTED).when(report(0, THINKING)).when(report(1, THINKING)).then(THINKING)


def test_a_model_is_called_with_a_cap_that_is_left() -> None:
    given(STARTED).when(call(cap=100)).then(called(cap=100))


def test_a_call_that_can_use_more_than_is_left_is_refused() -> None:
    given(STARTED).when(call(cap=101)).then_rejected("run r1 has 100 tokens left, the call may use 101")


def test_a_call_in_flight_holds_its_cap() -> None:
    given(STARTED, called(1, 60)).when(call(2, 41)).then_rejected("has 40 tokens left")


def test_an_answer_gives_back_what_its_call_did_not_use() -> None:
    given(STARTED, called(1, 60), answered(1, 30)).when(call(2, 70)).then(called(2, 70))


def test_a_call_that_used_more_than_its_cap_leaves_less() -> None:
    given(STARTED, called(1, 60), answered(1, 90)).when(call(2, 11)).then_rejected("has 10 tokens left")


def test_a_call_told_again_after_an_unknown_outcome_is_recorded_once() -> None:
    given(STARTED).when(call(1, 60)).when(call(1, 60)).then()


def test_an_answer_is_recorded_once() -> None:
    given(STARTED, called()).when(take(answered())).when(take(answered())).then()


def test_an_answer_to_a_call_that_was_never_made_changes_nothing() -> None:
    given(STARTED).when(take(answered())).then()


def test_a_completed_run_has_used_what_its_answers_say() -> None:
    given(STARTED, called(1), answered(1, 30), called(2), answered(2, 20)).when(complete()).then(completed(used=50))


def test_a_run_that_called_no_model_has_used_nothing() -> None:
    given(STARTED).when(complete()).then(completed(used=0))


def test_a_call_in_flight_is_charged_with_its_cap_at_the_end() -> None:
    given(STARTED, called(1), answered(1, 30), called(2, 60)).when(complete()).then(completed(used=90))


def test_a_failed_run_is_charged_like_any_other() -> None:
    given(STARTED, called(1, 60)).when(fail()).then(failed(used=60))


def test_a_run_whose_owner_is_gone_fails_as_interrupted_and_may_be_tried_again() -> None:
    given(STARTED, called(1, 60)).when(Interrupt(now=NOON)).then(failed(60, FAILURE_INTERRUPTED, b"its owner is gone"))


@pytest.mark.parametrize("command", [complete(), fail(), Interrupt(now=NOON)])
@pytest.mark.parametrize("end", [completed(0), failed(0)])
def test_a_run_ends_once(end: RunCompleted | RunFailed, command: Command) -> None:
    given(STARTED, end).when(command).then()


@pytest.mark.parametrize("command", [call(), report(0, THINKING)])
def test_a_run_that_ended_does_nothing_more(command: Command) -> None:
    given(STARTED, completed(0)).when(command).then_rejected("run r1 has ended")


def test_an_answer_after_the_end_within_its_cap_was_charged_already() -> None:
    given(STARTED, called(1, 60), failed(60)).when(take(answered(1, 60))).then(answered(1, 60))


def test_an_answer_after_the_end_adds_only_what_exceeds_its_cap() -> None:
    given(STARTED, called(1, 60), failed(60)).when(take(answered(1, 75))).then(
        answered(1, 75), LateUsageFound(work=WORK, tokens=15)
    )


def test_an_answer_after_the_end_adds_once() -> None:
    given(STARTED, called(1, 60), failed(60)).when(take(answered(1, 75))).when(take(answered(1, 75))).then()


def test_an_answer_before_the_end_that_exceeds_its_cap_is_charged_by_the_end() -> None:
    given(STARTED, called(1, 60)).when(take(answered(1, 75))).when(complete()).then(completed(used=75))
