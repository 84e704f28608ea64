"""Puts the planner together."""

from dataclasses import dataclass

from reveille.adapters.sql_tables import SqlTimers
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service
from reveille.planner.adapters.sql.executions import Executions, page
from reveille.planner.application import timers
from reveille.planner.application.handling import Planning
from reveille.planner.application.telling import Page
from reveille.planner.domain import execution


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """page: the view of executions, as it is asked."""

    service: Service
    page: Page


def build(ports: Ports) -> Planner:
    table = SqlTimers(timers.SETS)
    service = Service(
        "planner",
        ports,
        deciders=[execution.decider],
        reactors=Planning(Facts(ports.store)).reactors(),
        views=[Executions(), table],
        timers=(table, timers.fires),
    )
    return Planner(service=service, page=page)
