"""What came of a trigger: of one that woke an agent, and of one that began a plan of many steps."""

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.analyzer.application.outcomes import Outcome, outcome_of
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    ExecutionCancelled,
    ExecutionStarted,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepReady,
    StepReleased,
    StepRemoved,
    StepRetryScheduled,
    StepRevoked,
    StepWaiting,
)

WAKE, PLAN = ExecutionStarted(execution_id="e"), ExecutionStarted(execution_id="e", blueprint="party")
LATER = Timestamp(seconds=60)


def ready(step: str, attempt: int = 1) -> StepReady:
    return StepReady(step=step, attempt=attempt, run_id=f"{step}-{attempt}")


def waiting(step: str) -> StepWaiting:
    return StepWaiting(step=step, account="tenant@2026-11-21", until=LATER)


def refused(step: str) -> StepFailed:
    return StepFailed(step=step, reason="budget", error=Sealed(data=b"spent"))


def outcome(*events: Message | None) -> Outcome:
    return outcome_of(events)


DEFERRED = Outcome(
    "budget_deferred", "account tenant@2026-11-21 has no tokens for it until then, unless some come free", 60_000_000
)
DROPPED = Outcome("budget_dropped", "it got no tokens: spent")


def test_a_wake_that_is_under_way_names_its_run() -> None:
    assert outcome(WAKE, ready("wake")) == Outcome(runs=("wake-1",))
    assert outcome(WAKE, ready("wake"), StepRetryScheduled(step="wake"), ready("wake", 2)) == Outcome(runs=("wake-2",))


def test_a_wake_that_is_done_has_no_run_left() -> None:
    assert outcome(WAKE, ready("wake"), StepCompleted(step="wake")) == Outcome()


def test_a_wake_that_waits_is_deferred_until_it_is_released() -> None:
    assert outcome(WAKE, ready("wake"), waiting("wake")) == DEFERRED
    assert outcome(WAKE, ready("wake"), waiting("wake"), StepReleased(step="wake")) == Outcome(runs=("wake-1",))


def test_a_wake_that_is_refused_is_dropped() -> None:
    assert outcome(WAKE, ready("wake"), refused("wake")) == DROPPED


def test_a_wake_that_a_person_is_asked_about_waits_for_the_answer() -> None:
    asked = ApprovalRequested(approval_id="x", step="wake", tokens=5, account="a", deadline=LATER)
    held = outcome(WAKE, ready("wake"), waiting("wake"), asked)
    assert (held.reason, held.until) == ("awaiting_approval", 60_000_000)
    assert outcome(WAKE, ready("wake"), waiting("wake"), asked, ApprovalResolved(approval_id="x")) == DEFERRED


def test_a_plan_that_has_begun_names_its_runs() -> None:
    assert outcome(PLAN, ready("cake"), ready("venue")) == Outcome(runs=("cake-1", "venue-1"))


def test_a_plan_of_which_something_is_done_has_started_whatever_waits_for_its_agent() -> None:
    assert outcome(PLAN, ready("theme"), StepCompleted(step="theme"), ready("cake")) == Outcome()
    adopted = StepAdopted(completed=StepCompleted(step="theme"))
    assert outcome(PLAN, adopted, ready("cake")) == Outcome()


def test_a_plan_goes_on_while_one_of_its_steps_has_no_tokens() -> None:
    held = outcome(PLAN, ready("cake"), ready("venue"), waiting("venue"))
    assert held == Outcome(detail="step venue has no tokens", runs=("cake-1", "venue-1"))
    dropped = outcome(PLAN, ready("cake"), StepCompleted(step="cake"), ready("venue"), refused("venue"))
    assert dropped == Outcome(detail="step venue has no tokens")


def test_a_plan_of_which_nothing_can_begin_is_deferred_or_dropped() -> None:
    assert outcome(PLAN, ready("theme"), waiting("theme")) == DEFERRED
    assert outcome(PLAN, ready("theme"), refused("theme")) == DROPPED


def test_a_step_that_nobody_wants_any_more_holds_nothing() -> None:
    assert outcome(PLAN, ready("theme"), waiting("theme"), StepRevoked(step="theme")) == Outcome()
    assert outcome(PLAN, ready("theme"), refused("theme"), StepRemoved(step="theme")) == Outcome()


def test_a_step_that_is_ready_again_is_refused_no_more() -> None:
    assert outcome(PLAN, ready("theme"), refused("theme"), ready("theme", 2)) == Outcome(runs=("theme-2",))


def test_a_plan_that_is_cancelled_waits_for_nothing() -> None:
    assert outcome(PLAN, ready("theme"), waiting("theme"), ExecutionCancelled(execution_id="e")) == Outcome()


def test_what_a_newer_build_wrote_is_passed_over() -> None:
    assert outcome(WAKE, None, ready("wake")) == Outcome(runs=("wake-1",))
