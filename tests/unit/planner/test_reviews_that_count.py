"""What was said of a draft counts as long as its review stands, in whichever execution it was said."""

import random
from collections.abc import Mapping

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


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(8))
async def test_a_fork_composes_by_the_reviews_of_the_plan_that_it_came_from(seed: int) -> None:
    first = begun(seed)
    command = await taken_by_a_fork(first)
    fork = Hierarchy(first.plan)
    fork.results = dict(first.results)
    fork.world.inputs = dict(first.world.inputs)
    fork.world.conditions = first.world.conditions
    as_it_was = fork.change()
    fork.tell(
        TakeInputs(
            **{
                **{name: getattr(as_it_was, name) for name in TakeInputs.__slots__},
                "execution_id": "fork",
                "beginning": Beginning(from_execution="e"),
                "adopted": command.adopted,
            }
        )
    )
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
    composed = fork.standing()["compose"]["made"]
    assert {name: one["outputs"] for name, one in composed.items()} == {
        name: {
            specialist: {
                "step": f"{name}/{specialist}" if number == 1 else f"{name}/{specialist}/{number}",
                "status": status,
                "score": score,
                "round": number,
            }
            for specialist, (number, score, status) in one.outputs.items()
        }
        for name, one in made.items()
    }


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
