"""Times of cron expressions, in the local time of a zone of the IANA database.

Each local date and time of an expression comes once: the first time where clocks go back, and at the moment of the jump
where clocks go forward over it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from reveille.kernel.clock import SECOND, to_datetime

# The days of a month that a leap year or a fifth Friday needs come within so many years.
MAX_YEARS: Final = 50
MAX_LENGTH: Final = 200
# croniter draws these from a name or by chance: two replicas would wake at different times.
_DRAWN: Final = re.compile(r"[hr](\(.*\))?(/\d+)?", re.IGNORECASE)


def check(expression: str, time_zone: str) -> str | None:
    """What is wrong with a cron expression of five fields or with its zone; None: nothing."""
    try:
        _zone(time_zone)
    except ValueError as error:
        return str(error)
    try:
        next_time(expression, time_zone, 0)
    except ValueError as error:
        return str(error)
    return None


def next_time(expression: str, time_zone: str, after: int) -> int:
    """The first time after `after`, both in microseconds since 1970. Raises ValueError where there is none."""
    zone = _zone(time_zone)
    begin = to_datetime(after).astimezone(zone).replace(tzinfo=None)
    following = _times(expression)(begin)
    while True:
        instant = _instant(following(), zone)
        found = int(instant.timestamp()) * SECOND
        if found > after:
            return found


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Of a local time that comes twice the first, of one that never comes the moment at which it is skipped."""
    before, after = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    earlier, later = after.astimezone(UTC), before.astimezone(UTC)
    if earlier >= later:  # it comes once, or twice: a gap alone has the later offset first
        return later
    while later - earlier > timedelta(seconds=1):
        middle = earlier + timedelta(seconds=(later - earlier) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before.utcoffset():
            earlier = middle
        else:
            later = middle
    return later


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError, LookupError) as error:
        raise ValueError(
            f"no time zone {name[:60]}, expected one of the IANA database, such as Europe/Berlin"
        ) from error


@lru_cache(maxsize=5_000)
def _times(expression: str) -> Callable[[datetime], Callable[[], datetime]]:
    """From a local time on, one after another; without a zone, for croniter fires twice when clocks go back."""
    # Imported late: only those pay for it who have a rule with `cron`.
    from croniter import CroniterBadDateError, croniter

    fields = expression.split()
    if len(fields) != 5 or len(expression) > MAX_LENGTH:
        raise ValueError("expected five fields: minute, hour, day of the month, month, day of the week")
    for field in fields:
        if any(_DRAWN.fullmatch(part) for part in field.split(",")):
            raise ValueError(f"{field} is drawn by chance, expected the same times everywhere")
    try:
        croniter(expression, datetime(1970, 1, 1))
    except (ValueError, TypeError, LookupError) as error:
        raise ValueError(_reason(error, expression)) from error

    def start(begin: datetime) -> Callable[[], datetime]:
        times: Any = croniter(expression, begin, ret_type=datetime, max_years_between_matches=MAX_YEARS)

        def following() -> datetime:
            try:
                found: datetime = times.get_next()
            except CroniterBadDateError as error:
                raise ValueError("it names a date that never comes") from error
            return found

        return following

    return start


def _reason(error: Exception, expression: str) -> str:
    """Without croniter's own preface, which the caller's words stand in for."""
    text = str(error).replace(f"[{expression}]", "it").removeprefix("not an expression of cron:").strip()
    return text or "it cannot be read"
