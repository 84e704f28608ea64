"""What was said of a draft counts as long as its review stands, in whichever execution it was said."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from reveille.contracts.analyzer.v1.events_pb2 import Beginning, InputsAnalyzed
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_MANUAL,
    Agent,
    AgentDefined,
    Blueprint,
    BlueprintDefined,
    FleetApplied,
    Gate,
)
from reveille.contracts.planner.v1.events_pb2 import (
    ApprovalRequested,
    ApprovalResolved,
    DepartmentCompleted,
    DepartmentStarted,
    ExecutionCompleted,
    PlanUpdated,
    QualityChecked,
    StepReady,
    WorkReviewed,
)
from reveille.kernel.facts import Facts
from reveille.planner.bootstrap import digests_of, planning
from reveille.planner.domain.commands import TakeInputs
from tests.property.hierarchies import Hierarchy, expected, hierarchy
from tests.property.test_hierarchies import as_told
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

GATE = Gate(before="complete", ask="Release it?", within_ms=1000, otherwise="reject", risk="medium")


def want(house: Hierarchy, id: str, text: str) -> None:
    house.world.inputs[id] = (text, ("orchestrate",))
    house.world.conditions = tuple(step.name for step in house.plan.steps if step.when)


def begun(seed: int, **more: object) -> Hierarchy:
    house = Hierarchy(hierarchy(random.Random(seed), **more))
    want(house, "i", f"text {seed}")
    house.tell(house.change())
    house.settle(random.Random(seed))
    return house


def ended(house: Hierarchy) -> Mapping[str, DepartmentCompleted]:
    """By department, what was said last of it."""
    return {event.department: event for event in house.events if isinstance(event, DepartmentCompleted)}


async def taken_by_a_fork(house: Hierarchy) -> TakeInputs:
    log = Log()
    agents = [AgentDefined(agent=Agent(name=name)) for name in sorted({step.agent for step in house.plan.steps})]
    defined = BlueprintDefined(blueprint=house.plan)
    fleet = await log.write("t.fleet", *agents, defined, FleetApplied(digest="f"))
    first = await log.write("t.execution-e", *house.events)
    analyzed = InputsAnalyzed(
        execution_id="fork",
        blueprint=house.plan.name,
        fleet_revision=fleet[-1].revision,
        facts=Sealed(data=b"{}"),
        beginning=Beginning(from_execution="e", at=EventRef(stream="t.execution-e", revision=first[-1].revision)),
    )
    (recorded,) = await log.write("t.analysis-fork", analyzed)
    reactor = planning(Facts(log.store), digests_of(b"test")).reactors()[recorded.type]
    ((_, command),) = await reactor(recorded, NOON)
    assert isinstance(command, TakeInputs)
    return command


async def forked(first: Hierarchy, plan: Blueprint) -> Hierarchy:
    """A fork of it by this blueprint, which has not settled yet."""
    adopted = (await taken_by_a_fork(first)).adopted
    fork = Hierarchy(plan)
    fork.results = dict(first.results)
    fork.world.inputs = dict(first.world.inputs)
    fork.world.conditions = first.world.conditions
    taken = fork.change()
    beginning = Beginning(from_execution="e")
    fork.tell(replace(taken, execution_id="fork", beginning=beginning, adopted=adopted))
    return fork


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(8))
async def test_a_fork_composes_by_the_reviews_of_the_plan_that_it_came_from(seed: int) -> None:
    first = begun(seed)
    fork = await forked(first, first.plan)
    fork.settle(random.Random(seed))
    assert not any(isinstance(event, StepReady) for event in fork.events)
    assert {name: list(one.outputs) for name, one in ended(fork).items()} == {
        name: list(one.outputs) for name, one in ended(first).items()
    }
    said = [event for event in fork.events if isinstance(event, QualityChecked | WorkReviewed)]
    assert all(event.execution_id == "fork" for event in said)
    assert len(said) == sum(isinstance(event, QualityChecked | WorkReviewed) for event in first.events)
    want(fork, "more", "more")
    fork.tell(fork.change())
    fork.settle(random.Random(seed))
    made = expected(fork.plan, [f"text {seed}", "more"])
    assert fork.standing()["compose"]["made"] == {name: as_told(fork, name, one) for name, one in made.items()}


@pytest.mark.asyncio
async def test_a_fork_says_nothing_of_a_department_before_it_is_known_whether_it_is_woken() -> None:
    first = begun(1)
    (woken,) = ended(first)
    picky = Blueprint()
    picky.CopyFrom(first.plan)
    picky.min_relevance = 1
    fork = await forked(first, picky)
    assert woken in fork.state.steps
    fork.settle(random.Random(1))
    assert woken not in fork.state.steps
    assert not any(isinstance(event, DepartmentStarted | DepartmentCompleted) for event in fork.events)


@pytest.mark.parametrize("seed", range(8))
def test_what_was_said_of_a_draft_counts_no_more_when_its_review_fails(seed: int) -> None:
    house = begun(seed)
    house.failing = frozenset(f"{one.name}/review" for one in house.plan.departments)
    want(house, "more", "more")
    house.tell(house.change())
    house.settle(random.Random(seed))
    for name, told in ended(house).items():
        review = house.state.steps.get(f"{name}/review")
        if review is not None and review.status == "failed":
            assert {(one.status, one.score) for one in told.outputs} == {("failed", 0)}
            assert told.status == "failed"


@pytest.mark.parametrize("seed", range(8))
def test_a_department_whose_head_fails_to_brief_anew_has_nothing_of_before(seed: int) -> None:
    house = begun(seed)
    house.failing = frozenset(one.name for one in house.plan.departments)
    want(house, "more", "more")
    house.tell(house.change())
    house.settle(random.Random(seed))
    for name, told in ended(house).items():
        step = house.state.steps.get(name)
        if step is not None and step.status == "failed":
            assert (list(told.outputs), told.status) == ([], "failed")


def test_a_department_that_has_started_comes_to_its_end_also_where_the_orchestrator_fails() -> None:
    house = begun(1)
    (woken,) = ended(house)
    house.failing = frozenset({"orchestrate"})
    want(house, "more", "more")
    house.tell(house.change())
    house.settle(random.Random(1))
    assert house.state.steps[woken].status == "skipped"
    assert (list(ended(house)[woken].outputs), ended(house)[woken].status) == ([], "failed")


def test_a_question_is_closed_where_the_blueprint_asks_it_no_more() -> None:
    house = begun(1, gates=[GATE], autopilot=AUTOPILOT_MANUAL)
    (asked,) = [event for event in house.events if isinstance(event, ApprovalRequested)]
    open_to_all = Blueprint()
    open_to_all.CopyFrom(house.plan)
    del open_to_all.gates[:]
    house.plan = open_to_all
    house.tell(house.change())
    house.settle(random.Random(1))
    resolved = [event for event in house.events if isinstance(event, ApprovalResolved)]
    assert [(one.approval_id, one.how) for one in resolved] == [(asked.approval_id, "moot")]
    assert any(isinstance(event, ExecutionCompleted) for event in house.events)
    assert [event.status for event in house.events if isinstance(event, PlanUpdated)][-1] == "completed"
