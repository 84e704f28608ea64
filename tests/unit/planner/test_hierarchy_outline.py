"""What the plan of a hierarchy says to people: of its many steps only those that are theirs, or whose turn has come."""

import json
import random
from typing import Any

import pytest

from reveille.contracts.planner.v1.events_pb2 import PlanUpdated
from reveille.kernel.sealing import open_sealed
from tests.property.hierarchies import Hierarchy, hierarchy


def plan_where(*failing: str, seed: int, wanted: bool = True) -> dict[str, Any]:
    house = Hierarchy(hierarchy(random.Random(seed)))
    house.failing = frozenset(failing)
    if wanted:
        house.world.inputs["i"] = (f"text {seed}", ("orchestrate",))
        house.world.conditions = tuple(step.name for step in house.plan.steps if step.when)
    house.tell(house.change())
    house.settle(random.Random(seed))
    last = [event for event in house.events if isinstance(event, PlanUpdated)][-1]
    plan: dict[str, Any] = json.loads(open_sealed(last.plan))
    return plan


@pytest.mark.parametrize("seed", range(8))
def test_an_orchestrator_that_fails_blocks_only_what_waits_for_it(seed: int) -> None:
    plan = plan_where("orchestrate", seed=seed)
    (failure,) = plan["failures"]
    assert failure["blocks"] == ["compose"]
    assert plan["next_steps"] == [
        f"Change what orchestrate is to do, which compose cannot do without: it failed ({failure['reason']})."
    ]


def test_a_hierarchy_that_nobody_has_told_anything_asks_for_one_thing() -> None:
    plan = plan_where(seed=1, wanted=False)
    assert plan["next_steps"] == ["What shall it be? Say what you want in a sentence or two."]
    assert plan["missing_agents"] == ["orchestrator"]
