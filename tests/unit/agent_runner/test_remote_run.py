"""A remote agent's run: what its agent says is taken as it is told, each once."""

from reveille.agent_runner.application import timers
from reveille.agent_runner.domain.run import Acknowledge, Complete, Expire, Fail, ReportUsage, StartRun, decider
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    FAILURE_TIMEOUT,
    LateUsageFound,
    RunAcknowledged,
    RunCompleted,
    RunFailed,
    RunStarted,
    UsageReported,
    Work,
)
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.timers import Timer
from tests.unit.manual_clock import NOON
from tests.unit.spec import spec

given = spec(decider)
WORK = Work(run_id="r", agent="a", tokens=100, remote=True, session="s1")
STARTED = RunStarted(work=WORK)
STARTED.deadline.FromMicroseconds(NOON + 5)
RESULT = Sealed(data=b"{}")


def used(tokens: int) -> UsageReported:
    return UsageReported(run_id="r", tokens_used=tokens)


def complete(tokens: int) -> Complete:
    return Complete(now=NOON, result=RESULT, tokens=tokens)


def completed(tokens: int) -> RunCompleted:
    return RunCompleted(work=WORK, tokens_used=tokens, result=RESULT)


def test_it_starts_with_its_deadline_which_is_a_timer_until_it_ends() -> None:
    given().when(StartRun(now=NOON, work=WORK, deadline=NOON + 5)).then(STARTED)
    assert timers.SETS[STARTED.DESCRIPTOR.full_name](STARTED) == [Timer("deadline", NOON + 5)]
    assert list(timers.SETS[RunCompleted.DESCRIPTOR.full_name](completed(1))) == [Timer("deadline", None)]


def test_a_run_here_has_no_timer() -> None:
    here = Work(run_id="r", agent="a")
    for event in (RunStarted(work=here), RunCompleted(work=here), RunFailed(work=here)):
        assert not timers.SETS[event.DESCRIPTOR.full_name](event)


def test_each_connection_acknowledges_it_once() -> None:
    acknowledged = RunAcknowledged(run_id="r", session="s1")
    given(STARTED).when(Acknowledge(now=NOON, session="s1")).then(acknowledged)
    given(STARTED, acknowledged).when(Acknowledge(now=NOON, session="s1")).then()
    given(STARTED, acknowledged).when(Acknowledge(now=NOON, session="s2")).then(
        RunAcknowledged(run_id="r", session="s2")
    )


def test_only_what_is_more_than_was_known_is_recorded() -> None:
    given(STARTED).when(ReportUsage(now=NOON, tokens=40)).then(used(40))
    given(STARTED, used(40)).when(ReportUsage(now=NOON, tokens=30)).then()


def test_it_is_charged_with_the_most_that_was_ever_said() -> None:
    given(STARTED, used(40)).when(complete(60)).then(completed(60))
    given(STARTED, used(40)).when(complete(10)).then(completed(40))


def test_a_failure_is_charged_too() -> None:
    fail = Fail(now=NOON, reason=FAILURE_ERROR, error=RESULT, retry=True, tokens=7)
    given(STARTED).when(fail).then(RunFailed(work=WORK, tokens_used=7, reason=FAILURE_ERROR, error=RESULT, retry=True))


def test_a_result_that_is_told_again_changes_nothing() -> None:
    given(STARTED, completed(60)).when(complete(60)).then()


def test_what_a_late_report_knows_besides_is_charged_once() -> None:
    late = [used(90), LateUsageFound(work=WORK, tokens=30)]
    given(STARTED, completed(60)).when(complete(90)).then(*late)
    given(STARTED, completed(60), *late).when(complete(90)).then()


def test_a_run_whose_time_is_up_fails_and_may_be_tried_again() -> None:
    failed = RunFailed(
        work=WORK,
        tokens_used=40,
        reason=FAILURE_TIMEOUT,
        error=Sealed(data=b"no result by its deadline"),
        retry=True,
    )
    given(STARTED, used(40)).when(Expire(now=NOON)).then(failed)
    given(STARTED, completed(60)).when(Expire(now=NOON)).then()
