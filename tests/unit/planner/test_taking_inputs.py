"""What the planner makes ready of inputs that were analysed, before its rules take them."""

from collections.abc import Sequence

import pytest
from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import Beginning, InputsAnalyzed
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentDefined,
    Blueprint,
    BlueprintDefined,
    BlueprintStep,
    Category,
    FleetApplied,
)
from reveille.kernel.facts import Facts
from reveille.planner.bootstrap import digests_of, planning
from reveille.planner.domain.commands import TakeInputs
from tests.unit.log import Log
from tests.unit.manual_clock import NOON
from tests.unit.planner.test_plan import cancel, complete, fail, house, step

pytestmark = pytest.mark.asyncio

TRIP = Blueprint(
    name="party",
    steps=[step("venue", compensate="a-undo"), BlueprintStep(name="food", agent="a-food", category=Category())],
)


async def taken_by_a_fork(events: Sequence[Message]) -> TakeInputs:
    """Of a fork from the last of these events."""
    log = Log()
    agents = [AgentDefined(agent=Agent(name=name)) for name in ("a-venue", "a-food", "a-undo")]
    fleet = await log.write("t.fleet", *agents, BlueprintDefined(blueprint=TRIP), FleetApplied(digest="f"))
    first = await log.write("t.execution-e", *events)
    analyzed = InputsAnalyzed(
        execution_id="fork",
        blueprint="party",
        fleet_revision=fleet[-1].revision,
        facts=Sealed(data=b"{}"),
        beginning=Beginning(from_execution="e", at=EventRef(stream="t.execution-e", revision=first[-1].revision)),
    )
    (recorded,) = await log.write("t.analysis-fork", analyzed)
    reactor = planning(Facts(log.store), digests_of(b"test")).reactors()[recorded.type]
    ((stream, command),) = await reactor(recorded, NOON)
    assert stream == "t.execution-fork"
    assert isinstance(command, TakeInputs)
    return command


async def test_a_fork_takes_over_what_was_done() -> None:
    first = house("venue", "food")
    complete(first, "venue", place="barn")
    complete(first, "food")
    found = {one.planned.step: one for one in (await taken_by_a_fork(first.events)).adopted}
    assert list(found) == ["venue", "food"]
    assert found["venue"].done.completed.execution_id == "fork"
    assert found["venue"].done.basis == first.state.steps["venue"].basis


async def test_a_fork_does_not_take_over_what_was_undone_or_is_being_undone() -> None:
    first = house("venue", "food")
    complete(first, "venue", place="barn")
    complete(first, "food")
    cancel(first)
    assert [one.planned.step for one in (await taken_by_a_fork(first.events)).adopted] == ["venue"]
    fail(first, "undo:food")
    complete(first, "undo:venue")
    assert (await taken_by_a_fork(first.events)).adopted == ()
