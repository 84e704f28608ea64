"""The plan for people: how far it is, what it recommends, and what they can do next."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.ingress.v1.events_pb2 import ROLE_ORCHESTRATE, ROLE_UNSPECIFIED, BlueprintStep
from reveille.contracts.planner.v1.events_pb2 import ExecutionCompleted, PlanUpdated
from reveille.kernel.sealing import open_sealed, seal_json
from reveille.planner.domain import gates, money
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.graph import UNDOING, Graph
from reveille.planner.domain.hierarchy import REJECTED, review_of
from reveille.planner.domain.state import DONE, FAILED, READY, SKIPPED, Execution, Step
from reveille.planner.domain.wave import Outcome

RUNNING: Final = "running"
WAITING: Final = "waiting"
COMPLETED: Final = "completed"
CANCELLED: Final = "cancelled"
MOST_DETAIL: Final = 300
_URGENCY: Final[Mapping[int, str]] = {0: "medium", 1: "high", 2: "medium"}
_RANK: Final = {"high": 0, "medium": 1, "low": 2}


def tell(draft: Draft, outcomes: Mapping[str, Outcome], budget: BudgetUpdated | None = None) -> None:
    """Publish the plan where it is another one than was published last. budget: heard now; None: as it was."""
    plan = draft.plan
    budget = plan.heard if budget is None else budget
    required = list(plan.graph.blueprint.required) or [
        name for name in plan.wanted if not plan.graph.steps[name].optional
    ]
    status = _status(draft.state, outcomes, required)
    refused = False
    if status == COMPLETED:
        opens = gates.opens(draft, outcomes)
        refused = opens is False
        status = COMPLETED if opens else FAILED if refused else WAITING
    elif status != CANCELLED:
        gates.drop(draft)
    outline = _outline(draft.state, plan.graph, outcomes, required, budget)
    if refused:
        outline["next_steps"].insert(0, "Change what the plan is to come to: its release was rejected.")
    elif status == WAITING and draft.plan.asked is not None:
        outline["next_steps"].insert(0, open_sealed(draft.plan.asked.question).decode(errors="replace"))
    sealed = seal_json(outline)
    told = plan.told
    if told is not None and (told.status, told.plan, plan.heard) == (status, sealed, budget):
        return
    if status == COMPLETED and draft.state.status != COMPLETED:
        draft.add(ExecutionCompleted(execution_id=draft.id, tokens_used=draft.state.tokens_used, living=True))
    draft.add(
        PlanUpdated(
            execution_id=draft.id,
            version=told.version + 1 if told is not None else 1,
            status=status,
            completion_percent=outline["completion_percent"],
            plan=sealed,
            budget=budget,
        )
    )


def _status(state: Execution, outcomes: Mapping[str, Outcome], required: Sequence[str]) -> str:
    assert state.plan is not None
    if state.status == CANCELLED:
        return CANCELLED
    if any(step.status == READY for step in state.steps.values()):
        return RUNNING
    if any(step.is_under_way for step in state.steps.values()) or state.plan.cancelling is not None:
        return WAITING
    if any(name in outcomes and outcomes[name].status == FAILED for name in required):
        return FAILED
    if outcomes and all(name in outcomes and outcomes[name].status == DONE for name in required):
        return COMPLETED
    return WAITING


def _outline(
    state: Execution,
    graph: Graph,
    outcomes: Mapping[str, Outcome],
    required: Sequence[str],
    budget: BudgetUpdated | None,
) -> dict[str, Any]:
    tasks = [name for name in graph.steps if _is_task(name, state, graph, outcomes) or name in required]
    done = [name for name in tasks if _is_done(name, outcomes)]
    # Of a hierarchy people bring in the orchestrator's step alone, and that brings in the others.
    missing = [
        graph.steps[name]
        for name in required
        if name not in outcomes and graph.steps[name].role in (ROLE_UNSPECIFIED, ROLE_ORCHESTRATE)
    ]
    failures = _failures(state, graph, outcomes)
    assert state.plan is not None
    is_open = state.plan.cancelling is None  # else nobody can say any more what is missing
    percent = 100 * sum(_is_done(name, outcomes) for name in required) // len(required) if required else 0
    return {
        "completion_percent": percent,
        "recommendations": _recommendations(state, graph, outcomes, missing if is_open else (), budget),
        "next_steps": _next_steps(state, missing, failures) if is_open else _by_hand(failures),
        "active_agents": _once(
            graph.steps[name].agent for name in graph.steps if _is_task(name, state, graph, outcomes)
        ),
        "missing_agents": _once(step.agent for step in missing),
        "checklist_summary": {
            "total_tasks": len(tasks),
            "completed_tasks": len(done),
            "pending_tasks": len(tasks) - len(done),
        },
        "budget_summary": money.summary(budget),
        "failures": failures,
    }


def _is_task(name: str, state: Execution, graph: Graph, outcomes: Mapping[str, Outcome]) -> bool:
    """A step that has a role may turn out to have nothing to do: it counts when it is known that it has."""
    return name in outcomes and (not graph.steps[name].role or name in state.steps)


def _is_done(name: str, outcomes: Mapping[str, Outcome]) -> bool:
    return name in outcomes and outcomes[name].status == DONE


def _failures(state: Execution, graph: Graph, outcomes: Mapping[str, Outcome]) -> list[dict[str, Any]]:
    """What failed, why, and which steps cannot be done for that."""
    found = []
    for name, step in state.steps.items():
        if step.status == FAILED:
            owner = step.of or name
            blocks = [
                other.name
                for other in graph.blueprint.steps
                if _is_task(other.name, state, graph, outcomes)
                and other.name != owner
                and _rests_on(graph, other.name, owner)
            ]
            found.append({"step": name, "agent": step.plan.agent, "reason": _why(step), "blocks": blocks})
    return found


def _why(step: Step) -> str:
    detail = open_sealed(step.detail).decode(errors="replace")[:MOST_DETAIL] if step.detail is not None else ""
    return f"{step.error}: {detail}" if detail else step.error


def _rests_on(graph: Graph, name: str, on: str) -> bool:
    """Through steps that it cannot do without."""
    return any(needed == on or _rests_on(graph, needed, on) for needed in graph.steps[name].needs)


def _recommendations(
    state: Execution,
    graph: Graph,
    outcomes: Mapping[str, Outcome],
    missing: Sequence[BlueprintStep],
    budget: BudgetUpdated | None,
) -> list[dict[str, str]]:
    """The most urgent first, and then in the order of the steps."""
    found = []
    if budget is not None and budget.over_by:
        over, least = money.units(budget.over_by), money.units(budget.over_at_least)
        certain = f", and by {least} at least" if budget.over_at_least else ""
        limit, driver = money.units(budget.limit), budget.driver
        told = f"The plan may exceed its budget of {limit} by {over}{certain}: {driver} costs the most."
        found.append({"category": "budget", "priority": "high", "description": told})
    for name, step in state.steps.items():
        if step.result is None or step.status in (FAILED, SKIPPED) or (step.of or name) not in outcomes:
            continue
        for one in step.result.recommendations:
            found.append({"category": step.of or name, **one})
    found += _rejected(state, graph)
    for lacking in missing:
        priority = _URGENCY.get(lacking.priority, "low")
        found.append({"category": lacking.name, "priority": priority, "description": _ask(lacking)})
    return sorted(found, key=lambda one: _RANK[one["priority"]])


def _rejected(state: Execution, graph: Graph) -> list[dict[str, str]]:
    """Work that its department's head has not let through."""
    assert state.plan is not None
    found = []
    for name in state.plan.reviews:
        review = review_of(state, name)
        if review is not None and review.status == REJECTED and name in state.steps:
            step, least = graph.steps[name], graph.blueprint.min_quality
            told = f"The work of {step.agent} was rejected with {review.score} of 100, {least} are asked for."
            found.append({"category": step.department, "priority": "high", "description": told})
    return found


def _next_steps(state: Execution, missing: Sequence[BlueprintStep], failures: Sequence[Mapping[str, Any]]) -> list[str]:
    assert state.plan is not None
    found = []
    for one in failures:
        blocked = f", which {' and '.join(one['blocks'])} cannot do without" if one["blocks"] else ""
        found.append(f"Change what {one['step']} is to do{blocked}: it failed ({one['reason']}).")
    found += [_ask(step) for step in missing]
    taken = state.plan.taken
    for one in json.loads(open_sealed(taken.unclassified) or b"[]") if taken is not None else ():
        text = one.get("text", "")
        if one.get("tags") and not text:
            found.append(
                f"Say what the parameters {', '.join(one['tags'])} mean: they are no values of the plan's facts."
            )
        elif one.get("tags"):
            found.append(
                f"Say what the tags {', '.join(one['tags'])} of “{text}” mean: they name nothing in this plan."
            )
        else:
            known = ", ".join(step.name for step in state.plan.graph.blueprint.steps if step.HasField("category"))
            found.append(f"Say what “{text}” is about: {known}?")
    return found


def _by_hand(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of a plan that is cancelled, or is being so."""
    return [
        f"Undo by hand what {one['step'].removeprefix(UNDOING)} has done: undoing it failed ({one['reason']})."
        for one in failures
        if one["step"].startswith(UNDOING)
    ]


def _ask(step: BlueprintStep) -> str:
    return step.ask or f"Say what you want for {step.title or step.name}."


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
