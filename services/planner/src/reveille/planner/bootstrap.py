"""Puts the planner together."""

from reveille.adapters.sql_tables import SqlTimers
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service
from reveille.planner.adapters.sql.executions import Executions, page
from reveille.planner.application import timers
from reveille.planner.application.handling import Planning
from reveille.planner.domain import execution
from reveille.planner.entrypoints.grpc import Queries


def build(ports: Ports) -> Service:
    table = SqlTimers(timers.SETS)
    return Service(
        "planner",
        ports,
        deciders=[execution.decider],
        reactors=Planning(Facts(ports.store)).reactors(),
        views=[Executions(), table],
        timers=(table, timers.fires),
    )


def queries(service: Service) -> Queries:
    return Queries(page, store=service.ports.store, transactions=service.ports.transactions, follower=service.follower)
