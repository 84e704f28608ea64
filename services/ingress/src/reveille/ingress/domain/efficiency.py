"""What waking saves against polling, and what it costs. The formulas stand in docs/metrics.md."""

from collections.abc import Iterable
from typing import Final, Protocol

from reveille.contracts.ingress.v1.events_pb2 import Limits
from reveille.kernel.classifying import CLASSIFIER
from reveille.kernel.clock import SECOND
from reveille.kernel.fleet import Fleet
from reveille.kernel.pricing import cost, cost_of_any

HOUR: Final = 3_600 * SECOND
WINDOW_HOURS: Final = 24


class Used(Protocol):
    """Tokens of one agent with one model. other_tokens: of which nobody knows whether they went in or out."""

    model: str
    input_tokens: int
    output_tokens: int
    other_tokens: int


def window(now: int) -> int:
    """When the last day begins, in the clock's own hours: the current one and the 23 before it."""
    return now // HOUR * HOUR - (WINDOW_HOURS - 1) * HOUR


def tokens_of(usage: Iterable[Used]) -> int:
    return sum(one.input_tokens + one.output_tokens + one.other_tokens for one in usage)


def would_poll(fleet: Fleet) -> int:
    """How many agents would have to ask whether there is anything to do: not those whom plans alone give work."""
    of_plans = {CLASSIFIER} if fleet.blueprints else set()
    for blueprint in fleet.blueprints.values():
        of_plans |= {name for step in blueprint.steps for name in (step.agent, step.compensate)}
    woken = {rule.wake for rule in fleet.rules.values()}
    return sum(name in woken or name not in of_plans for name in fleet.agents)


def saved_percentage(limits: Limits, *, agents: int, used: int, elapsed: int) -> float | None:
    """elapsed: microseconds. None without a baseline, and before anybody would have polled once."""
    if not limits.poll_every_ms or not limits.tokens_per_poll:
        return None
    polls = agents * (elapsed // (limits.poll_every_ms * 1_000))
    return round(100 * (1 - used / (polls * limits.tokens_per_poll)), 2) if polls > 0 else None


def cost_of(limits: Limits, usage: Iterable[Used]) -> float | None:
    """In `limits.currency`; None where some of it has no price."""
    if not limits.currency:
        return None
    total = 0.0
    for one in usage:
        for tokens, price in (
            (one.input_tokens + one.output_tokens, cost(limits, one.model, one.input_tokens, one.output_tokens)),
            (one.other_tokens, cost_of_any(limits, one.other_tokens)),
        ):
            if tokens and price is None:
                return None
            total += price or 0.0
    return round(total, 6)
