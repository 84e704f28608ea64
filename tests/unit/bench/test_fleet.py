"""The fleets of the bench are fleets, also where they are large."""

import pytest

from bench.fleet import fleet
from reveille.ingress.application.agent_catalogue import CATALOGUE
from reveille.ingress.bootstrap import fleet_from


@pytest.mark.parametrize(("rules", "sleepers"), [(0, 0), (10, 3), (10_000, 3), (10, 3_000)])
def test_a_fleet_has_one_worker_and_as_much_else_as_wanted(rules: int, sleepers: int) -> None:
    wanted = fleet_from(fleet(rules=rules, sleepers=sleepers), file="fleet")
    assert len(wanted.rules) == rules + 1
    assert len([agent for agent in wanted.agents if agent.name not in CATALOGUE]) == sleepers + 1
    assert {rule.wake for rule in wanted.rules} == {"worker"}
