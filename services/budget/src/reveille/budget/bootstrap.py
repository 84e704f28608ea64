"""Puts the budget service together."""

from reveille.adapters.sql_tables import SqlTimers
from reveille.budget.application import timers
from reveille.budget.application.handling import Accounting
from reveille.budget.domain import estimate, ledger
from reveille.kernel.facts import Facts
from reveille.kernel.service import Ports, Service


def build(ports: Ports) -> Service:
    table = SqlTimers(timers.SETS)
    return Service(
        "budget",
        ports,
        deciders=[ledger.decider, estimate.decider],
        reactors=Accounting(Facts(ports.store)).reactors(),
        views=[table],
        timers=(table, timers.fires),
    )
