"""What happened over time, for pages and the command line."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from reveille.ingress.application.analytics import (
    BUCKETS,
    DEFAULT_BUCKETS,
    MAX_BUCKETS,
    MONEY,
    SERIES,
    Analytics,
    Figures,
    Point,
    span_of,
)
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.projections.analytics import MINUTE
from reveille.ingress.entrypoints.http.history_described import answers
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.ingress.entrypoints.http.reads import Seconds, WaitFor
from reveille.ingress.entrypoints.http.times import microseconds
from reveille.kernel.clock import Clock, to_rfc3339

From = Annotated[
    str, Query(alias="from", max_length=40, description=f"RFC 3339; not given: {DEFAULT_BUCKETS} buckets before `to`.")
]
To = Annotated[str, Query(max_length=40, description="RFC 3339; not given: now.")]
Bucket = Annotated[
    str, Query(max_length=20, description=f"{', '.join(BUCKETS)}, of UTC; at most {MAX_BUCKETS} at once.")
]
_NUMBER: Final = {"type": "number"}
_WHOLE: Final = {"type": "integer"}
_TIME: Final = {"type": "string", "format": "date-time"}
_POINT: Final = {
    "type": "object",
    "properties": {"at": _TIME, "label": {"type": "string"}, "total": _NUMBER, "count": _WHOLE},
}
_SUM: Final[dict[str, Any]] = {"total": {"type": ["number", "null"]}, "count": _WHOLE}
_BY_LABEL: Final = {"type": "object", "additionalProperties": {"type": "object", "properties": _SUM}}
_TOTAL: Final = {"type": "object", "properties": {**_SUM, "by_label": _BY_LABEL}}
_FIGURES: Final = {
    "type": "object",
    "properties": {
        "from": _TIME,
        "to": _TIME,
        "bucket": {"enum": list(BUCKETS)},
        "currency": {"type": ["string", "null"]},
        "series": {"type": "object", "properties": {name: {"type": "array", "items": _POINT} for name in SERIES}},
        "totals": {"type": "object", "properties": dict.fromkeys(SERIES, _TOTAL)},
    },
}


def analytics_routes(analytics: Analytics, fleets: Fleets, *, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1/analytics", tags=["analytics"])

    @router.get("", responses=answers(_FIGURES))
    async def get_analytics(
        tenant: Tenant,
        since: From = "",
        to: To = "",
        bucket: Bucket = "hour",
        wait_for: WaitFor = 0,
        seconds: Seconds = 5,
    ) -> dict[str, Any]:
        """Events, wakes, tokens, money, quality and runs in buckets of time. Where nothing happened is no point."""
        begin, end = microseconds("from", since), microseconds("to", to)
        span = span_of(since=begin, until=end, bucket=bucket, now=clock.now())
        await analytics.wait_for(wait_for, seconds)
        return _shown(await analytics.figures(tenant, span, fleets.in_force(tenant).fleet.limits), bucket)

    return router


def _shown(figures: Figures, bucket: str) -> dict[str, Any]:
    totals = {name: _total(points) for name, points in figures.series.items()}
    if not figures.priced:
        # A sum of some of it would be taken for the sum of all.
        totals[MONEY]["total"] = None
    return {
        "from": _time(figures.span.since),
        "to": _time(figures.span.until),
        "bucket": bucket,
        "currency": figures.currency or None,
        "series": {name: [_point(one) for one in points] for name, points in figures.series.items()},
        "totals": totals,
    }


def _total(points: Iterable[Point]) -> dict[str, Any]:
    by_label: dict[str, dict[str, Any]] = {}
    for one in points:
        found = by_label.setdefault(one.label, {"total": 0, "count": 0})
        found["total"] += one.total
        found["count"] += one.count
    for found in by_label.values():
        found["total"] = _number(found["total"])
    total = _number(sum(one["total"] for one in by_label.values()))
    return {"total": total, "count": sum(one["count"] for one in by_label.values()), "by_label": by_label}


def _point(one: Point) -> dict[str, Any]:
    return {"at": _time(one.at), "label": one.label, "total": _number(one.total), "count": one.count}


def _number(value: float) -> float:
    """Whole where it is: only money has parts."""
    return int(value) if value == int(value) else round(value, 9)


def _time(minutes: int) -> str:
    return to_rfc3339(minutes * MINUTE)
