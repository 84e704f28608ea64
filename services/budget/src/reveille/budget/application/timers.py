"""The ledger's timer: the next period, where a reservation waits for it."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message

from reveille.budget.domain.commands import TurnPeriod
from reveille.contracts.budget.v1.events_pb2 import PeriodOpened, ReservationDeferred
from reveille.kernel.decider import Command
from reveille.kernel.timers import Due, SetsTimers, Timer
from reveille.kernel.timestamps import microseconds

PERIOD: Final = "period"


def _deferred(event: Message) -> Sequence[Timer]:
    assert isinstance(event, ReservationDeferred)
    return [Timer(PERIOD, microseconds(event.until))]


def _opened(event: Message) -> Sequence[Timer]:
    assert isinstance(event, PeriodOpened)
    return [Timer(PERIOD, microseconds(event.next) if event.HasField("next") else None)]


SETS: Final[Mapping[str, SetsTimers]] = {
    "reveille.budget.v1.ReservationDeferred": _deferred,
    "reveille.budget.v1.PeriodOpened": _opened,
}


def fires(due: Due, now: int) -> Command:
    return TurnPeriod(now=now, due=due.due)
