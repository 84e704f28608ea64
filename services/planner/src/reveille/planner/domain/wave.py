"""What a change leads to: exactly the steps run again whose digest is another one, and what nothing needs goes.

A step is settled when nothing that it waits for is under way and its result, its failure or its absence is what its
digest says. Only then is known what those behind it are done with: so a wave goes through the graph step by step, and
stops at a step that comes to the same result as before.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from reveille.contracts.analyzer.v1.events_pb2 import AnalyzedInput
from reveille.contracts.ingress.v1.events_pb2 import ROLE_BRIEF, ROLE_REVIEW, BlueprintStep
from reveille.contracts.planner.v1.events_pb2 import (
    StepInvalidated,
    StepRemoved,
    StepRestored,
    StepRevoked,
    StepSkipped,
)
from reveille.planner.domain import asking, starting
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.graph import INPUTS, RESULT, plain_digest
from reveille.planner.domain.lists import items_of, run_of
from reveille.planner.domain.state import DONE, FAILED, READY, SKIPPED, WAITING, Item, Step

FACT: Final = "fact "
# Heads read the whole result that they are woken by; others their own item of it.
READ_ALL: Final = (ROLE_BRIEF, ROLE_REVIEW)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step of the plan stands. value: a digest of what it came to, where it is done; "" where it is not."""

    status: str
    value: str = ""

    @property
    def is_settled(self) -> bool:
        return self.status != UNDER_WAY


UNDER_WAY: Final = "under way"
UNSETTLED: Final = Outcome(UNDER_WAY)
BROKEN: Final = Outcome(FAILED)


def advance(draft: Draft) -> dict[str, Outcome]:
    """Everything that follows from how things stand; how each step of the plan stands then."""
    plan = draft.plan
    _remove(draft, plan.wanted)
    outcomes: dict[str, Outcome] = {}
    for name, reason in plan.wanted.items():
        outcomes[name] = _Settling(draft, name, outcomes).settle(reason)
    return outcomes


def revoke(draft: Draft, name: str) -> None:
    """What is with the ledger or with the agent is not wanted any more."""
    step = draft.state.steps[name]
    draft.add_all(asking.moot(step))
    if step.status in (READY, WAITING):
        draft.add(revoked(draft.id, name, step))


def revoked(execution_id: str, name: str, step: Step) -> StepRevoked:
    run = starting.run_id(execution_id, name, step.attempt)
    # The blueprint may have given the step another agent since it was planned.
    agent = step.ready.agent if step.ready is not None else step.plan.agent
    return StepRevoked(execution_id=execution_id, step=name, attempt=step.attempt, run_id=run, agent=agent)


def runs_of(draft: Draft, name: str) -> list[str]:
    """What a step consists of: itself, or a run for each of a list."""
    return [run for run, step in draft.state.steps.items() if run == name or step.of == name]


def _remove(draft: Draft, reasons: Mapping[str, str]) -> None:
    """`reasons` are of the blueprint's steps; what is no step of it (it asks a model, it undoes) stays."""
    graph = draft.plan.graph
    for name, step in list(draft.state.steps.items()):
        owner = step.of or name
        if owner in reasons or ":" in owner:
            continue
        known = graph.steps.get(owner)
        if known is None:
            why = "its blueprint has it no more"
        elif known.HasField("category"):
            why = "no input is about it any more"
        else:
            why = "nothing needs it any more"
        remove(draft, name, why)


def remove(draft: Draft, name: str, why: str) -> None:
    revoke(draft, name)
    agent = draft.state.steps[name].plan.agent
    draft.add(StepRemoved(execution_id=draft.id, step=name, agent=agent, reason=why))


class _Settling:
    """One step of the plan, with how those that it waits for stand."""

    def __init__(self, draft: Draft, name: str, outcomes: Mapping[str, Outcome]) -> None:
        self._draft = draft
        self._name = name
        self._step: BlueprintStep = draft.plan.graph.steps[name]
        self._inputs = draft.plan.inputs.get(name, ())
        self._upstream = {one: outcomes[one] for one in draft.plan.graph.upstream(name) if one in outcomes}

    def settle(self, reason: str) -> Outcome:
        if broken := self._broken():
            if not self._step.for_each:
                self._plan(self._name, None, reason)
            for run in runs_of(self._draft, self._name):
                self._skip(run, broken)
            return BROKEN
        items = self._items()
        if items is None:  # the list is not known yet: what is there stays as it is
            for run in runs_of(self._draft, self._name):
                self._hold(run)
            return UNSETTLED
        runs = {self._name if item is None else run_of(self._step, item): item for item in items}
        for run in runs_of(self._draft, self._name):
            if run not in runs:
                told = "it is not asked for any more" if self._step.role else f"{self._step.for_each} has it no more"
                remove(self._draft, run, told)
        for run, item in runs.items():
            self._plan(run, item, reason)
        if not self._is_known():
            for run in runs:
                self._hold(run)
            return UNSETTLED
        settled = [self._settle(run, item) for run, item in runs.items()]
        return _together(settled) if self._step.for_each else settled[0]

    def _is_known(self) -> bool:
        """Nothing that it waits for is under way."""
        return all(outcome.is_settled for outcome in self._upstream.values())

    def _broken(self) -> str | None:
        """A step that it cannot do without and that is not done, where all that it waits for is settled."""
        if not self._is_known():
            return None
        return next((one for one in self._step.needs if self._upstream[one].status != DONE), None)

    def _items(self) -> Sequence[Item | None] | None:
        """What it is done for: one thing, or each of a list; None: nobody knows yet."""
        of, _, _ = self._step.for_each.partition(".")
        if not of:
            return (None,)
        if of != INPUTS:
            outcome = self._upstream.get(of)
            if outcome is None or outcome.status == FAILED:
                return ()
            if not outcome.is_settled:
                return None
        return items_of(self._draft.state, self._step, self._inputs)

    def _plan(self, run: str, item: Item | None, reason: str) -> None:
        draft, step = self._draft, self._draft.state.steps.get(run)
        if step is not None and (item is None or (step.item is not None and step.item.digest == item.digest)):
            return
        if step is not None:  # another thing has come under the name of one that was there
            revoke(draft, run)
        planned = starting.planned(draft, run, self._step.agent, draft.plan.terms[self._name], reason)
        planned.after.extend(self._step.after)
        planned.needs.extend(self._step.needs)
        if item is not None:
            planned.of, planned.item_digest = "" if run == self._name else self._name, item.digest
            planned.item.CopyFrom(item.value)
        draft.add(planned)

    def _settle(self, run: str, item: Item | None) -> Outcome:
        draft = self._draft
        basis = self._basis(item)
        digest, step = digest_of(basis), draft.state.steps[run]
        if step.result is not None and step.result.digest == digest:
            revoke(draft, run)
            if draft.state.steps[run].status != DONE:
                draft.add(StepRestored(execution_id=draft.id, step=run))
            return Outcome(DONE, step.result.value)
        if step.digest == digest and step.is_under_way:
            return UNSETTLED
        if step.digest == digest and step.status == FAILED:
            return BROKEN
        self._invalidate(run, basis)
        draft.add(starting.ready(draft, run, self._step, self._readers(item), basis, digest))
        return UNSETTLED

    def _hold(self, run: str) -> None:
        """What it waits for is under way: an attempt goes on unless it is known already that it is for nothing."""
        step = self._draft.state.steps[run]
        if not step.is_under_way:
            return
        known = self._basis(step.item)
        open_ = {f"{RESULT}{name}" for name, outcome in self._upstream.items() if not outcome.is_settled}
        if _changed(step.basis, known, but=open_):
            self._invalidate(run, known, but=open_)

    def _skip(self, run: str, needed: str) -> None:
        if self._draft.state.steps[run].status != SKIPPED:
            revoke(self._draft, run)
            why = f"{needed}, which it needs, is not done"
            self._draft.add(StepSkipped(execution_id=self._draft.id, step=run, reason=why))

    def _invalidate(self, run: str, basis: Mapping[str, str], but: Set[str] = frozenset()) -> None:
        """What it was done with before is not what it is to be done with now."""
        draft, step = self._draft, self._draft.state.steps[run]
        if not step.basis:
            return
        revoke(draft, run)
        changed = _changed(step.basis, basis, but=but)
        draft.add(StepInvalidated(execution_id=draft.id, step=run, attempt=step.attempt, changed=changed))

    def _readers(self, item: Item | None) -> Sequence[AnalyzedInput]:
        """The inputs that a run of it reads."""
        if item is not None and self._step.for_each == INPUTS:
            return [one for one in self._inputs if one.input_id == item.name]
        return self._inputs

    def _basis(self, item: Item | None) -> dict[str, str]:
        plan = self._draft.plan
        assert plan.taken is not None
        basis = {"step": plan.graph.digest(self._name), "agent": plan.terms[self._name].agent_digest}
        if self._inputs and self._step.for_each != INPUTS:
            basis["inputs"] = plain_digest(*(one.digest for one in self._inputs))
        if item is not None:
            basis["item"] = item.digest
        for fact in self._step.reads:
            if fact in plan.taken.fact_digests:
                basis[f"{FACT}{fact}"] = plan.taken.fact_digests[fact]
        reads_all = self._step.for_each == INPUTS or self._step.role in READ_ALL
        listing = "" if reads_all else self._step.for_each.partition(".")[0]
        for name, outcome in self._upstream.items():
            if outcome.status == DONE and name != listing:  # of the list it reads its own item, not how long it is
                basis[f"{RESULT}{name}"] = outcome.value
        return basis


def digest_of(basis: Mapping[str, str]) -> str:
    return plain_digest(*(f"{name}={value}" for name, value in sorted(basis.items())))


def _changed(before: Mapping[str, str], now: Mapping[str, str], but: Set[str]) -> list[str]:
    return [name for name in sorted({*before, *now} - but) if before.get(name) != now.get(name)]


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """Of a step that is done for each of a list, which may be empty."""
    if any(not one.is_settled for one in outcomes):
        return UNSETTLED
    if any(one.status == FAILED for one in outcomes):
        return BROKEN
    return Outcome(DONE, plain_digest("list", *(one.value for one in outcomes)))
