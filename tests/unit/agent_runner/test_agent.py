"""When an agent wakes, who waits for it, and when it sleeps again."""

import itertools
from typing import Any

from reveille.agent_runner.domain.agent import IDLE_AFTER, Leave, Offer, decider
from reveille.contracts.agent_runner.v1.events_pb2 import AgentSlept, AgentWoken, RunLeft, RunQueued, Work
from reveille.contracts.common.v1.common_pb2 import (
    PRIORITY_CRITICAL,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_MEDIUM,
)
from reveille.kernel.events import About
from reveille.kernel.timestamps import timestamp
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE, spec

given = spec(decider)
THERE = About("there", "00-there", 1)


def work(run: str = "r1", **other: Any) -> Work:
    return Work(run_id=run, **{"agent": "a", "priority": PRIORITY_MEDIUM, "max_instances": 1, **other})


def offer(offered: Work) -> Offer:
    return Offer(now=NOON, work=offered)


def leave(run: str = "r1") -> Leave:
    return Leave(now=NOON, agent="a", run_id=run)


def woken(one: Work, *, waited: bool = False) -> AgentWoken:
    return AgentWoken(work=one, waited=waited)


def queued(one: Work) -> RunQueued:
    return RunQueued(work=one)


def slept(run: str = "r1") -> AgentSlept:
    return AgentSlept(agent="a", run_id=run, idle_at=timestamp(NOON + IDLE_AFTER))


def left(run: str = "r1") -> RunLeft:
    return RunLeft(agent="a", run_id=run)


def test_an_agent_that_sleeps_wakes_for_work() -> None:
    given().when(offer(work())).then(woken(work()))


def test_an_agent_that_is_busy_lets_work_wait() -> None:
    given(woken(work())).when(offer(work("r2"))).then(queued(work("r2")))


def test_the_same_work_again_does_not_wake_it_twice() -> None:
    given(woken(work())).when(offer(work())).then()


def test_an_agent_wakes_as_often_as_it_may_have_instances() -> None:
    second = work("r2", max_instances=2)
    given(woken(work(max_instances=2))).when(offer(second)).then(woken(second))


def test_work_that_may_not_run_beside_itself_runs_where_nobody_said_how_often() -> None:
    given().when(offer(work(max_instances=0))).then(woken(work(max_instances=0)))


def test_an_agent_whose_last_run_ended_sleeps() -> None:
    given(woken(work())).when(leave()).then(slept())


def test_an_agent_that_has_other_runs_stays_awake() -> None:
    one, two = work("r1", max_instances=2), work("r2", max_instances=2)
    given(woken(one), woken(two)).when(leave("r1")).then(left("r1"))


def test_a_place_that_comes_free_goes_to_whoever_waits() -> None:
    waiting = work("r2")
    given(woken(work()), queued(waiting)).when(leave()).then(left(), (woken(waiting, waited=True), HERE))


def test_work_that_waited_stays_about_what_it_was_about() -> None:
    waiting = work("r2")
    given(woken(work()), (queued(waiting), THERE)).when(leave()).then(left(), (woken(waiting, waited=True), THERE))


def test_the_highest_priority_goes_first() -> None:
    low, critical, high = (
        work("low", priority=PRIORITY_LOW),
        work("critical", priority=PRIORITY_CRITICAL),
        work("high", priority=PRIORITY_HIGH),
    )
    ledger = given(woken(work()), queued(low), queued(critical), queued(high))
    ledger.when(leave()).then(left(), (woken(critical, waited=True), HERE))


def test_of_the_same_priority_the_oldest_goes_first() -> None:
    # More than ten, so that an order of texts would put "10" before "2".
    waiting = [work(f"w{number}") for number in range(12)]
    agent = given(woken(work()), *map(queued, waiting)).when(leave())
    for before, following in itertools.pairwise(waiting):
        agent = agent.when(leave(before.run_id))
        agent.then(left(before.run_id), (woken(following, waited=True), HERE))


def test_new_work_does_not_overtake_work_that_waits() -> None:
    one, two = work("r1", max_instances=2), work("r2", max_instances=2)
    agent = given(woken(work("r0")), queued(work("waiting")), woken(one))
    agent.when(leave("r1")).when(offer(two)).then(queued(two))


def test_as_many_wake_as_there_are_places_free() -> None:
    one, two = work("r1", max_instances=2), work("r2", max_instances=2)
    agent = given(woken(work("r0")), queued(one), queued(two))
    agent.when(leave("r0")).then(left("r0"), (woken(one, waited=True), HERE), (woken(two, waited=True), HERE))


def test_nobody_wakes_beside_more_runs_than_he_may_have_beside_him() -> None:
    # The fleet was changed meanwhile: the agent may have one instance where it had two.
    one, two = work("r1", max_instances=2), work("r2", max_instances=2)
    given(woken(one), woken(two), queued(work("r3"))).when(leave("r1")).then(left("r1"))


def test_a_run_that_ended_is_left_once() -> None:
    given(woken(work())).when(leave()).when(leave()).then()


def test_a_run_that_the_agent_has_not_changes_nothing() -> None:
    given(woken(work())).when(leave("unknown")).then()


def test_an_agent_that_slept_wakes_again() -> None:
    given(woken(work()), slept()).when(offer(work("r2"))).then(woken(work("r2")))
