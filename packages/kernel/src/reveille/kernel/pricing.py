"""What tokens cost: by the fleet's prices, which tell models apart, and input from output."""

from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import Limits, ModelPrice

MILLION: Final = 1_000_000


def cost(limits: Limits, model: str, input_tokens: int, output_tokens: int) -> float | None:
    """In `limits.currency`; None where the fleet names no price for this model.

    A price holds for the model of its name and for its dated versions (`some-model` for `some-model-2026-01-31`);
    where several do, the longest name's. A model without one costs `per_million_tokens`, input and output alike.
    """
    if not limits.currency:
        return None
    price = _price(limits, model)
    if price is not None:
        return (input_tokens * price.input + output_tokens * price.output) / MILLION
    return cost_of_any(limits, input_tokens + output_tokens)


def cost_of_any(limits: Limits, tokens: int) -> float | None:
    """Of tokens whose model nobody knows."""
    if not limits.currency or not limits.per_million_tokens:
        return None
    return tokens * limits.per_million_tokens / MILLION


def _price(limits: Limits, model: str) -> ModelPrice | None:
    fitting = [one for one in limits.models if model == one.model or model.startswith(f"{one.model}-")]
    return max(fitting, key=lambda one: len(one.model), default=None)
