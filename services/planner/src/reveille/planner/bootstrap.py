"""Puts the planner together."""

from dataclasses import dataclass

from reveille.adapters import cel
from reveille.adapters.sql_tables import SqlTimers
from reveille.kernel.digests import Digests, derived
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service
from reveille.planner.adapters.sql import approvals, executions
from reveille.planner.application import timers
from reveille.planner.application.handling import Planning
from reveille.planner.application.taking_inputs import TakingInputs
from reveille.planner.application.telling import ApprovalPage, ExecutionOf, Page
from reveille.planner.domain import execution


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """page, approvals, execution_of: the views of executions and of approvals, as they are asked."""

    service: Service
    page: Page
    approvals: ApprovalPage
    execution_of: ExecutionOf


def build(ports: Ports, *, key: bytes) -> Planner:
    """key: what digests are keyed with; it must stay the same for as long as the log lives, on every replica."""
    table, digests = SqlTimers(timers.SETS), digests_of(key)
    service = Service(
        "planner",
        ports,
        deciders=[execution.decider(digests)],
        reactors=planning(Facts(ports.store), digests).reactors(),
        views=[executions.Executions(), approvals.Approvals(), table],
        timers=(table, timers.fires),
    )
    return Planner(service=service, page=executions.page, approvals=approvals.page, execution_of=approvals.execution_of)


def digests_of(key: bytes) -> Digests:
    return Digests(derived(key, "plans"))


def planning(facts: Facts, digests: Digests) -> Planning:
    return Planning(facts, TakingInputs(facts, conditions=cel.condition, digests=digests))
