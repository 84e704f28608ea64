"""A tenant's days begin where he lives, also where the clocks change, and also where he moves."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.commands import Limits, SetLimits
from reveille.budget.domain.periods import period_at
from reveille.contracts.budget.v1.events_pb2 import LimitsUpdated, PeriodOpened, TokensReserved
from reveille.kernel.clock import SECOND
from reveille.kernel.events import About
from tests.unit.budget.bookkeeping import (
    TODAY,
    TOMORROW,
    account,
    deferred,
    given,
    goes,
    reservation,
    reserve,
    reserved,
    settle,
    turn,
)
from tests.unit.manual_clock import NOON
from tests.unit.spec import Given

HOUR = 3600 * SECOND
BERLIN, HONOLULU, KIRITIMATI = "Europe/Berlin", "Pacific/Honolulu", "Pacific/Kiritimati"


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * SECOND


def zone(name: str, revision: int = 0, tenant: int = 100) -> LimitsUpdated:
    return LimitsUpdated(fleet_revision=revision, limits={"tenant": tenant}, time_zone=name)


def move(name: str, revision: int = 1, *, now: int = NOON) -> SetLimits:
    return SetLimits(now=now, limits=Limits(fleet_revision=revision, by_scope={"tenant": 100}, time_zone=name))


def opened(day: str, following: int | None = None) -> PeriodOpened:
    return PeriodOpened(day=day, next=None if following is None else Timestamp(seconds=following // SECOND))


@pytest.mark.parametrize(
    ("now", "name", "day"),
    [
        (at("2026-11-21T23:30"), "UTC", "2026-11-21"),
        (at("2026-11-21T23:30"), BERLIN, "2026-11-22"),
        (at("2026-11-21T23:30"), HONOLULU, "2026-11-21"),
        (at("2026-11-21T09:59:59"), HONOLULU, "2026-11-20"),
        (at("2026-11-21T10:00"), HONOLULU, "2026-11-21"),
        (at("2026-11-21T12:00"), KIRITIMATI, "2026-11-22"),
    ],
)
def test_a_moment_belongs_to_the_day_that_it_is_there(now: int, name: str, day: str) -> None:
    assert period_at(now, name).day == day


@pytest.mark.parametrize(
    ("day", "name", "hours"),
    [
        ("2026-11-21", "", 24),
        ("2026-03-29", BERLIN, 23),
        ("2026-10-25", BERLIN, 25),
        ("2026-03-08", "America/New_York", 23),
        ("2026-11-01", "America/New_York", 25),
        # Its clocks change by half an hour.
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
    ],
)
def test_a_day_has_as_many_hours_as_its_clocks_show(day: str, name: str, hours: float) -> None:
    begins = at(f"{day}T00:00", name or "UTC")
    period = period_at(begins, name)
    assert (period.day, period.ends - begins) == (day, int(hours * HOUR))
    assert period_at(begins - SECOND, name).ends == begins
    assert period_at(period.ends - SECOND, name) == period
    assert period_at(period.ends, name).day > day


def test_a_midnight_that_the_clocks_leave_out_is_the_moment_of_their_change() -> None:
    # In Cairo 00:00 becomes 01:00 on the last Friday of April.
    period = period_at(at("2026-04-23T12:00", "Africa/Cairo"), "Africa/Cairo")
    assert period.ends == at("2026-04-24T01:00", "Africa/Cairo")
    assert period_at(period.ends, "Africa/Cairo").day == "2026-04-24"


def test_a_midnight_that_comes_twice_is_the_first_and_opens_its_day_once() -> None:
    # In Havana 01:00 becomes 00:00 on the first Sunday of November.
    name = "America/Havana"
    period = period_at(at("2026-10-31T12:00", name), name)
    assert period.ends == at("2026-11-01T00:00", name)
    assert period_at(at("2026-11-01T00:30", name, fold=1), name).day == "2026-11-01"


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert period_at(NOON, "Middle/Earth") == period_at(NOON, "")


def test_whoever_waits_waits_for_the_midnight_of_his_tenant() -> None:
    asked = reservation("r2")
    ledger = given(zone(BERLIN)).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(reserve(asked))
    midnight = at("2026-11-22T00:00", BERLIN)
    assert ledger.state.look_at == midnight
    ledger.when(turn(midnight)).then(opened(TOMORROW), *goes(asked, TOMORROW))


def test_a_day_of_25_hours_lets_nobody_go_an_hour_early() -> None:
    before = at("2026-10-25T23:30", BERLIN)
    first, second = reservation("r1"), reservation("r2")
    ledger = given(zone(BERLIN)).when(reserve(first, now=before - 20 * HOUR)).when(settle("r1", 100, now=before))
    ends = at("2026-10-26T00:00", BERLIN)
    waiting = ledger.when(reserve(second, now=before))
    assert waiting.events[0] == deferred(second, "tenant@2026-10-25", until=ends)
    assert ends - at("2026-10-25T00:00", BERLIN) == 25 * HOUR


def test_a_tenant_that_moves_west_does_not_open_yesterday_again() -> None:
    # In Kiritimati it is tomorrow already, in Honolulu it is today.
    ledger = given(zone(KIRITIMATI)).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(move(HONOLULU))
    asked = reservation("r2")
    (waits, *_) = ledger.when(reserve(asked)).events
    assert waits == deferred(asked, f"tenant@{TOMORROW}", until=at("2026-11-23T00:00", HONOLULU))


def test_a_tenant_that_moves_east_has_his_new_day_at_once() -> None:
    asked = reservation("r2")
    ledger = given(zone("")).when(reserve(reservation("r1"))).when(settle("r1", 100)).when(move(KIRITIMATI))
    ledger.when(reserve(asked)).then(reserved(asked, TOMORROW))


def test_a_tenant_that_moves_loses_no_reservation() -> None:
    ledger = given(zone("")).when(reserve(reservation("r1"))).when(move(KIRITIMATI)).when(reserve(reservation("r2")))
    assert ledger.state.account(f"tenant@{TODAY}") == account(reserved=100, runs=1)
    after = ledger.when(settle("r1", 60)).state
    assert after.account(f"tenant@{TODAY}") == account(used=60)


def test_who_waits_waits_for_the_midnight_of_where_the_tenant_moved() -> None:
    asked = reservation("r2")
    ledger = given(zone(""), reserved(reservation("r1")), deferred(asked, f"tenant@{TODAY}")).when(move(HONOLULU))
    following = at("2026-11-22T00:00", HONOLULU)
    ledger.then(zone(HONOLULU, 1), opened(TODAY, following))
    ledger.when(settle("r1", 100)).when(turn(following)).then(opened(TOMORROW), *goes(asked, TOMORROW))


def test_who_waits_goes_where_the_tenant_moves_into_a_new_day() -> None:
    asked = reservation("r2")
    ledger = given(zone(""), reserved(reservation("r1")), deferred(asked, f"tenant@{TODAY}")).when(move(KIRITIMATI))
    ledger.then(zone(KIRITIMATI, 1), opened(TOMORROW), *goes(asked, TOMORROW))


def test_a_tenant_that_moves_and_moves_back_opens_each_day_once() -> None:
    state = given(zone("")).state
    decider, days = given().decider, list[str]()
    for number, name in enumerate((KIRITIMATI, HONOLULU, BERLIN, HONOLULU, KIRITIMATI) * 8, 1):
        now = NOON + number * 3 * HOUR
        for command in (move(name, number, now=now), reserve(reservation(f"r{number}", 1), now=now)):
            for event in Given(decider, state).when(command).events:
                message, about = event if isinstance(event, tuple) else (event, About(""))
                state = decider.evolve(state, message, about)
                if isinstance(message, TokensReserved):
                    days.append(message.accounts[0])
    assert days == sorted(days)
    assert len(days) == 40
