"""The ledger's timer: the next period, where a reservation waits for it."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.commands import TurnPeriod
from reveille.contracts.budget.v1.events_pb2 import PeriodOpened, ReservationDeferred
from reveille.kernel.decider import Command
from reveille.kernel.timers import Due, SetsTimers, Timer

PERIOD: Final = "period"


def _deferred(event: Message) -> Sequence[Timer]:
    assert isinstance(event, ReservationDeferred)
    return [Timer(PERIOD, _microseconds(event.until))]


def _opened(event: Message) -> Sequence[Timer]:
    assert isinstance(event, PeriodOpened)
    return [Timer(PERIOD, _microseconds(event.next) if event.HasField("next") else None)]


def _microseconds(timestamp: Timestamp) -> int:
    return timestamp.seconds * 1_000_000 + timestamp.nanos // 1000


SETS: Final[Mapping[str, SetsTimers]] = {
    "reveille.budget.v1.ReservationDeferred": _deferred,
    "reveille.budget.v1.PeriodOpened": _opened,
}


def fires(due: Due, now: int) -> Command:
    return TurnPeriod(now=now, due=due.due)
