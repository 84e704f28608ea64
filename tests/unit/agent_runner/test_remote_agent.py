"""A remote agent's connections: who takes which run, and what becomes of it when one is lost."""

from typing import Any

import pytest

from reveille.agent_runner.domain.agent import (
    IDLE_AFTER,
    MAX_SESSIONS,
    RECONNECT_WITHIN,
    Connect,
    Disconnect,
    GiveOut,
    GiveUp,
    Leave,
    Offer,
    Reinstate,
    Retire,
    decider,
)
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentConnected,
    AgentDisconnected,
    AgentReinstated,
    AgentRetired,
    AgentSlept,
    AgentWoken,
    RunAbandoned,
    RunLeft,
    RunQueued,
    RunResumed,
    Work,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, PRIORITY_MEDIUM
from reveille.kernel.timestamps import timestamp
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE, spec

given = spec(decider)


def work(run: str = "r1", session: str = "", **other: Any) -> Work:
    given_or_usual = {"agent": "a", "priority": PRIORITY_MEDIUM, "max_instances": 8, "remote": True, **other}
    return Work(run_id=run, session=session, **given_or_usual)


def connected(session: str, capacity: int = 1) -> AgentConnected:
    return AgentConnected(agent="a", session=session, capacity=capacity)


def woken(run: str, session: str, *, waited: bool = False) -> AgentWoken:
    return AgentWoken(work=work(run, session), waited=waited)


def disconnect(session: str) -> Disconnect:
    return Disconnect(now=NOON, agent="a", session=session, reason="gone")


def gone(session: str, *waiting: str) -> AgentDisconnected:
    event = AgentDisconnected(agent="a", session=session, reason="gone", run_ids=waiting)
    if waiting:
        event.until.CopyFrom(timestamp(NOON + RECONNECT_WITHIN))
    return event


def offer(run: str, **other: Any) -> Offer:
    return Offer(now=NOON, work=work(run, **other))


def leave(run: str) -> Leave:
    return Leave(now=NOON, agent="a", run_id=run)


GIVE_OUT = GiveOut(now=NOON)


def test_work_for_an_agent_that_is_away_waits() -> None:
    given().when(offer("r1")).then(RunQueued(work=work("r1")))


def test_an_agent_that_is_there_wakes_with_the_connection_that_takes_the_work() -> None:
    given(connected("s1")).when(offer("r1")).then(woken("r1", "s1"))


def test_a_connection_is_recorded_once() -> None:
    connect = Connect(now=NOON, agent="a", session="s1", capacity=2)
    given().when(connect).then(connected("s1", 2))
    given(connected("s1", 2)).when(connect).then()


def test_more_connections_than_can_be_looked_through_are_not_taken() -> None:
    open_ones = [connected(f"s{number}") for number in range(MAX_SESSIONS)]
    given(*open_ones).when(Connect(now=NOON, agent="a", session="one more", capacity=1)).then_rejected("64 connections")


def test_what_waited_for_a_connection_is_given_out_when_one_comes() -> None:
    given(RunQueued(work=work("r1")), RunQueued(work=work("r2")), connected("s1")).when(GIVE_OUT).then(
        (woken("r1", "s1", waited=True), HERE)
    )


def test_the_highest_priority_is_given_out_first() -> None:
    urgent = work("r2", priority=PRIORITY_HIGH)
    seated = AgentWoken(work=work("r2", "s1", priority=PRIORITY_HIGH), waited=True)
    given(RunQueued(work=work("r1")), RunQueued(work=urgent), connected("s1")).when(GIVE_OUT).then((seated, HERE))


def test_a_connection_takes_as_many_runs_as_it_can() -> None:
    given(connected("s1", 2), woken("r1", "s1")).when(offer("r2")).then(woken("r2", "s1"))
    given(connected("s1", 1), woken("r1", "s1")).when(offer("r2")).then(RunQueued(work=work("r2")))


def test_two_connections_share_the_work() -> None:
    given(connected("s1", 2), connected("s2", 2), woken("r1", "s1")).when(offer("r2")).then(woken("r2", "s2"))


def test_all_connections_together_have_no_more_runs_than_the_agent_may_have() -> None:
    given(connected("s1", 5), woken("r1", "s1")).when(offer("r2", max_instances=1)).then(
        RunQueued(work=work("r2", max_instances=1))
    )


def test_what_comes_does_not_overtake_what_waits() -> None:
    given(RunQueued(work=work("r1")), connected("s1", 2)).when(offer("r2")).then(RunQueued(work=work("r2")))


def test_what_a_lost_connection_had_goes_to_another_one_at_once() -> None:
    given(connected("s1"), connected("s2"), woken("r1", "s1")).when(disconnect("s1")).then(
        gone("s1"), (RunResumed(work=work("r1", "s2")), HERE)
    )


def test_what_nobody_can_take_waits_for_a_connection_to_come() -> None:
    given(connected("s1"), woken("r1", "s1")).when(disconnect("s1")).then(gone("s1", "r1"))


def test_of_several_runs_those_that_find_no_room_wait() -> None:
    given(connected("s1", 2), connected("s2", 1), woken("r1", "s1"), woken("r2", "s2"), woken("r3", "s1")).when(
        disconnect("s1")
    ).then(gone("s1", "r1", "r3"))


def test_a_connection_that_comes_back_takes_the_run_in_the_same_attempt() -> None:
    given(connected("s1"), woken("r1", "s1"), gone("s1", "r1"), connected("s2")).when(GIVE_OUT).then(
        (RunResumed(work=work("r1", "s2")), HERE)
    )


def test_a_run_that_had_begun_goes_before_one_that_waits_to() -> None:
    given(connected("s1"), woken("r1", "s1"), RunQueued(work=work("r2")), gone("s1", "r1"), connected("s2", 1)).when(
        GIVE_OUT
    ).then((RunResumed(work=work("r1", "s2")), HERE))


def test_a_place_that_comes_free_goes_to_a_run_without_a_connection() -> None:
    given(connected("s1"), connected("s2"), woken("r1", "s1"), woken("r2", "s2"), gone("s2", "r2")).when(
        leave("r1")
    ).then(RunLeft(agent="a", run_id="r1"), (RunResumed(work=work("r2", "s1")), HERE))


def test_a_run_for_which_nobody_comes_back_is_given_up_once() -> None:
    lost = [connected("s1"), woken("r1", "s1"), gone("s1", "r1")]
    abandoned = RunAbandoned(work=work("r1", "s1"))
    given(*lost).when(GiveUp(now=NOON, run_id="r1")).then((abandoned, HERE))
    given(*lost, abandoned).when(GiveUp(now=NOON, run_id="r1")).then()


def test_a_run_that_was_given_up_is_given_to_nobody() -> None:
    lost = [connected("s1"), woken("r1", "s1"), gone("s1", "r1"), RunAbandoned(work=work("r1", "s1"))]
    given(*lost, connected("s2")).when(GIVE_OUT).then()


def test_a_run_that_was_resumed_is_not_given_up() -> None:
    resumed = RunResumed(work=work("r1", "s2"))
    given(connected("s1"), woken("r1", "s1"), gone("s1", "r1"), connected("s2"), resumed).when(
        GiveUp(now=NOON, run_id="r1")
    ).then()


def test_a_run_that_ends_while_it_waits_for_a_connection_says_so() -> None:
    slept = AgentSlept(agent="a", run_id="r1", idle_at=timestamp(NOON + IDLE_AFTER), adrift=True)
    given(connected("s1"), woken("r1", "s1"), gone("s1", "r1")).when(leave("r1")).then(slept)


RETIRE = Retire(now=NOON, agent="a", removed=True)
RETIRED = AgentRetired(agent="a")


def begun_and_abandoned(run: str, *, waited: bool) -> list[Any]:
    return [AgentWoken(work=work(run), waited=waited), RunAbandoned(work=work(run), retired=True)]


def test_what_waits_for_a_connection_fails_when_the_fleet_has_the_agent_no_more() -> None:
    first, abandoned = begun_and_abandoned("r1", waited=True)
    given(RunQueued(work=work("r1"))).when(RETIRE).then(RETIRED, (first, HERE), (abandoned, HERE))


def test_what_comes_for_an_agent_that_is_no_more_fails_as_a_run() -> None:
    given(RETIRED).when(Offer(now=NOON, work=work("r1"))).then(*begun_and_abandoned("r1", waited=False))


def test_an_agent_that_comes_back_waits_for_its_connection_again() -> None:
    given(RETIRED).when(Reinstate(now=NOON, agent="a")).then(AgentReinstated(agent="a"))
    given(RETIRED, AgentReinstated(agent="a")).when(Offer(now=NOON, work=work("r1"))).then(RunQueued(work=work("r1")))


def test_an_agent_that_never_connected_is_not_retired_by_a_definition() -> None:
    given().when(Retire(now=NOON, agent="a", removed=False)).then()
    given(RETIRED).when(RETIRE).then()
    given().when(Reinstate(now=NOON, agent="a")).then()


def test_work_of_the_platforms_own_goes_on_when_the_agent_is_no_more() -> None:
    given(RETIRED).when(Offer(now=NOON, work=work("r1", remote=False))).then(AgentWoken(work=work("r1", remote=False)))


def test_a_connection_that_nobody_knows_cannot_be_lost() -> None:
    given(connected("s1"), gone("s1")).when(disconnect("s1")).then()


@pytest.mark.parametrize("remote", [True, False])
def test_work_of_one_kind_does_not_hold_up_the_other(remote: bool) -> None:
    """An agent becomes the other kind when its fleet says so."""
    waits = work("r1", remote=True)
    here = work("r2", remote=False, max_instances=8)
    if remote:
        given(RunQueued(work=waits)).when(Offer(now=NOON, work=here)).then(AgentWoken(work=here))
    else:
        given(AgentWoken(work=work("r0", remote=False, max_instances=1)), RunQueued(work=here), connected("s1")).when(
            offer("r1")
        ).then(woken("r1", "s1"))
