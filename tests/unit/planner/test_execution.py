"""An execution starts, tries its step as often as it may, and ends once."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, EventRef, Sealed
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepRetryScheduled,
)
from reveille.kernel.digests import Digests
from reveille.kernel.timestamps import microseconds
from reveille.planner.domain.commands import Command, CompleteStep, FailStep, RetryStep, Start, StepPlan
from reveille.planner.domain.execution import decider as decider_of
from reveille.planner.domain.failing import MAX_INTERRUPTIONS
from reveille.planner.domain.starting import run_id
from tests.unit.manual_clock import NOON
from tests.unit.spec import Given, When, spec

decider = decider_of(Digests(b"test"))
given = spec(decider)
SIGNAL = EventRef(stream="t.signal-1", revision=0)
START = Start(
    now=NOON,
    execution_id="e",
    trigger_id="t",
    rule="rule",
    priority=PRIORITY_HIGH,
    signal_ids=("s",),
    signals=(SIGNAL,),
    fleet_revision=4,
    step=StepPlan(name="wake", agent="a", attempts=3, backoff_ms=2000, timeout_ms=60_000, tokens=500),
)


def ready(attempt: int = 1) -> StepReady:
    return StepReady(
        execution_id="e",
        step="wake",
        agent="a",
        attempt=attempt,
        run_id=run_id("e", "wake", attempt),
        tokens=500,
        priority=PRIORITY_HIGH,
        fleet_revision=4,
        signals=[SIGNAL],
        timeout_ms=60_000,
        rule="rule",
        signal_ids=["s"],
    )


STARTED = ExecutionStarted(
    execution_id="e",
    trigger_id="t",
    rule="rule",
    priority=PRIORITY_HIGH,
    signal_ids=["s"],
    signals=[SIGNAL],
    fleet_revision=4,
)
PLANNED = StepPlanned(
    execution_id="e", step="wake", agent="a", attempts=3, backoff_ms=2000, timeout_ms=60_000, tokens=500
)
RESULT = Sealed(data=b'{"done": true}')


def running(attempt: int = 1) -> Given:
    return given(STARTED, PLANNED, ready(attempt))


def complete(attempt: int = 1, used: int = 70) -> CompleteStep:
    return CompleteStep(now=NOON, step="wake", attempt=attempt, run_id="r", tokens_used=used, result=RESULT)


def fail(attempt: int = 1, **other: Any) -> FailStep:
    told = {"reason": "error", "error": Sealed(data=b"no"), "retry": True, "tokens_used": 10, "now": NOON}
    return FailStep(step="wake", attempt=attempt, **{**told, **other})


def interrupt(attempt: int) -> FailStep:
    return fail(attempt, interrupted=True, reason="interrupted")


def retried(failing: When) -> StepRetryScheduled:
    (retry,) = failing.events
    assert isinstance(retry, StepRetryScheduled)
    return retry


def due(failing: When) -> int:
    return microseconds(retried(failing).retry_at)


def failed(attempt: int, reason: str = "error", used: int = 10) -> StepFailed:
    return StepFailed(
        execution_id="e", step="wake", attempt=attempt, reason=reason, error=Sealed(data=b"no"), tokens_used=used
    )


def test_an_execution_starts_with_its_plan_and_its_first_attempt() -> None:
    given().when(START).then(STARTED, PLANNED, ready(1))


def test_an_execution_starts_once() -> None:
    given().when(START).when(START).then()


@pytest.mark.parametrize("command", [complete(), fail(), RetryStep(now=NOON, step="wake", due=NOON)])
def test_an_execution_that_never_started_has_no_steps(command: Command) -> None:
    given().when(command).then_rejected("never started has no step wake")


def test_an_execution_completes_with_its_step() -> None:
    running().when(complete(used=70)).then(
        StepCompleted(execution_id="e", step="wake", attempt=1, run_id="r", tokens_used=70, result=RESULT),
        ExecutionCompleted(execution_id="e", tokens_used=70),
    )


def test_what_failed_attempts_used_counts_for_the_execution() -> None:
    failing = running().when(fail(tokens_used=10))
    execution = failing.when(RetryStep(now=NOON, step="wake", due=due(failing))).when(complete(2, used=70))
    assert execution.events[-1] == ExecutionCompleted(execution_id="e", tokens_used=80)


def test_a_step_completes_once() -> None:
    running().when(complete()).when(complete()).then()


def test_a_step_that_failed_is_tried_again_when_its_time_has_come() -> None:
    failing = running().when(fail())
    failing.when(RetryStep(now=NOON, step="wake", due=due(failing))).then(ready(2))


def test_a_failed_attempt_says_why_and_what_it_used() -> None:
    retry = retried(running().when(fail()))
    assert (retry.attempt, retry.reason, retry.tokens_used, retry.interrupted) == (1, "error", 10, False)


@pytest.mark.parametrize(("failures", "at_least"), [(0, 2.0), (1, 4.0)])
def test_each_wait_is_twice_as_long_and_up_to_half_as_much_again(failures: int, at_least: float) -> None:
    execution = running()
    for attempt in range(1, failures + 1):
        failing = execution.when(fail(attempt))
        execution = Given(decider, failing.when(RetryStep(now=NOON, step="wake", due=due(failing))).state)
    waits = (due(execution.when(fail(failures + 1))) - NOON) / 1_000_000
    assert at_least <= waits <= 1.5 * at_least


def test_steps_that_fail_together_are_not_tried_together() -> None:
    dues = set()
    for number in range(20):
        started = ExecutionStarted(execution_id=f"e{number}")
        dues.add(due(given(started, PLANNED, ready()).when(fail())))
    assert len(dues) == 20


def test_the_same_failure_always_waits_as_long() -> None:
    assert due(running().when(fail())) == due(running().when(fail()))


def test_a_step_is_tried_no_more_often_than_its_plan_says() -> None:
    execution = running()
    for attempt in (1, 2):
        failing = execution.when(fail(attempt))
        execution = Given(decider, failing.when(RetryStep(now=NOON, step="wake", due=due(failing))).state)
    execution.when(fail(3)).then(
        failed(3), ExecutionFailed(execution_id="e", reason="step wake failed", tokens_used=30)
    )


def test_what_will_not_go_better_is_not_tried_again() -> None:
    running().when(fail(retry=False)).then(
        failed(1), ExecutionFailed(execution_id="e", reason="step wake failed", tokens_used=10)
    )


def test_a_denial_ends_the_execution() -> None:
    running().when(fail(retry=False, reason="budget", tokens_used=0)).then(
        failed(1, "budget", used=0), ExecutionFailed(execution_id="e", reason="step wake failed")
    )


def test_an_interrupted_attempt_is_followed_by_another_at_once() -> None:
    running().when(interrupt(1)).then(
        StepRetryScheduled(
            execution_id="e", step="wake", attempt=1, reason="interrupted", tokens_used=10, interrupted=True
        ),
        ready(2),
    )


def test_an_interruption_is_no_failure_of_the_agent() -> None:
    execution = running()
    for attempt in (1, 2, 3):
        execution = Given(decider, execution.when(interrupt(attempt)).state)
    assert isinstance(retried(execution.when(fail(4))), StepRetryScheduled)


def test_a_step_that_takes_its_owner_down_each_time_ends() -> None:
    execution = running()
    for attempt in range(1, MAX_INTERRUPTIONS + 1):
        execution = Given(decider, execution.when(interrupt(attempt)).state)
    last = execution.when(interrupt(MAX_INTERRUPTIONS + 1)).events
    assert [type(event) for event in last] == [StepFailed, ExecutionFailed]


@pytest.mark.parametrize("command", [complete(1), fail(1), interrupt(1)])
def test_a_stale_attempt_changes_nothing(command: Command) -> None:
    running().when(interrupt(1)).when(command).then()


@pytest.mark.parametrize("command", [complete(2), fail(2)])
def test_an_attempt_that_was_never_made_changes_nothing(command: Command) -> None:
    running().when(command).then()


@pytest.mark.parametrize("command", [complete(), fail(), interrupt(1)])
def test_an_attempt_that_failed_is_over_while_the_next_one_waits(command: Command) -> None:
    running().when(fail()).when(command).then()


@pytest.mark.parametrize("end", [complete(), fail(retry=False)])
@pytest.mark.parametrize("command", [complete(), fail(), interrupt(1), RetryStep(now=NOON, step="wake", due=NOON)])
def test_an_execution_that_ended_changes_no_more(end: Command, command: Command) -> None:
    running().when(end).when(command).then()


def test_a_timer_that_fires_twice_tries_once() -> None:
    failing = running().when(fail())
    retry = RetryStep(now=NOON, step="wake", due=due(failing))
    failing.when(retry).when(retry).then()


def test_a_timer_of_another_time_tries_nothing() -> None:
    failing = running().when(fail())
    failing.when(RetryStep(now=NOON, step="wake", due=due(failing) - 1)).then()


def test_every_attempt_has_a_run_of_its_own() -> None:
    assert len({run_id("e", "wake", attempt) for attempt in range(1, 50)}) == 49


def test_a_time_of_a_retry_is_kept_to_the_microsecond() -> None:
    assert microseconds(Timestamp(seconds=7, nanos=123_456_000)) == 7_123_456
