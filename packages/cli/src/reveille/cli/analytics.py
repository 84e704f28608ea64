"""How `reveille analytics` shows what happened over time: a bar for each bucket, and what it was most of."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.showing import console, print_json, say, table
from reveille.kernel.errors import Misconfigured

BARS: Final = "▁▂▃▄▅▆▇█"
# What a terminal has room for; more buckets than this share bars.
MAX_BARS: Final = 48
TOP: Final = 3
SIZES: Final[Mapping[str, int]] = {"minute": 60, "hour": 3_600, "day": 86_400}
_UNITS: Final = {"m": 60, "h": 3_600, "d": 86_400}
_BACK: Final = re.compile(r"([1-9][0-9]{0,5})([mhd])")
# Up to so many seconds the finer buckets say more.
_BY_MINUTE: Final = 2 * 3_600
_BY_HOUR: Final = 4 * 86_400


def show(platform: Platform, *, since: str, bucket: str, as_json: bool) -> None:
    """bucket: "" is whichever fits. Raises Misconfigured."""
    now = datetime.now(UTC)
    begin = begins(since, now)
    if bucket and bucket not in SIZES:
        raise Misconfigured(f"--bucket is {bucket!r}, expected one of {', '.join(SIZES)}")
    answer = platform.get(
        "/api/v1/analytics", **{"from": begin.isoformat(), "bucket": bucket or fitting((now - begin).total_seconds())}
    )
    if as_json:
        return print_json(answer)
    return _show(answer)


def begins(since: str, now: datetime) -> datetime:
    """Raises Misconfigured."""
    if found := _BACK.fullmatch(since):
        return now - timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    try:
        at = datetime.fromisoformat(since)
    except ValueError as error:
        told = f"--since is {since!r}, expected 90m, 24h, 7d or a time like 2026-11-21T12:00:00Z"
        raise Misconfigured(told) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def fitting(seconds: float) -> str:
    return "minute" if seconds <= _BY_MINUTE else "hour" if seconds <= _BY_HOUR else "day"


def bars(values: Sequence[float]) -> str:
    """One for each value; nothing is a blank, and the highest of all is full."""
    highest = max(values, default=0)
    return "".join(
        " " if value <= 0 else BARS[min(len(BARS) - 1, int(value / highest * len(BARS)))] for value in values
    )


def shared(values: Sequence[float], most: int) -> list[float]:
    """At most so many, each the sum of as many neighbours."""
    step = -(-len(values) // most) or 1
    return [sum(values[at : at + step]) for at in range(0, len(values), step)]


def _show(answer: Mapping[str, Any]) -> None:
    size = SIZES[answer["bucket"]]
    begin, end = datetime.fromisoformat(answer["from"]), datetime.fromisoformat(answer["to"])
    count = round((end - begin).total_seconds() / size)
    made = table("measure", "in all", f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC", "most of")
    for name, points in answer["series"].items():
        totals, counts = [0.0] * count, [0.0] * count
        for point in points:
            place = round((datetime.fromisoformat(point["at"]) - begin).total_seconds() / size)
            totals[place] += point["total"]
            counts[place] += point["count"]
        values, weights = shared(totals, MAX_BARS), shared(counts, MAX_BARS)
        if name == "quality":
            values = [value / weight if weight else 0.0 for value, weight in zip(values, weights, strict=True)]
        total = answer["totals"][name]
        made.add_row(name, _in_all(name, total, answer["currency"]), bars(values), escape(_most(name, total)))
    console.print(made)
    if answer["currency"] is None:
        say("[dim]no cost is told: the fleet has no `budgets.price`[/dim]")


def _in_all(name: str, total: Mapping[str, Any], currency: str | None) -> str:
    match name:
        case "money" if total["total"] is None:
            return "not known"
        case "money":
            return f"{total['total']:,.4f} {currency}"
        case "quality":
            return f"{total['total'] / total['count']:.0f} of 100" if total["count"] else "none"
    return f"{total['total']:,}"


def _most(name: str, total: Mapping[str, Any]) -> str:
    """The labels with most in them; of quality, the best."""
    found = {
        label: one["total"] / one["count"] if name == "quality" and one["count"] else one["total"]
        for label, one in total["by_label"].items()
    }
    first = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    return ", ".join(f"{label} {value:,.4f}" if name == "money" else f"{label} {value:,.0f}" for label, value in first)
