"""Times of day by a cron expression and a time zone, also on the days on which clocks change."""

from datetime import UTC, datetime

import pytest

from reveille.adapters.cron import check, next_time

BERLIN = "Europe/Berlin"


def micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def times(expression: str, zone: str, after: str, count: int) -> list[str]:
    """As UTC."""
    found, at = [], micros(after)
    for _ in range(count):
        at = next_time(expression, zone, at)
        found.append(datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="minutes")[:16])
    return found


def test_a_time_is_of_its_zone_in_summer_and_in_winter() -> None:
    assert times("0 7 * * *", BERLIN, "2026-07-01T12:00+00:00", 1) == ["2026-07-02T05:00"]
    assert times("0 7 * * *", BERLIN, "2026-12-01T12:00+00:00", 1) == ["2026-12-02T06:00"]


def test_a_time_that_clocks_jump_over_comes_when_they_have_jumped() -> None:
    assert times("30 2 * * *", BERLIN, "2026-03-28T12:00+00:00", 2) == ["2026-03-29T01:00", "2026-03-30T00:30"]


def test_of_several_times_that_clocks_jump_over_one_comes() -> None:
    assert times("*/20 2,3 * * *", BERLIN, "2026-03-28T22:00+00:00", 4) == [
        "2026-03-29T01:00",
        "2026-03-29T01:20",
        "2026-03-29T01:40",
        "2026-03-30T00:00",
    ]


def test_a_time_that_comes_twice_when_clocks_go_back_comes_once() -> None:
    assert times("30 2 * * *", BERLIN, "2026-10-24T12:00+00:00", 2) == ["2026-10-25T00:30", "2026-10-26T01:30"]


def test_whoever_asks_within_the_hour_that_comes_again_gets_the_next_time() -> None:
    assert times("30 2 * * *", BERLIN, "2026-10-25T01:10+00:00", 1) == ["2026-10-26T01:30"]


def test_clocks_that_change_by_half_an_hour_are_known_too() -> None:
    assert times("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00+00:00", 2) == [
        "2026-10-03T15:30",
        "2026-10-04T15:15",
    ]


def test_a_leap_day_comes_in_leap_years() -> None:
    assert times("0 0 29 2 *", "", "2026-01-01T00:00+00:00", 2) == ["2028-02-29T00:00", "2032-02-29T00:00"]
    assert times("0 0 29 2 *", "", "2096-03-01T00:00+00:00", 1) == ["2104-02-29T00:00"]


def test_days_of_the_week_and_of_the_month_are_known() -> None:
    assert times("0 7 * * 1-5", "UTC", "2026-11-20T08:00+00:00", 2) == ["2026-11-23T07:00", "2026-11-24T07:00"]
    assert times("0 0 1,15 jan *", "UTC", "2026-11-20T08:00+00:00", 2) == ["2027-01-01T00:00", "2027-01-15T00:00"]


@pytest.mark.parametrize("expression", ["0 7 * * 1-5", "*/15 0-6 1,15 jan-mar mon", "0 0 29 2 *", "0 0 l * *"])
def test_an_expression_that_has_times_has_no_mistake(expression: str) -> None:
    assert check(expression, "America/New_York") is None


@pytest.mark.parametrize(
    ("expression", "zone", "what"),
    [
        ("0 0 30 2 *", "UTC", "a date that never comes"),
        ("0 0 31 4,6,9,11 *", "UTC", "a date that never comes"),
        ("61 * * * *", "UTC", "out of range"),
        ("a * * * *", "UTC", "not acceptable"),
        ("* * * *", "UTC", "expected five fields"),
        ("* * * * * *", "UTC", "expected five fields"),
        ("@daily", "UTC", "expected five fields"),
        ("", "UTC", "expected five fields"),
        ("*/0 * * * *", "UTC", "not acceptable"),
        ("r * * * *", "UTC", "drawn by chance"),
        ("1,H(0-29)/10 * * * *", "UTC", "drawn by chance"),
        ("* " * 300, "UTC", "expected five fields"),
        ("0 7 * * *", "Europe/Nowhere", "no time zone Europe/Nowhere"),
        ("0 7 * * *", "../../etc/passwd", "no time zone"),
        ("0 7 * * *", "Europe", "no time zone"),
        ("0 7 * * *", "\0", "no time zone"),
    ],
)
def test_an_expression_that_never_comes_or_is_none_has_a_mistake(expression: str, zone: str, what: str) -> None:
    mistake = check(expression, zone)
    assert mistake is not None
    assert what in mistake
