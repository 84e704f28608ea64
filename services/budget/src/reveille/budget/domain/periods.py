"""The days of a tenant's time zone; one has 23 or 25 hours where the clocks are put forward or back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reveille.kernel.clock import SECOND


@dataclass(frozen=True, slots=True)
class Period:
    """ends: when the next one begins, in microseconds since 1970."""

    day: str
    ends: int


def period_at(now: int, time_zone: str, *, not_before: str = "") -> Period:
    """The day that it is; or `not_before`, where that one has begun already and a clock or a zone is behind it."""
    day = datetime.fromtimestamp(now // SECOND, _zone(time_zone)).date().isoformat()
    return _period(max(day, not_before), time_zone)


@cache
def _period(day: str, time_zone: str) -> Period:
    following = date.fromisoformat(day) + timedelta(days=1)
    # A midnight that the clocks leave out is the moment of their change, one that comes twice is the first.
    starts = datetime(following.year, following.month, following.day, tzinfo=_zone(time_zone))
    return Period(day, int(starts.timestamp()) * SECOND)


@cache
def _zone(name: str) -> tzinfo:
    """A fleet is refused whose zone nobody knows: one that this machine does not know must not stop the ledger."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
