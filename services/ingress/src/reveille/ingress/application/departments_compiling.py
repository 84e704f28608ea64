"""The steps that a hierarchy comes to: its rounds are written out, and every piece of work is a step of its own."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep, Category, Department, Role

ORCHESTRATE: Final = "orchestrate"
REVIEW: Final = "review"
COMPOSE: Final = "compose"
# Nothing of a hierarchy is there without somebody who wants something.
WHEN: Final = f'"{ORCHESTRATE}" in categories'
ASK: Final = "What shall it be? Say what you want in a sentence or two."


def compiled(orchestrator: str, departments: Sequence[Department], *, revisions: int) -> list[BlueprintStep]:
    """Each step stands behind those that it waits for. No name of a file has the `/` that parts the names of these."""
    orchestrate = BlueprintStep(
        name=ORCHESTRATE,
        title="Which departments are to work on it",
        agent=orchestrator,
        category=Category(every=True),
        ask=ASK,
        role=Role.ROLE_ORCHESTRATE,
    )
    steps = [step for one in departments for step in _of_department(one, revisions + 1)]
    compose = BlueprintStep(
        name=COMPOSE,
        title="One whole of what the departments have made",
        agent=orchestrator,
        when=WHEN,
        needs=[ORCHESTRATE],
        after=[step.name for step in steps if step.role in (Role.ROLE_DRAFT, Role.ROLE_REVIEW)],
        role=Role.ROLE_COMPOSE,
    )
    return [orchestrate, *steps, compose]


def required(departments: Sequence[Department]) -> list[str]:
    return [ORCHESTRATE, *(review_step(one.name, 1) for one in departments), COMPOSE]


def count(departments: Sequence[Department], *, revisions: int) -> int:
    """How many steps they come to."""
    return 2 + sum(1 + (revisions + 1) * (len(one.specialists) + 1) for one in departments)


def draft_step(department: str, specialist: str, round: int) -> str:
    return _in_round(f"{department}/{specialist}", round)


def review_step(department: str, round: int) -> str:
    return _in_round(f"{department}/{REVIEW}", round)


def _of_department(one: Department, rounds: int) -> Iterator[BlueprintStep]:
    yield _step(
        one,
        name=one.name,
        title=f"{one.title}: briefs",
        agent=one.head,
        needs=[ORCHESTRATE],
        for_each=f"{ORCHESTRATE}.{one.name}",
        role=Role.ROLE_BRIEF,
    )
    for round in range(1, rounds + 1):
        before = one.name if round == 1 else review_step(one.name, round - 1)
        for specialist in one.specialists:
            yield _step(
                one,
                name=draft_step(one.name, specialist, round),
                title=_titled(f"{one.title}: {specialist}", round),
                agent=specialist,
                needs=[before],
                after=[draft_step(one.name, specialist, round - 1)] if round > 1 else [],
                for_each=f"{before}.{specialist}",
                role=Role.ROLE_DRAFT,
                round=round,
            )
        yield _step(
            one,
            name=review_step(one.name, round),
            title=_titled(f"{one.title}: review", round),
            agent=one.head,
            needs=[before],
            after=[draft_step(one.name, specialist, round) for specialist in one.specialists],
            for_each=f"{before}.{REVIEW}:1" if round == 1 else f"{before}.{REVIEW}",
            role=Role.ROLE_REVIEW,
            round=round,
        )


def _step(department: Department, **said: Any) -> BlueprintStep:
    return BlueprintStep(department=department.name, when=WHEN, **said)


def _in_round(name: str, round: int) -> str:
    return name if round == 1 else f"{name}/{round}"


def _titled(title: str, round: int) -> str:
    return title if round == 1 else f"{title}, round {round}"
