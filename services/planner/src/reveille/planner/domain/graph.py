"""A blueprint as a graph: which of its steps a plan has, why, and what each of them waits for."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Department

# `for_each` of a step that is done for each input of its category.
INPUTS: Final = "inputs"
# What undoes a step is a step of this name before it; no step of a blueprint can be called so.
UNDOING: Final = "undo:"
# Of what a step is done with: a result that it reads.
RESULT: Final = "result "


class Graph:
    """steps: in an order in which each comes behind those that it waits for."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.steps: Mapping[str, BlueprintStep] = {step.name: step for step in blueprint.steps}

    def wanted(self, categories: Iterable[str], conditions: Iterable[str]) -> dict[str, str]:
        """The steps that the plan has, in order, each with what brings it in."""
        mentioned, holding = set(categories), set(conditions)
        reasons: dict[str, str] = {}
        # Backwards: whoever needs a step stands behind it.
        for step in reversed(self.blueprint.steps):
            if step.name in mentioned:
                reasons[step.name] = "an input is about it"
            elif step.name in holding:
                reasons[step.name] = "its condition holds"
            elif step.always:
                reasons[step.name] = "it is always there"
            if step.name in reasons:
                for needed in step.needs:
                    reasons.setdefault(needed, f"{step.name} needs it")
        return {name: reasons[name] for name in self.steps if name in reasons}

    def upstream(self, name: str) -> Sequence[str]:
        """Steps that it waits for, where they are in the plan; each once."""
        return self._upstream[name]

    @cached_property
    def _upstream(self) -> Mapping[str, Sequence[str]]:
        return {step.name: tuple(dict.fromkeys((*step.after, *step.needs))) for step in self.blueprint.steps}

    @cached_property
    def listed(self) -> Mapping[str, Sequence[str]]:
        """By step, the keys of its result whose lists other steps are done for."""
        found: dict[str, list[str]] = {}
        for step in self.blueprint.steps:
            if step.for_each and step.for_each != INPUTS:
                of, _, key = step.for_each.partition(".")
                if key not in found.setdefault(of, []):
                    found[of].append(key)
        return found

    def digest(self, name: str) -> str:
        """Of what a step is, as far as it decides on its results: not how often it is tried, or how urgent it is."""
        return self._digests[name]

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        return {
            step.name: plain_digest(
                self.blueprint.name,
                step.name,
                step.agent,
                *sorted(step.reads),
                "",
                step.for_each,
                *self._works_by(step),
            )
            for step in self.blueprint.steps
        }

    def _works_by(self, step: BlueprintStep) -> Sequence[str]:
        """What a role is told of its hierarchy besides what it reads."""
        if not step.role:
            return ()
        blueprint = self.blueprint
        about = [self.departments[step.department]] if step.department else blueprint.departments
        figures = (blueprint.min_relevance, blueprint.min_quality, blueprint.max_revisions)
        return (
            *(f"{one.name} {one.title} {one.head} {[*one.specialists]} {[*one.words]}" for one in about),
            *map(str, figures),
        )

    @cached_property
    def departments(self) -> Mapping[str, Department]:
        return {one.name: one for one in self.blueprint.departments}

    def of_department(self, name: str) -> Sequence[BlueprintStep]:
        """In the blueprint's order."""
        return self._of_departments.get(name, ())

    @cached_property
    def _of_departments(self) -> Mapping[str, Sequence[BlueprintStep]]:
        found: dict[str, list[BlueprintStep]] = {}
        for step in self.blueprint.steps:
            if step.department:
                found.setdefault(step.department, []).append(step)
        return found


def plain_digest(*parts: str) -> str:
    """Of what is no secret: names, and digests that are keyed themselves."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
