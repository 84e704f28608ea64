"""Tokens cost what the fleet says: by model, input and output apart."""

import pytest

from reveille.contracts.ingress.v1.events_pb2 import Limits, ModelPrice
from reveille.kernel.pricing import cost, cost_of_any

SMALL = ModelPrice(model="small", input=1.0, output=4.0)
DATED = ModelPrice(model="small-2", input=10.0, output=40.0)
LIMITS = Limits(currency="USD", per_million_tokens=7.0, models=[SMALL, DATED])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("small", 1.0 * 0.5 + 4.0 * 0.25),
        ("small-2026-01-31", 1.0 * 0.5 + 4.0 * 0.25),
        ("small-2", 10.0 * 0.5 + 40.0 * 0.25),
        ("small-2-latest", 10.0 * 0.5 + 40.0 * 0.25),
        ("smaller", 7.0 * 0.75),
        ("other", 7.0 * 0.75),
    ],
)
def test_a_model_costs_its_own_price_and_any_other_the_common_one(model: str, expected: float) -> None:
    assert cost(LIMITS, model, 500_000, 250_000) == pytest.approx(expected)


def test_a_fleet_without_a_currency_knows_no_cost() -> None:
    assert cost(Limits(per_million_tokens=7.0), "small", 1, 1) is None


def test_a_model_without_any_price_has_no_known_cost() -> None:
    assert cost(Limits(currency="USD", models=[SMALL]), "other", 1, 1) is None


def test_a_model_that_is_free_costs_nothing() -> None:
    free = Limits(currency="USD", per_million_tokens=7.0, models=[ModelPrice(model="offline")])
    assert cost(free, "offline", 1_000_000, 1_000_000) == 0.0


def test_tokens_of_no_model_cost_the_common_price() -> None:
    assert cost_of_any(LIMITS, 2_000_000) == pytest.approx(14.0)
