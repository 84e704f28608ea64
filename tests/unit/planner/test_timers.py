"""A step's next attempt is a timer that its events set and put off."""

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested, ApprovalResolved, StepReady, StepRetryScheduled
from reveille.kernel.timers import Due, Timer
from reveille.planner.application.timers import SETS, fires
from reveille.planner.domain.commands import MissDeadline, RetryStep
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE

SCHEDULED = SETS["reveille.planner.v1.StepRetryScheduled"]
READY = SETS["reveille.planner.v1.StepReady"]


def test_a_retry_sets_its_steps_timer() -> None:
    retry = StepRetryScheduled(step="draw up", retry_at=Timestamp(seconds=5, nanos=7000))
    assert SCHEDULED(retry) == [Timer("retry draw up", 5_000_007)]


def test_a_retry_at_once_sets_none() -> None:
    assert SCHEDULED(StepRetryScheduled(step="draw up", interrupted=True)) == ()


def test_a_first_attempt_has_no_timer_to_put_off() -> None:
    assert READY(StepReady(step="draw up", attempt=1)) == ()


def test_a_later_attempt_puts_its_steps_timer_off() -> None:
    assert READY(StepReady(step="draw up", attempt=2)) == [Timer("retry draw up", None)]


def test_a_timer_tries_the_step_that_it_was_set_for() -> None:
    due = Due("t.execution-e", "retry draw up", 5_000_007, HERE, b"")
    assert fires(due, NOON) == RetryStep(now=NOON, step="draw up", due=5_000_007)


def test_a_question_sets_the_timer_of_its_deadline_and_the_answer_puts_it_off() -> None:
    asked = ApprovalRequested(step="draw up", deadline=Timestamp(seconds=5, nanos=7000))
    assert SETS["reveille.planner.v1.ApprovalRequested"](asked) == [Timer("answer draw up", 5_000_007)]
    assert SETS["reveille.planner.v1.ApprovalResolved"](ApprovalResolved(step="draw up")) == [
        Timer("answer draw up", None)
    ]


def test_the_timer_of_a_deadline_misses_it() -> None:
    due = Due("t.execution-e", "answer draw up", 5_000_007, HERE, b"")
    assert fires(due, NOON) == MissDeadline(now=NOON, step="draw up", due=5_000_007)
