"""What happened over time, over HTTP: by minute, hour and day, at the fleet's prices, and the same after a rebuild."""

from dataclasses import replace
from typing import Any

import pytest

from reveille.contracts.ingress.v1.events_pb2 import Limits, ModelPrice
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from tests.integration.ingress.conftest import House, Open
from tests.integration.ingress.told_executions import SECOND, begin, checked, end, write

FLEET = fleet_from(default_fleet(), file="default.yaml")
# The day of the events that are told: 2026-11-21T12:00Z.
DAY = {"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z"}


LATER = 1_795_262_400 * SECOND + 86_400 * SECOND


async def asked(house: House, **query: Any) -> dict[str, Any]:
    await house.caught_up()
    answer = await house.client.get("/api/v1/analytics", params={**DAY, **query})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
async def busy(open_house: Open) -> House:
    """A house in which something has happened, with a price for the model."""
    house = await open_house()
    limits = Limits(currency="EUR", models=[ModelPrice(model="m", input=10.0, output=1_000_000.0)])
    await house.ingress.fleets.apply(replace(FLEET, limits=limits))
    for id in ("e", "f"):
        await begin(house, id)
        await checked(house, id, department="story", score=70)
        await end(house, id, tokens=101)
    await begin(house, "g", agent="far")
    await end(house, "g", agent="far", fails=True, tokens=0)
    return house


async def test_what_happened_is_told_by_what_it_is_about(busy: House) -> None:
    told = await asked(busy)
    noon = "2026-11-21T12:00:00.000Z"
    assert (told["from"], told["to"], told["bucket"]) == (
        "2026-11-21T00:00:00.000Z",
        "2026-11-22T00:00:00.000Z",
        "hour",
    )
    series = told["series"]
    assert series["wakes"] == [
        {"at": noon, "label": "far", "total": 1, "count": 1},
        {"at": noon, "label": "lead", "total": 2, "count": 2},
    ]
    assert series["tokens"] == [
        {"at": noon, "label": "far", "total": 0, "count": 1},
        {"at": noon, "label": "lead", "total": 202, "count": 2},
    ]
    assert series["runs"] == [
        {"at": noon, "label": "completed", "total": 2, "count": 2},
        {"at": noon, "label": "failed", "total": 1, "count": 1},
    ]
    assert series["quality"] == [{"at": noon, "label": "story", "total": 140, "count": 2}]
    assert told["currency"] == "EUR"
    # 200 tokens in at 10 EUR a million of them, and 2 out at a million.
    assert series["money"] == [{"at": noon, "label": "m", "total": 2.002, "count": 2}]
    assert told["totals"]["money"] == {"total": 2.002, "count": 2, "by_label": {"m": {"total": 2.002, "count": 2}}}
    assert told["totals"]["events"]["by_label"]["RunStarted"] == {"total": 3, "count": 3}


@pytest.mark.parametrize(
    ("bucket", "at"), [("minute", "2026-11-21T12:00:00.000Z"), ("day", "2026-11-21T00:00:00.000Z")]
)
async def test_buckets_are_as_large_as_is_asked(busy: House, bucket: str, at: str) -> None:
    told = await asked(busy, bucket=bucket)
    assert [point["at"] for point in told["series"]["runs"]] == [at, at]


async def test_what_has_no_price_has_no_sum_and_without_prices_nothing_is_told_of_money(busy: House) -> None:
    partly = Limits(currency="EUR", models=[ModelPrice(model="other", input=1.0, output=1.0)])
    await busy.ingress.fleets.apply(replace(FLEET, limits=partly))
    told = await asked(busy)
    assert (told["series"]["money"], told["totals"]["money"]["total"]) == ([], None)
    await busy.ingress.fleets.apply(replace(FLEET, limits=Limits()))
    told = await asked(busy)
    assert (told["currency"], told["series"]["money"], told["totals"]["money"]["total"]) == (None, [], None)


async def test_made_anew_it_is_what_it_was(busy: House) -> None:
    before = await asked(busy)
    await busy.ingress.service.follower.clear()
    # The log has to go on for its follower to look where it stands: the day after what is asked for.
    await write(busy.store, "default.execution-late", ExecutionStarted(execution_id="late"), at=LATER)
    assert await asked(busy) == before


async def test_without_a_time_it_is_the_last_24_hours_and_nothing_of_before(busy: House) -> None:
    await busy.caught_up()
    told = (await busy.client.get("/api/v1/analytics")).json()
    assert told["bucket"] == "hour"
    names = {point["label"] for point in told["series"]["events"]}
    assert "AgentDefined" in names  # the fleet was applied a moment ago


@pytest.mark.parametrize(
    "query",
    [
        {"bucket": "week"},
        {"from": "yesterday"},
        {"to": "2026-11-20T00:00:00Z"},
        {"from": "2026-11-01T00:00:00Z", "bucket": "minute"},
        {"from": "9999-12-31T23:59:59-23:59"},
    ],
)
async def test_what_there_is_not_is_refused_by_name(house: House, query: dict[str, str]) -> None:
    answer = await house.client.get("/api/v1/analytics", params={**DAY, **query})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_query")
    assert answer.json()["errors"][0]["path"] in ("bucket", "from", "to")
