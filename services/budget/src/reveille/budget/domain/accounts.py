"""What has been reserved and used of an account, and which accounts a reservation touches."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from reveille.contracts.budget.v1.events_pb2 import Reservation

TENANT: Final = "tenant"
EXECUTION: Final = "execution"


@dataclass(frozen=True, slots=True)
class Account:
    reserved: int = 0
    used: int = 0

    def fits(self, tokens: int, limit: int) -> bool:
        """A limit of 0 is none."""
        return limit == 0 or self.used + self.reserved + tokens <= limit

    def left(self, limit: int) -> int:
        return max(0, limit - self.used - self.reserved)


def scope_of(account: str) -> str:
    """`tenant@2026-11-21` → `tenant`, `agent:x@2026-11-21` → `agent:x`, `execution:<id>` → `execution`."""
    return EXECUTION if account.startswith(f"{EXECUTION}:") else account.rpartition("@")[0]


def period_of(account: str) -> str:
    return "" if account.startswith(f"{EXECUTION}:") else account.rpartition("@")[2]


def accounts_of(reservation: Reservation, day: str) -> tuple[str, str, str]:
    """The narrowest last; a period is a day of UTC."""
    return f"{TENANT}@{day}", f"agent:{reservation.agent}@{day}", execution_account(reservation.execution_id)


def execution_account(execution_id: str) -> str:
    return f"{EXECUTION}:{execution_id}"


def day_of(now: int) -> str:
    return _date(now).date().isoformat()


def next_day(now: int) -> int:
    midnight = _date(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int(midnight.timestamp()) * 1_000_000


def _date(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1_000_000, UTC)
