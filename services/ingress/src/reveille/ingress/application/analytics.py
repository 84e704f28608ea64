"""What happened over time, as people ask for it: the view's minutes in buckets, and tokens at the fleet's prices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import Limits
from reveille.ingress.application.projections.analytics import (
    EVENTS,
    INPUT,
    MINUTE,
    OTHER,
    OUTPUT,
    QUALITY,
    RUNS,
    TOKENS,
    WAKES,
    AnalyticsRows,
    Sum,
)
from reveille.ingress.domain.refusals import FieldError, Invalid
from reveille.kernel.pricing import cost
from reveille.kernel.views import Follower, Transactions

# In minutes; hours and days are those of UTC.
BUCKETS: Final[Mapping[str, int]] = {"minute": 1, "hour": 60, "day": 24 * 60}
MAX_BUCKETS: Final = 2_000
DEFAULT_BUCKETS: Final = 24
MONEY: Final = "money"
SERIES: Final = (EVENTS, WAKES, TOKENS, MONEY, QUALITY, RUNS)
# What a model is called of whose tokens nobody knows which.
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole buckets of time, in minutes since 1970: from `since` on, before `until`."""

    since: int
    until: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """at: minutes since 1970."""

    at: int
    label: str
    total: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """series: by name, in the order of time. priced: False where some of what was used has no price."""

    span: Span
    series: Mapping[str, list[Point]]
    currency: str
    priced: bool


def span_of(*, since: int, until: int, bucket: str, now: int) -> Span:
    """since, until: microseconds since 1970, 0 is not given. The buckets that they lie in count whole.

    Raises Invalid.
    """
    if bucket not in BUCKETS:
        raise _invalid("bucket", f"it is {bucket[:80]!r}, expected one of {', '.join(BUCKETS)}")
    size = BUCKETS[bucket]
    end = -(-(until or now) // (MINUTE * size)) * size
    begin = since // (MINUTE * size) * size if since else end - DEFAULT_BUCKETS * size
    if begin >= end:
        raise _invalid("from", "it is not before `to`, expected a time before it")
    if (count := (end - begin) // size) > MAX_BUCKETS:
        raise _invalid(
            "bucket", f"from and to have {count} buckets between them, at most {MAX_BUCKETS} are told at once"
        )
    return Span(since=begin, until=end, size=size)


class Analytics:
    def __init__(self, *, follower: Follower, transactions: Transactions, rows: AnalyticsRows) -> None:
        self._follower = follower
        self._transactions = transactions
        self._rows = rows

    async def wait_for(self, position: int, seconds: float) -> None:
        """Return when it knows what the log held at this position. Raises Transient after so many seconds."""
        await self._follower.wait_for(position, seconds)

    async def figures(self, tenant: str, span: Span, limits: Limits) -> Figures:
        """limits: with the prices."""
        sums = await self._transactions.run(
            lambda connection: self._rows.between(
                connection, tenant, since=span.since, until=span.until, size=span.size
            )
        )
        series: dict[str, list[Point]] = {name: [] for name in SERIES}
        for one in sums:
            if one.measure in series:
                series[one.measure].append(Point(at=one.since, label=one.label, total=one.total, count=one.count))
        series[MONEY], priced = _money(sums, limits)
        return Figures(span=span, series=series, currency=limits.currency, priced=priced)


def _money(sums: Iterable[Sum], limits: Limits) -> tuple[list[Point], bool]:
    """By model; and whether everything has a price."""
    used: dict[tuple[int, str], dict[str, Sum]] = {}
    for one in sums:
        if one.measure in (INPUT, OUTPUT, OTHER):
            used.setdefault((one.since, one.label), {})[one.measure] = one
    points, priced = [], bool(limits.currency)
    for (at, model), parts in used.items():
        went = {name: int(parts[name].total) if name in parts else 0 for name in (INPUT, OUTPUT, OTHER)}
        # What nobody can tell apart has no model, and so the price of any.
        price = cost(limits, model, went[INPUT] + went[OTHER], went[OUTPUT])
        if price is None:
            priced = priced and not any(went.values())
        else:
            count = max(part.count for part in parts.values())
            points.append(Point(at=at, label=model or UNKNOWN, total=round(price, 9), count=count))
    return points, priced


def _invalid(name: str, message: str) -> Invalid:
    return Invalid("invalid_query", f"{name}: {message}", [FieldError(name, message)])
