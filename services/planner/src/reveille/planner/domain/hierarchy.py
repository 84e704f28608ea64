"""What a role is told, beside what it reads: by what its blueprint wants it to work."""

import json
from collections.abc import Mapping
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import (
    ROLE_COMPOSE,
    ROLE_DRAFT,
    ROLE_ORCHESTRATE,
    ROLE_REVIEW,
    BlueprintStep,
    Department,
)
from reveille.contracts.planner.v1.events_pb2 import DepartmentOutput
from reveille.kernel.sealing import open_sealed
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.state import DONE, FAILED, SKIPPED, Execution, Review, Step

# What becomes of a draft.
APPROVED: Final = "approved"
REVISE: Final = "revise"
REJECTED: Final = "rejected"


def working_by(draft: Draft, step: BlueprintStep) -> dict[str, Any]:
    """The facts of a step that has a role, as docs/departments.md has them."""
    graph = draft.plan.graph
    blueprint = graph.blueprint
    if step.role == ROLE_ORCHESTRATE:
        departments = {one.name: _described(one) for one in blueprint.departments}
        return {"departments": departments, "min_relevance": blueprint.min_relevance}
    if step.role == ROLE_COMPOSE:
        return {"departments": {name: _made(draft, graph.departments[name]) for name in woken(draft)}}
    department = graph.departments[step.department]
    rounds = blueprint.max_revisions + 1
    told: dict[str, Any] = {"department": step.department, "min_quality": blueprint.min_quality, "rounds": rounds}
    if step.role == ROLE_DRAFT:
        return {**told, "specialist": step.agent, "round": step.round}
    told |= {**_described(department), "department": step.department}
    if step.role == ROLE_REVIEW:
        told |= {"round": step.round, "drafts": drafts_of(draft, step)}
    return told


def woken(draft: Draft) -> list[str]:
    """The departments that are relevant for what is wanted, in the blueprint's order."""
    return [name for name in draft.plan.graph.departments if name in draft.state.steps]


def briefing(draft: Draft, department: str) -> Step | None:
    """The step that briefs the department's specialists; None: it is not woken."""
    return draft.state.steps.get(department)


def drafts_of(draft: Draft, review: BlueprintStep) -> dict[str, str]:
    """By specialist, the step of the draft that a review is about, where it is done."""
    return {
        one.agent: one.name
        for one in draft.plan.graph.of_department(review.department)
        if one.role == ROLE_DRAFT and one.round == review.round and _is_done(draft, one.name)
    }


def outputs(draft: Draft, department: Department) -> list[DepartmentOutput]:
    """What each specialist that was briefed has come to: its last draft that is done."""
    found: dict[str, DepartmentOutput] = {}
    for step in draft.plan.graph.of_department(department.name):
        run = draft.state.steps.get(step.name)
        # Of what is skipped nobody asks for: its briefing, or the review before it, has failed.
        if step.role != ROLE_DRAFT or run is None or run.status == SKIPPED:
            continue
        if run.status == DONE and run.result is not None:
            review = review_of(draft.state, step.name)
            found[step.agent] = DepartmentOutput(
                agent=step.agent,
                step=step.name,
                ref=run.result.ref,
                round=step.round,
                score=review.score if review is not None else 0,
                # Nobody has said what becomes of it: its review has failed.
                status=review.status if review is not None and review.status != REVISE else FAILED,
            )
        elif step.agent not in found:
            found[step.agent] = DepartmentOutput(agent=step.agent, step=step.name, round=step.round, status=FAILED)
    return list(found.values())


def review_of(state: Execution, step: str) -> Review | None:
    """What was said of a draft, as long as the review that said it stands."""
    assert state.plan is not None
    graph, review = state.plan.graph, state.plan.reviews.get(step)
    if review is None or step not in graph.steps:
        return None
    reviewed = graph.steps[step]
    for one in graph.of_department(reviewed.department):
        if one.role == ROLE_REVIEW and one.round == reviewed.round:
            run = state.steps.get(one.name)
            return review if run is not None and run.status == DONE else None
    return None


def relevance_of(step: Step) -> float:
    """Of a department, by the step that briefs it."""
    told = json.loads(open_sealed(step.item.value)) if step.item is not None else {}
    return float(told.get("relevance", 0))


def _described(department: Department) -> dict[str, Any]:
    return {
        "title": department.title,
        "head": department.head,
        "specialists": list(department.specialists),
        "words": list(department.words),
    }


def _made(draft: Draft, department: Department) -> Mapping[str, Any]:
    step = briefing(draft, department.name)
    made = {
        one.agent: {"step": one.step, "status": one.status, "score": one.score, "round": one.round}
        for one in outputs(draft, department)
    }
    relevance = relevance_of(step) if step is not None else 0
    return {"title": department.title, "head": department.head, "relevance": relevance, "outputs": made}


def _is_done(draft: Draft, name: str) -> bool:
    step = draft.state.steps.get(name)
    return step is not None and step.status == DONE
