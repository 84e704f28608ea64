"""Random plans that are changed while they run, and what a plan must be, by an oracle that shares no code with it.

The oracle makes every result anew from nothing, by following the blueprint down from each step. It knows nothing of
digests, of waves or of what was there before.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import AnalyzedInput, Beginning
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Category
from reveille.contracts.planner.v1.events_pb2 import (
    MoneyPlanned,
    StepReady,
    StepRevoked,
    StepTerms,
)
from reveille.kernel.digests import Digests
from reveille.kernel.events import About
from reveille.kernel.sealing import open_sealed, seal, seal_json
from reveille.planner.domain.commands import Command, CompleteStep, FailStep, TakeEstimate, TakeInputs
from reveille.planner.domain.execution import decider as decider_of
from reveille.planner.domain.state import Execution

KEY: Final = Digests(b"test")
DECIDER: Final = decider_of(KEY)
FACTS: Final = ("guests", "budget", "city")
NOWHERE: Final = About("")


def blueprint(random_: random.Random, steps: int) -> Blueprint:
    """Steps wait for any of those before them; some are done for each of a list."""
    names = [f"s{number}" for number in range(steps)]
    made = []
    for number, name in enumerate(names):
        before = names[:number]
        after = sorted(random_.sample(before, random_.randint(0, min(3, number))))
        needs = [one for one in after if random_.random() < 0.3]
        step = BlueprintStep(
            name=name,
            agent=f"a-{name}",
            after=[one for one in after if one not in needs],
            needs=needs,
            reads=sorted(random_.sample(FACTS, random_.randint(0, 2))),
            optional=random_.random() < 0.2,
        )
        kind = random_.random()
        if kind < 0.7 or not number:
            step.category.CopyFrom(Category(words=[name]))
        elif kind < 0.85:
            step.when = "a condition"
        else:
            step.always = True
        lists = random_.random()
        if lists < 0.15 and after:
            step.for_each = f"{random_.choice(after)}.list"
        elif lists < 0.25 and step.HasField("category"):
            step.for_each = "inputs"
        made.append(step)
    # What is done for each of a list lists nothing itself: its result is a list of results.
    several = {step.name for step in made if step.for_each}
    for step in made:
        if step.for_each.partition(".")[0] in several:
            step.for_each = ""
    return Blueprint(name="random", steps=made, required=names[:2], money_from=names[::2], facts=FACTS)


@dataclass(slots=True)
class World:
    """What somebody wants: texts of inputs by id, in order, each with the steps that it is about; facts; conditions."""

    inputs: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()


# Of a step's run: a function of its name and of what it reads, coarse enough that others often come to the same.
def result_of(
    step: str, texts: Sequence[str], facts: Mapping[str, Any], results: Mapping[str, Any], item: Any
) -> dict[str, Any]:
    read = json.dumps([step, list(texts), dict(facts), dict(results), item], sort_keys=True)
    value = random.Random(read).randint(0, 2)
    return {
        "value": value,
        "list": [f"x{number}" for number in range(value)],
        "money": {"min": value, "max": 2 * value},
    }


class Oracle:
    """failing: steps whose agents fail."""

    def __init__(self, plan: Blueprint, world: World, failing: frozenset[str]) -> None:
        self.steps = {step.name: step for step in plan.steps}
        self.world = world
        self.failing = failing
        self._made: dict[str, Any] = {}

    def wanted(self) -> set[str]:
        found: set[str] = set()
        todo = [name for name in self.steps if self._comes(name)]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self.steps[name].needs
        return found

    def results(self) -> dict[str, Any]:
        """By step that can be done: its result, or a list of them by item. A step that is not there cannot."""
        made = {name: self.make(name) for name in self.wanted()}
        return {name: result for name, result in made.items() if result is not None}

    def make(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def runs(self) -> dict[str, Any]:
        """By run that must have been done, what it was done with."""
        found: dict[str, Any] = {}
        for name in self.wanted():
            for run, read in self._reads(name) or ():
                found[run] = read
        return found

    def _make(self, name: str) -> Any:
        reads = self._reads(name)
        if reads is None or (reads and name in self.failing):
            return None
        results = [result_of(name, *read) for _, read in reads]
        return results if self.steps[name].for_each else results[0]

    def _comes(self, name: str) -> bool:
        step = self.steps[name]
        mentioned = any(name in about for _, about in self.world.inputs.values())
        return mentioned or step.always or name in self.world.conditions

    def _reads(self, name: str) -> list[tuple[str, tuple[Any, ...]]] | None:
        """Of each of its runs; None where it cannot be done for what it needs."""
        step, wanted = self.steps[name], self.wanted()
        if any(self.make(one) is None for one in step.needs):
            return None
        upstream = [one for one in dict.fromkeys((*step.after, *step.needs)) if one in wanted]
        results = {one: made for one in upstream if (made := self.make(one)) is not None}
        facts = {fact: self.world.facts[fact] for fact in step.reads if fact in self.world.facts}
        texts = {id: text for id, (text, about) in self.world.inputs.items() if name in about}
        if not step.for_each:
            return [(name, (list(texts.values()), facts, results, None))]
        if step.for_each == "inputs":
            return [(f"{name}[{id}]", ([text], facts, results, {"input_id": id})) for id, text in texts.items()]
        of = step.for_each.partition(".")[0]
        items = results.pop(of)["list"] if of in results else []
        return [(f"{name}[{item}]", (list(texts.values()), facts, results, item)) for item in items]


class House:
    """The planner's rules, with agents and a budget service that answer when they are let."""

    def __init__(self, plan: Blueprint) -> None:
        self.plan = plan
        self.state: Execution = DECIDER.initial
        self.events: list[Message] = []
        self.world = World()
        self.failing: frozenset[str] = frozenset()
        self.revision = -1
        # Attempts that are with an agent, in the order in which they began: also those that were revoked.
        self.open: list[StepReady] = []
        self.revoked: set[str] = set()
        self.began: list[str] = []
        self.results: dict[tuple[str, int], Any] = {}
        # Of all inputs that ever were, by id.
        self._texts: dict[str, str] = {}
        self._estimates: list[MoneyPlanned] = []

    def tell(self, command: Command) -> list[Message]:
        events = [event for event in DECIDER.decide(command, self.state) if isinstance(event, Message)]
        for event in events:
            self.state = DECIDER.evolve(self.state, event, NOWHERE)
            match event:
                case StepReady():
                    self.open.append(event)
                    self.began.append(event.step)
                case StepRevoked(run_id=run_id):
                    self.revoked.add(run_id)
                case MoneyPlanned():
                    self._estimates.append(event)
        self.events += events
        return events

    def change(self) -> TakeInputs:
        """What the world is now."""
        self.revision += 1
        self._texts |= {id: text for id, (text, _) in self.world.inputs.items()}
        return TakeInputs(
            now=1,
            execution_id="e",
            fleet_revision=0,
            inputs_revision=self.revision,
            blueprint=self.plan,
            terms=tuple(StepTerms(step=step.name, attempts=1, agent_digest=step.agent) for step in self.plan.steps),
            inputs=tuple(
                AnalyzedInput(
                    input_id=id,
                    ref=EventRef(stream=f"input {id}"),
                    categories=about,
                    confidence=1,
                    digest=KEY.of(text),
                )
                for id, (text, about) in self.world.inputs.items()
            ),
            facts=dict(self.world.facts),
            fact_digests={name: KEY.of(value) for name, value in self.world.facts.items()},
            conditions=self.world.conditions,
            beginning=Beginning() if self.revision == 0 else None,
        )

    def answer(self, place: int) -> list[Message]:
        """One of the open attempts ends, whether somebody still wants it or not."""
        ready = self.open.pop(place)
        owner = ready.step.partition("[")[0]
        if owner in self.failing:
            return self.tell(
                FailStep(
                    now=1,
                    step=ready.step,
                    attempt=ready.attempt,
                    tokens_used=0,
                    reason="error",
                    error=seal(b"no"),
                    retry=False,
                )
            )
        result = self.result(owner, ready)
        ref = EventRef(stream=ready.run_id, revision=1)
        self.results[ready.run_id, 1] = result
        return self.tell(
            CompleteStep(
                now=1,
                step=ready.step,
                attempt=ready.attempt,
                run_id=ready.run_id,
                tokens_used=0,
                result=seal_json(result),
                ref=ref,
            )
        )

    def result(self, owner: str, ready: StepReady) -> dict[str, Any]:
        """What its agent comes to."""
        return result_of(owner, *self.read(ready))

    def read(self, ready: StepReady) -> tuple[list[str], dict[str, Any], dict[str, Any], Any]:
        """What the agent is given, as it could look it up."""
        texts = [self._texts[one.stream.removeprefix("input ")] for one in ready.inputs]
        results: dict[str, Any] = {}
        for one in ready.results:
            name, several, _ = one.step.partition("[]")
            found = [self.results[one.ref.stream, one.ref.revision]] if one.HasField("ref") else []
            if several:
                results.setdefault(name, []).extend(found)
            else:
                (results[name],) = found
        item = json.loads(open_sealed(ready.item)) if ready.HasField("item") else None
        return texts, json.loads(open_sealed(ready.facts)), results, item

    def settle(self, random_: random.Random) -> None:
        while self.open or self._estimates:
            if self._estimates and (not self.open or random_.random() < 0.5):
                self.estimate()
            else:
                self.answer(random_.randrange(len(self.open)))

    def estimate(self) -> None:
        told = self._estimates.pop(0)
        self.tell(TakeEstimate(now=1, budget=BudgetUpdated(execution_id="e", by_step=told.by_step, limit=told.limit)))

    def standing(self) -> dict[str, Any]:
        """By run that is done and counts: its result."""
        return {
            name: self.results[step.result.ref.stream, step.result.ref.revision]
            for name, step in self.state.steps.items()
            if step.status == "done" and step.result is not None
        }
