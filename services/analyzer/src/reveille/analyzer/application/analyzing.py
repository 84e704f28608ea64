"""What the analyzer does about people's acts on a plan: one command for the plan's own stream."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.analyzer.application.input_history import InputHistory
from reveille.analyzer.domain.analysis import Analyze, Answer
from reveille.analyzer.domain.inputs import UNTOUCHED, Inputs, beginning_of, prompt_of, with_prompt
from reveille.analyzer.domain.reading.reading import Reader
from reveille.analyzer.domain.understanding import THRESHOLD, Scores, understood
from reveille.contracts.analyzer.v1.events_pb2 import InputsAnalyzed, TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, InputsChanged
from reveille.contracts.planner.v1.events_pb2 import StepCompleted
from reveille.kernel.classifying import CLASSIFIER, classified_revision, is_classifying
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, stream_name, tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.ids import derive
from reveille.kernel.processing import Reactor
from reveille.kernel.sealing import open_sealed

Commands = Sequence[tuple[str, Command]]

# Blueprints whose words are ready.
KEPT: Final = 64
# The model of agents that ask none.
OFFLINE: Final = ("", "offline")
# Where the first analysis of a plan that a rule began stands in its stream, behind the classification of its prompt.
FIRST_OF_A_RULE: Final = 1


class Analyzing:
    def __init__(self, store: EventStore, facts: Facts) -> None:
        self._facts = facts
        self._history = InputHistory(store)
        self._readers: OrderedDict[bytes, Reader] = OrderedDict()

    def forget(self) -> None:
        """What people wrote, and what it was taken to mean."""
        self._history.forget()
        self._readers.clear()

    def reactors(self) -> Mapping[str, Reactor]:
        return {
            "reveille.ingress.v1.InputsChanged": self.on_change,
            "reveille.analyzer.v1.TriggerFired": self.on_trigger,
            "reveille.planner.v1.StepCompleted": self.on_answer,
        }

    async def on_change(self, event: Recorded, now: int) -> Commands:
        changed = event.msg
        assert isinstance(changed, InputsChanged)
        tenant = tenant_of(event.stream)
        fleet = await self._facts.fleet(tenant, changed.fleet_revision)
        reader = await self._reader(_blueprint(fleet, tenant, changed.blueprint))
        inputs = await self._history.at(event.stream, event.revision)
        given, beginning = inputs.in_order(), inputs.beginning
        if inputs.trigger is not None:
            fired = await self._facts.event(inputs.trigger)
            assert isinstance(fired.msg, TriggerFired)
            given = list(with_prompt(inputs, prompt_of(fired.msg, inputs.trigger, fired.meta.time)))
            beginning = beginning or beginning_of(fired.msg)
        await asyncio.sleep(0)  # a batch may hold hundreds of plans
        command = Analyze(
            now=now,
            execution_id=changed.execution_id,
            blueprint=changed.blueprint,
            fleet_revision=changed.fleet_revision,
            revision=event.revision,
            understood=understood(given, inputs.parameters, reader, at=inputs.began_at),
            ask=_asks(fleet),
            beginning=beginning,
            cancellation=inputs.cancellation,
        )
        return [(stream_name(tenant, "analysis", changed.execution_id), command)]

    async def on_trigger(self, event: Recorded, now: int) -> Commands:
        """A rule begins a plan, and its prompt is what somebody wants of it."""
        fired = event.msg
        assert isinstance(fired, TriggerFired)
        if not fired.HasField("start"):
            return []
        tenant, execution_id = tenant_of(event.stream), derive("execution", fired.trigger_id)
        fleet = await self._facts.fleet(tenant, fired.fleet_revision)
        reader = await self._reader(_blueprint(fleet, tenant, fired.start.blueprint))
        ref = EventRef(stream=event.stream, revision=event.revision)
        given = with_prompt(Inputs(), prompt_of(fired, ref, event.meta.time))
        command = Analyze(
            now=now,
            execution_id=execution_id,
            blueprint=fired.start.blueprint,
            fleet_revision=fired.fleet_revision,
            revision=UNTOUCHED,
            understood=understood(given, {}, reader, at=event.meta.time),
            ask=_asks(fleet),
            beginning=beginning_of(fired),
        )
        return [(stream_name(tenant, "analysis", execution_id), command)]

    async def on_answer(self, event: Recorded, now: int) -> Commands:
        """A model's answer is checked before it counts: known categories, confidences from 0 to 1."""
        done = event.msg
        assert isinstance(done, StepCompleted)
        if not is_classifying(done.step):
            return []
        tenant, execution_id = tenant_of(event.stream), done.execution_id
        revision = classified_revision(done.step)
        fleet, name = await self._asked_by(tenant, execution_id, revision)
        blueprint = _blueprint(fleet, tenant, name)
        known = [step.name for step in blueprint.steps if step.HasField("category")]
        answers = answers_of(open_sealed(done.result), known)
        if not answers:
            return []
        command = Answer(now=now, execution_id=execution_id, revision=revision, answers=answers)
        return [(stream_name(tenant, "analysis", execution_id), command)]

    async def _asked_by(self, tenant: str, execution_id: str, revision: int) -> tuple[Fleet, str]:
        """The fleet and the blueprint by which the inputs of a revision were not clear."""
        if revision == UNTOUCHED:
            ref = EventRef(stream=stream_name(tenant, "analysis", execution_id), revision=FIRST_OF_A_RULE)
        else:
            ref = EventRef(stream=stream_name(tenant, "inputs", execution_id), revision=revision)
        asked = (await self._facts.event(ref)).msg
        if not isinstance(asked, InputsAnalyzed | InputsChanged):
            raise Poison(f"stream {ref.stream} says at revision {revision} nothing that a model was asked about")
        return await self._facts.fleet(tenant, asked.fleet_revision), asked.blueprint

    async def _reader(self, blueprint: Blueprint) -> Reader:
        key = blueprint.SerializeToString(deterministic=True)
        reader = self._readers.get(key)
        if reader is None:
            reader = self._readers[key] = Reader(blueprint)
            if len(self._readers) > KEPT:
                self._readers.popitem(last=False)
            for _ in blueprint.steps:  # which may have twenty thousand words
                reader.vocabulary.prepare()
                await asyncio.sleep(0)
        return reader


def _blueprint(fleet: Fleet, tenant: str, name: str) -> Blueprint:
    blueprint = fleet.blueprints.get(name)
    if blueprint is None:
        raise Poison(f"fleet {fleet.revision} of {tenant} has no blueprint {name}")
    return blueprint


def _asks(fleet: Fleet) -> bool:
    agent = fleet.agents.get(CLASSIFIER)
    return agent is not None and agent.model not in OFFLINE


def answers_of(result: bytes, known: Sequence[str]) -> dict[str, Scores]:
    """By input what can be used of the answer; what a model makes up besides is left out."""
    try:
        said: Any = json.loads(result)
    except ValueError:
        return {}
    listed = said.get("inputs") if isinstance(said, dict) else None
    found: dict[str, Scores] = {}
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("input_id"), str):
            continue
        scores = _scores(one.get("categories"), known)
        if scores:
            found.setdefault(one["input_id"], scores)
    return found


def _scores(said: Any, known: Sequence[str]) -> Scores:
    best: dict[str, float] = {}
    for one in said if isinstance(said, list) else ():
        if not isinstance(one, dict):
            continue
        name, confidence = one.get("category"), one.get("confidence")
        if (
            not isinstance(name, str)
            or name not in known
            or isinstance(confidence, bool)
            or not isinstance(confidence, int | float)
        ):
            continue
        if THRESHOLD <= confidence <= 1:
            best[name] = max(best.get(name, 0), round(float(confidence), 3))
    return tuple(sorted(best.items(), key=lambda pair: (-pair[1], known.index(pair[0]))))
