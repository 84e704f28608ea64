"""Where the ledger's events go."""

from typing import Final

from reveille.contracts.budget.v1.events_pb2 import TokensDenied, TokensReserved
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import Recorded


def agent(event: Recorded) -> str:
    assert isinstance(event.msg, TokensReserved)
    return event.msg.reservation.agent


def execution(event: Recorded) -> str:
    assert isinstance(event.msg, TokensDenied)
    return event.msg.reservation.execution_id


ROUTES: Final[Routes] = {
    "reveille.budget.v1.TokensReserved": {"agent-runner": agent},
    "reveille.budget.v1.TokensDenied": {"planner": execution},
}
