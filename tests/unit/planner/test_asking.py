"""A step waits for tokens; where it may exceed its budget a person is asked, and each question is closed once."""

from typing import Any

import pytest

from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    APPROVAL_KIND_TOKENS,
    ApprovalRequested,
    ApprovalResolved,
    ExecutionFailed,
    StepFailed,
    StepReleased,
    StepWaiting,
)
from reveille.kernel.ids import derive
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain.commands import Admit, Answer, AwaitTokens, Command, MissDeadline, RetryStep
from reveille.planner.domain.starting import run_id
from tests.unit.manual_clock import NOON
from tests.unit.planner.test_execution import complete, due, fail, given, interrupt, running
from tests.unit.spec import When

ACCOUNT = "agent:a@2026-11-21"
MIDNIGHT = NOON + 12 * 3600 * 1_000_000
DEADLINE = NOON + 3_600_000_000
RUN = run_id("e", "wake", 1)
APPROVAL = derive("approval", RUN)


def wait(attempt: int = 1, **other: Any) -> AwaitTokens:
    given = {"account": ACCOUNT, "left": 40, "until": MIDNIGHT, **other}
    return AwaitTokens(now=NOON, step="wake", attempt=attempt, **given)


def ask(attempt: int = 1, **other: Any) -> AwaitTokens:
    return wait(attempt, ask=True, answer_ms=3_600_000, **other)


def admit(attempt: int = 1) -> Admit:
    return Admit(now=NOON, step="wake", attempt=attempt)


def answer(approved: bool, *, comment: bytes = b"", by: str = "", id: str = APPROVAL) -> Answer:
    return Answer(now=NOON, approval_id=id, approved=approved, by=by, comment=Sealed(data=comment))


def miss(due: int = DEADLINE) -> MissDeadline:
    return MissDeadline(now=due, step="wake", due=due)


WAITING = StepWaiting(execution_id="e", step="wake", attempt=1, account=ACCOUNT, until=timestamp(MIDNIGHT))
ASKED = ApprovalRequested(
    approval_id=APPROVAL,
    execution_id="e",
    step="wake",
    attempt=1,
    run_id=RUN,
    kind=APPROVAL_KIND_TOKENS,
    question=Sealed(
        data=b"a needs 500 tokens for step wake, and agent:a@2026-11-21 has 40 left: may it exceed its budget once?"
    ),
    risk="low",
    tokens=500,
    deadline=timestamp(DEADLINE),
    otherwise="reject",
    account=ACCOUNT,
)
RELEASED = StepReleased(execution_id="e", step="wake", attempt=1)


def resolved(how: str, *, approved: bool = False, by: str = "") -> ApprovalResolved:
    return ApprovalResolved(
        approval_id=APPROVAL,
        execution_id="e",
        step="wake",
        run_id=RUN,
        kind=APPROVAL_KIND_TOKENS,
        approved=approved,
        by=by,
        how=how,
        tokens=500,
    )


def failed(reason: str, why: bytes) -> list[Any]:
    step = StepFailed(execution_id="e", step="wake", attempt=1, reason=reason, error=Sealed(data=why))
    return [step, ExecutionFailed(execution_id="e", reason="step wake failed")]


def asked() -> When:
    return running().when(ask())


def test_a_step_that_waits_for_tokens_says_for_which_and_until_when() -> None:
    running().when(wait()).then(WAITING)


def test_a_step_that_waited_is_ready_again_when_its_tokens_are_there() -> None:
    running().when(wait()).when(admit()).then(RELEASED)


def test_a_step_waits_once() -> None:
    running().when(wait()).when(wait()).then()


def test_a_step_is_released_once() -> None:
    running().when(wait()).when(admit()).when(admit()).then()


def test_a_step_that_does_not_wait_is_not_released() -> None:
    running().when(admit()).then()


def test_a_step_that_was_released_may_complete_and_fail() -> None:
    released = running().when(wait()).when(admit())
    assert [type(event).__name__ for event in released.when(complete()).events] == [
        "StepCompleted",
        "ExecutionCompleted",
    ]
    assert [type(event).__name__ for event in released.when(fail()).events] == ["StepRetryScheduled"]


def test_where_a_person_may_let_it_exceed_he_is_asked() -> None:
    asked().then(WAITING, ASKED)


@pytest.mark.parametrize(
    ("account", "risk"), [(ACCOUNT, "low"), ("execution:e", "medium"), ("tenant@2026-11-21", "high")]
)
def test_the_more_are_touched_the_higher_is_the_risk(account: str, risk: str) -> None:
    _, question = running().when(ask(account=account)).events
    assert isinstance(question, ApprovalRequested)
    assert question.risk == risk


def test_what_is_approved_waits_for_the_ledger() -> None:
    approved = asked().when(answer(True, by="ann"))
    approved.then(resolved("decided", approved=True, by="ann"))
    approved.when(admit()).then(RELEASED)


def test_what_is_refused_fails_the_step_in_the_words_of_who_refused() -> None:
    asked().when(answer(False, comment=b"not today", by="ann")).then(
        resolved("decided", by="ann"), *failed("rejected", b"not today")
    )


def test_what_is_refused_without_a_word_says_so_itself() -> None:
    asked().when(answer(False)).then(
        resolved("decided"), *failed("rejected", b"a person did not let it exceed its budget")
    )


def test_no_answer_by_the_deadline_is_a_refusal() -> None:
    asked().when(miss()).then(resolved("deadline"), *failed("budget", b"nobody let it exceed its budget in time"))


def test_a_timer_of_another_deadline_changes_nothing() -> None:
    asked().when(miss(DEADLINE - 1)).then()


def test_tokens_that_come_before_the_answer_make_the_question_moot() -> None:
    asked().when(admit()).then(resolved("moot"), RELEASED)


@pytest.mark.parametrize("first", [answer(True), answer(False), miss(), admit()])
@pytest.mark.parametrize("second", [answer(True), answer(False), miss()])
def test_a_question_is_closed_once(first: Command, second: Command) -> None:
    asked().when(first).when(second).then()


def test_an_answer_to_another_question_changes_nothing() -> None:
    asked().when(answer(True, id="another")).then()
    running().when(answer(True)).then()


@pytest.mark.parametrize("stale", [ask(1), wait(1), admit(1)])
def test_the_ledgers_word_on_an_attempt_before_changes_nothing(stale: Command) -> None:
    running().when(interrupt(1)).when(stale).then()
    failing = running().when(fail())
    failing.when(stale).then()
    failing.when(RetryStep(now=NOON, step="wake", due=due(failing))).when(stale).then()


def test_each_attempt_asks_a_question_of_its_own() -> None:
    failing = running().when(fail())
    again = failing.when(RetryStep(now=NOON, step="wake", due=due(failing))).when(ask(2))
    question = again.events[1]
    assert isinstance(question, ApprovalRequested)
    assert (question.attempt, question.approval_id) == (2, derive("approval", run_id("e", "wake", 2)))


def test_a_run_whose_end_is_heard_of_before_that_it_was_admitted_ends_the_step_and_its_question() -> None:
    done = asked().when(complete())
    assert [type(event).__name__ for event in done.events] == [
        "ApprovalResolved",
        "StepCompleted",
        "ExecutionCompleted",
    ]
    done.when(admit()).then()


def test_a_run_whose_end_is_heard_of_before_that_it_had_waited_is_over() -> None:
    running().when(complete()).when(ask()).then()


def test_a_denial_while_a_person_is_asked_closes_the_question() -> None:
    denied = asked().when(fail(retry=False, reason="budget", tokens_used=0))
    assert denied.events[0] == resolved("moot")
    assert [type(event).__name__ for event in denied.events[1:]] == ["StepFailed", "ExecutionFailed"]


def test_an_execution_that_never_started_was_never_asked_about() -> None:
    given().when(answer(True)).then_rejected(f"never started has no question {APPROVAL}")
