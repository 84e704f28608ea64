"""Where the ledger's events go."""

from typing import Final

from reveille.budget.domain.accounts import agent_of
from reveille.contracts.budget.v1.events_pb2 import (
    BudgetExhausted,
    BudgetUpdated,
    ReservationAdmitted,
    ReservationDeferred,
    ReservationRevoked,
    TokensDenied,
    TokensReserved,
    TopUpDenied,
    TopUpReserved,
)
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded


def agent(event: Recorded) -> str:
    assert isinstance(event.msg, TokensReserved)
    return event.msg.reservation.agent


def its_agent(event: Recorded) -> str:
    assert isinstance(event.msg, TopUpReserved | TopUpDenied | ReservationRevoked)
    return event.msg.agent


def spent_agent(event: Recorded) -> str | None:
    """Only an agent whose own budget is spent has nothing to do."""
    assert isinstance(event.msg, BudgetExhausted)
    return agent_of(event.msg.account)


def execution(event: Recorded) -> str:
    assert isinstance(event.msg, TokensDenied | ReservationDeferred)
    return event.msg.reservation.execution_id


def its_execution(event: Recorded) -> str:
    assert isinstance(event.msg, ReservationAdmitted | BudgetUpdated)
    return event.msg.execution_id


ROUTES: Final[Routes] = {
    "reveille.budget.v1.TokensReserved": {"agent-runner": agent},
    "reveille.budget.v1.TopUpReserved": {"agent-runner": its_agent},
    "reveille.budget.v1.TopUpDenied": {"agent-runner": its_agent},
    "reveille.budget.v1.ReservationRevoked": {"agent-runner": its_agent},
    "reveille.budget.v1.BudgetUpdated": {"planner": its_execution},
    "reveille.budget.v1.BudgetExhausted": {"agent-runner": spent_agent},
    "reveille.budget.v1.TokensDenied": {"planner": execution},
    "reveille.budget.v1.ReservationDeferred": {"planner": execution},
    "reveille.budget.v1.ReservationAdmitted": {"planner": its_execution},
}
