"""When an agent hibernates, and what ends it."""

import pytest

from reveille.agent_runner.application import timers
from reveille.agent_runner.domain.agent import IDLE_AFTER, Exhaust, Idle, Leave, Offer, Rouse, decider
from reveille.contracts.agent_runner.v1.events_pb2 import (
    HIBERNATION_BUDGET,
    HIBERNATION_IDLE,
    AgentBudgetSpent,
    AgentHibernated,
    AgentRoused,
    AgentSlept,
    AgentWoken,
    Work,
)
from reveille.kernel.clock import SECOND
from reveille.kernel.timers import Due, Timer
from reveille.kernel.timestamps import timestamp
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE, spec

given = spec(decider)
MIDNIGHT = NOON + 12 * 3600 * SECOND
WOKEN = AgentWoken(work=Work(run_id="r1", agent="a", max_instances=1))
SLEPT = AgentSlept(agent="a", run_id="r1", idle_at=timestamp(NOON + IDLE_AFTER))
UNTIL_MIDNIGHT = AgentHibernated(agent="a", reason=HIBERNATION_BUDGET, until=timestamp(MIDNIGHT))
IDLE = AgentHibernated(agent="a", reason=HIBERNATION_IDLE)
EXHAUST = Exhaust(now=NOON, agent="a", until=MIDNIGHT)


def test_an_agent_whose_budget_is_spent_hibernates_until_the_period_ends() -> None:
    given().when(EXHAUST).then(UNTIL_MIDNIGHT)


def test_it_hibernates_once() -> None:
    given(UNTIL_MIDNIGHT).when(EXHAUST).then()


def test_an_agent_that_was_idle_hibernates_for_its_budget_then() -> None:
    given(IDLE).when(EXHAUST).then(UNTIL_MIDNIGHT)


def test_an_agent_with_runs_hibernates_when_the_last_has_ended() -> None:
    spent = AgentBudgetSpent(agent="a", until=timestamp(MIDNIGHT))
    given(WOKEN).when(EXHAUST).then(spent)
    given(WOKEN, spent).when(EXHAUST).then()
    given(WOKEN, spent).when(Leave(now=NOON, agent="a", run_id="r1")).then(SLEPT, UNTIL_MIDNIGHT)


def test_an_agent_whose_last_run_outlives_the_period_does_not_hibernate() -> None:
    spent = AgentBudgetSpent(agent="a", until=timestamp(NOON))
    given(WOKEN, spent).when(Leave(now=NOON, agent="a", run_id="r1")).then(SLEPT)


def test_a_period_that_is_over_puts_nobody_to_sleep() -> None:
    given().when(Exhaust(now=MIDNIGHT, agent="a", until=MIDNIGHT)).then()


def test_an_agent_that_nothing_has_woken_for_long_hibernates() -> None:
    given(WOKEN, SLEPT).when(Idle(now=NOON, agent="a")).then(IDLE)


def test_an_agent_that_is_awake_is_not_idle() -> None:
    given(WOKEN).when(Idle(now=NOON, agent="a")).then()


def test_work_wakes_it_whatever_it_hibernates_for() -> None:
    again = Work(run_id="r2", agent="a", max_instances=1)
    for asleep in (IDLE, UNTIL_MIDNIGHT):
        given(asleep).when(Offer(now=NOON, work=again)).then(AgentWoken(work=again))
    given(UNTIL_MIDNIGHT, AgentWoken(work=again)).when(Rouse(now=MIDNIGHT, agent="a")).then()


def test_it_is_roused_when_the_period_ends() -> None:
    roused = AgentRoused(agent="a", idle_at=timestamp(MIDNIGHT + IDLE_AFTER))
    given(UNTIL_MIDNIGHT).when(Rouse(now=MIDNIGHT, agent="a")).then(roused)
    given(UNTIL_MIDNIGHT).when(Rouse(now=MIDNIGHT - 1, agent="a")).then()
    given(UNTIL_MIDNIGHT, roused).when(Rouse(now=MIDNIGHT, agent="a")).then()


def test_one_that_is_idle_is_roused_by_work_alone() -> None:
    given(IDLE).when(Rouse(now=MIDNIGHT, agent="a")).then()


@pytest.mark.parametrize(
    ("event", "set_or_put_off"),
    [
        (SLEPT, {"idle": NOON + IDLE_AFTER}),
        (WOKEN, {"idle": None, "rouse": None}),
        (UNTIL_MIDNIGHT, {"idle": None, "rouse": MIDNIGHT}),
        (IDLE, {"idle": None, "rouse": None}),
        (AgentRoused(agent="a", idle_at=timestamp(MIDNIGHT)), {"idle": MIDNIGHT, "rouse": None}),
    ],
)
def test_each_change_sets_its_timers_and_puts_off_those_that_have_no_use(
    event: AgentSlept, set_or_put_off: dict[str, int | None]
) -> None:
    assert sorted(timers.SETS[event.DESCRIPTOR.full_name](event), key=lambda timer: timer.name) == [
        Timer(name, due) for name, due in sorted(set_or_put_off.items())
    ]


@pytest.mark.parametrize("name", ["idle", "rouse", "wait r1", "deadline"])
def test_every_timer_becomes_a_command(name: str) -> None:
    assert timers.fires(Due("t.agent-a", name, NOON, HERE, b""), NOON).now == NOON
