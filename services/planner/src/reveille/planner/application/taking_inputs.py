"""What the inputs of a plan come to, made ready for the plan's rules."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reveille.contracts.analyzer.v1.events_pb2 import InputsAnalyzed
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import Agent, Blueprint, BlueprintStep
from reveille.contracts.planner.v1.events_pb2 import (
    QualityChecked,
    StepAdopted,
    StepCompleted,
    StepPlanned,
    StepTerms,
    WorkReviewed,
)
from reveille.kernel.classifying import CLASSIFIER
from reveille.kernel.decider import Command
from reveille.kernel.digests import Digests
from reveille.kernel.errors import Poison, UnknownEventType
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.sealing import open_sealed
from reveille.planner.domain.commands import Adopted, TakeInputs
from reveille.planner.domain.graph import UNDOING, plain_digest
from reveille.planner.domain.state import DONE, Execution, evolve

# A test of facts and of the categories that the inputs are of; what cannot be evaluated does not hold.
Condition = Callable[[Mapping[str, Any], Sequence[str]], bool]
# Blueprints whose terms are kept ready.
KEPT: Final = 256


class TakingInputs:
    """conditions: ready by their text. digests: of facts."""

    def __init__(self, facts: Facts, *, conditions: Callable[[str], Condition], digests: Digests) -> None:
        self._facts = facts
        self._conditions = conditions
        self._digests = digests
        self._terms: dict[tuple[str, int, str], tuple[StepTerms, ...]] = {}

    async def on_inputs(self, event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
        analyzed, tenant = event.msg, tenant_of(event.stream)
        assert isinstance(analyzed, InputsAnalyzed)
        fleet = await self._facts.fleet(tenant, analyzed.fleet_revision)
        blueprint = fleet.blueprints.get(analyzed.blueprint)
        if blueprint is None:
            told = f"execution {analyzed.execution_id} is of blueprint {analyzed.blueprint}"
            raise Poison(f"{told}, which fleet {fleet.revision} has not")
        facts = json.loads(open_sealed(analyzed.facts) or b"{}")
        beginning = analyzed.beginning if analyzed.HasField("beginning") else None
        adopted: tuple[Adopted, ...] = ()
        if beginning is not None and beginning.HasField("at"):
            adopted = await self._adopted(analyzed.execution_id, beginning.at)
        command = TakeInputs(
            now=now,
            execution_id=analyzed.execution_id,
            fleet_revision=analyzed.fleet_revision,
            inputs_revision=analyzed.inputs_revision,
            blueprint=blueprint,
            terms=self._terms_of(tenant, fleet, blueprint),
            inputs=tuple(analyzed.inputs),
            facts=facts,
            fact_digests={name: self._digests.of(value) for name, value in facts.items()},
            conditions=self._holding(blueprint, facts, {name for one in analyzed.inputs for name in one.categories}),
            beginning=beginning,
            cancellation=analyzed.cancellation if analyzed.HasField("cancellation") else None,
            unclassified=analyzed.unclassified if analyzed.HasField("unclassified") else None,
            unclear=tuple(analyzed.unclear),
            classifier=_terms(CLASSIFIER, fleet.agents[CLASSIFIER]) if CLASSIFIER in fleet.agents else None,
            adopted=adopted,
        )
        return [(stream_name(tenant, "execution", analyzed.execution_id), command)]

    def _holding(self, blueprint: Blueprint, facts: Mapping[str, Any], categories: set[str]) -> tuple[str, ...]:
        known = sorted(categories)
        return tuple(step.name for step in blueprint.steps if step.when and self._conditions(step.when)(facts, known))

    def _terms_of(self, tenant: str, fleet: Fleet, blueprint: Blueprint) -> tuple[StepTerms, ...]:
        key = (tenant, fleet.revision, blueprint.name)
        terms = self._terms.get(key)
        if terms is None:
            terms = tuple(_terms_of_step(step, fleet) for step in blueprint.steps)
            if len(self._terms) >= KEPT:
                self._terms.clear()
            self._terms[key] = terms
        return terms

    async def _adopted(self, execution_id: str, at: EventRef) -> tuple[Adopted, ...]:
        """What was done then in the execution that a fork comes from; whether it holds here, its digests say.

        Without what had been undone by then, or was being undone.
        """
        state, planned, done = Execution(), dict[str, StepPlanned](), dict[str, StepAdopted]()
        judged: dict[str, list[QualityChecked | WorkReviewed]] = {}
        latest = ""
        for event in await self._facts.history(at):
            if event.msg is None:
                raise UnknownEventType(event.type, f"stream {event.stream}")
            match event.msg:
                case StepPlanned(step=name):
                    planned[name] = event.msg
                case StepCompleted(step=name):
                    done[name] = StepAdopted(completed=event.msg, basis=state.steps[name].basis)
                    latest, judged[name] = name, []
                case StepAdopted(completed=completed):
                    done[completed.step] = event.msg
                    latest, judged[completed.step] = completed.step, []
                case QualityChecked() | WorkReviewed():  # right behind the review that says it
                    judged[latest].append(event.msg)
            state = evolve(state, event.msg, event.meta.about)
        found = []
        for name, step in state.steps.items():
            if ":" in name or f"{UNDOING}{name}" in state.steps:
                continue
            if step.status == DONE and step.result is not None:
                found.append(
                    Adopted(
                        planned=_of(planned[name], execution_id),
                        done=_adopting(done[name], execution_id),
                        judged=tuple(_of(one, execution_id) for one in judged[name]),
                    )
                )
        return tuple(found)


def _terms_of_step(step: BlueprintStep, fleet: Fleet) -> StepTerms:
    if step.agent not in fleet.agents:
        raise Poison(f"step {step.name} needs agent {step.agent}, which fleet {fleet.revision} has not")
    terms = _terms(step.name, fleet.agents[step.agent])
    terms.attempts = step.attempts or terms.attempts
    terms.backoff_ms = step.backoff_ms or terms.backoff_ms
    terms.timeout_ms = step.timeout_ms or terms.timeout_ms
    if step.compensate:
        if step.compensate not in fleet.agents:
            raise Poison(f"step {step.name} needs agent {step.compensate}, which fleet {fleet.revision} has not")
        undoing = fleet.agents[step.compensate]
        terms.compensation_timeout_ms, terms.compensation_tokens = undoing.timeout_ms, undoing.budget.per_run
    return terms


def _terms(step: str, agent: Agent) -> StepTerms:
    return StepTerms(
        step=step,
        attempts=agent.attempts,
        backoff_ms=agent.backoff_ms,
        timeout_ms=agent.timeout_ms,
        tokens=agent.budget.per_run,
        agent_digest=plain_digest(agent.name, agent.skill, agent.model, str(agent.remote)),
    )


def _of(told: Any, execution_id: str) -> Any:
    """What another execution was told, of this one."""
    copied = type(told)()
    copied.CopyFrom(told)
    copied.execution_id = execution_id
    return copied


def _adopting(done: StepAdopted, execution_id: str) -> StepAdopted:
    copied = StepAdopted()
    copied.CopyFrom(done)
    copied.completed.execution_id = execution_id
    copied.completed.tokens_used = 0  # the fork has used none for it
    return copied
