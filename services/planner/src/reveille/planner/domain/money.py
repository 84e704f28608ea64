"""What the plan's steps cost, for the budget service to add up, and what came of that."""

from collections.abc import Mapping
from typing import Final

from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import Money
from reveille.contracts.planner.v1.events_pb2 import MoneyPlanned
from reveille.planner.domain.completing import hundredths
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.state import FAILED, SKIPPED, Plan

# The fact that says what the user has.
BUDGET: Final = "budget"


def plan_money(draft: Draft) -> None:
    """Tell where it is another picture than was told last. A step that runs again costs what it did, until it says."""
    graph = draft.plan.graph
    if not graph.blueprint.money_from:
        return
    by_step: dict[str, Money] = {}
    for name, step in draft.state.steps.items():
        result, owner = step.result, step.of or name
        if result is None or result.money is None or step.status in (FAILED, SKIPPED):
            continue
        if owner in graph.blueprint.money_from:
            total = by_step.setdefault(owner, Money())
            total.min += result.money.min
            total.max += result.money.max
    limit = hundredths(draft.plan.facts.get(BUDGET)) or 0
    told = draft.plan.money
    if told is None and not by_step:
        return  # nothing costs anything yet
    if told is None or told.limit != limit or dict(told.by_step) != by_step:
        draft.add(MoneyPlanned(execution_id=draft.id, by_step=by_step, limit=limit))


def is_counted(plan: Plan) -> bool:
    """Whether the estimate that was heard last is of the picture that was told last."""
    told, heard = plan.money, plan.heard
    if told is None:
        return True
    return heard is not None and heard.limit == told.limit and dict(heard.by_step) == dict(told.by_step)


def summary(budget: BudgetUpdated | None) -> dict[str, object]:
    """In the currency's units."""
    if budget is None:
        return {
            "total_budget": {"min": 0, "max": 0},
            "by_step": {},
            "limit": None,
            "over_by": 0,
            "over_at_least": 0,
            "driver": None,
        }
    return {
        "total_budget": _units(budget.total),
        "by_step": {name: _units(money) for name, money in sorted(budget.by_step.items())},
        "limit": units(budget.limit) if budget.limit else None,
        "over_by": units(budget.over_by),
        "over_at_least": units(budget.over_at_least),
        "driver": budget.driver or None,
    }


def units(amount: int) -> int | float:
    return amount // 100 if amount % 100 == 0 else amount / 100


def _units(money: Money) -> Mapping[str, int | float]:
    return {"min": units(money.min), "max": units(money.max)}
