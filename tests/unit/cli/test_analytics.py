"""How what happened over time looks in a terminal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reveille.cli import analytics
from reveille.cli.analytics import bars, begins, fitting, shared
from reveille.kernel.errors import Misconfigured

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_highest_is_a_full_bar_and_nothing_a_blank() -> None:
    assert bars([0, 1, 4, 8]) == " ▂▅█"
    assert bars([5]) == "█"
    assert (bars([]), bars([0, 0])) == ("", "  ")


def test_more_buckets_than_there_is_room_for_share_bars() -> None:
    assert shared([1, 2, 3, 4, 5], 2) == [6, 9]
    assert shared([1, 2], 48) == [1, 2]
    assert shared([], 48) == []


@pytest.mark.parametrize(
    ("since", "begin"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("24h", NOW - timedelta(days=1)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-20T00:00:00", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T02:00:00+02:00", datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
def test_it_begins_when_it_is_told_to(since: str, begin: datetime) -> None:
    assert begins(since, NOW) == begin


@pytest.mark.parametrize("since", ["0h", "soon", "", "24"])
def test_a_time_that_is_none_is_named(since: str) -> None:
    with pytest.raises(Misconfigured, match="expected 90m, 24h, 7d or a time"):
        begins(since, NOW)


def test_buckets_are_as_fine_as_there_is_something_to_see() -> None:
    assert [fitting(hours * 3_600) for hours in (1, 24, 24 * 7)] == ["minute", "hour", "day"]


def test_each_measure_is_a_row_with_its_sum_its_bars_and_what_it_is_most_of(capsys: pytest.CaptureFixture[str]) -> None:
    nothing: dict[str, Any] = {"total": 0, "count": 0, "by_label": {}}
    answer = {
        "from": "2026-11-21T00:00:00.000Z",
        "to": "2026-11-21T04:00:00.000Z",
        "bucket": "hour",
        "currency": "EUR",
        "series": {
            "wakes": [
                {"at": "2026-11-21T00:00:00.000Z", "label": "a", "total": 1, "count": 1},
                {"at": "2026-11-21T03:00:00.000Z", "label": "b", "total": 8, "count": 8},
            ],
            "money": [],
            "quality": [{"at": "2026-11-21T01:00:00.000Z", "label": "story", "total": 140, "count": 2}],
        },
        "totals": {
            "wakes": {
                "total": 9,
                "count": 9,
                "by_label": {"a": {"total": 1, "count": 1}, "b": {"total": 8, "count": 8}},
            },
            "money": {**nothing, "total": None},
            "quality": {"total": 140, "count": 2, "by_label": {"story": {"total": 140, "count": 2}}},
        },
    }
    analytics._show(answer)
    shown = capsys.readouterr().out
    assert "▂  █" in shown
    assert "b 8, a 1" in shown
    assert "not known" in shown
    assert "70 of 100" in shown
