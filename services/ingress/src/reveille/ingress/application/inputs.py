"""What people do to plans: they begin, change, cancel and fork them. Stream: inputs-<execution>."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.ingress.v1.events_pb2 import ExecutionForked, ExecutionRequested, InputContent
from reveille.ingress.application.appending import append
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.application.plan_streams import AskPlanner, PlanStreams, Sequences
from reveille.ingress.domain.inputs import (
    Begin,
    Cancel,
    Change,
    Input,
    Outcome,
    Plan,
    Request,
    check_new,
    decide,
    fold,
    repeated,
)
from reveille.ingress.domain.plan_fields import WantedInput
from reveille.ingress.domain.plan_requests import Changes, Fork, Opening, check_parameters
from reveille.ingress.domain.refusals import Conflicting, Missing, Refusal, invalid_field
from reveille.kernel.clock import Clock
from reveille.kernel.digests import Digests, derived
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import Append, Appended, EventStore
from reveille.kernel.events import About, Meta, Recorded, new_event, stream_name
from reveille.kernel.fleet import Fleet
from reveille.kernel.ids import Ids, derive, text
from reveille.kernel.sealing import seal, seal_json

# A stream to which others keep appending is given up as Transient after so many rounds. Whoever has just appended need
# not read and is quicker the next time too: a replica may lose until all that another one has waiting is written.
MAX_ROUNDS: Final = 200


class InputsMoved(Refusal):
    """The inputs are not those that the sender has seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it came. asks: what it says, as JSON, with where it says it.

    key: its Idempotency-Key, "" where it has none. seen: the revisions that it may take the place of; None is any.
    """

    asks: Any
    trace: str = ""
    key: str = ""
    seen: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """new: nothing of it was there before. revision: of the inputs after it, position: where it stands in the log."""

    execution_id: str
    revision: int
    position: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class _Beginning:
    opening: ExecutionRequested | ExecutionForked
    inputs: Sequence[Input]
    fleet_revision: int


class Inputs:
    """Returns only after the append, which holds all that one request does. Raises Refusal, or Transient.

    A request that names no revision is decided again where another one came first. `key`: for HMACs, the same for as
    long as the log lives.
    """

    def __init__(
        self,
        *,
        store: EventStore,
        streams: PlanStreams,
        fleets: Fleets,
        clock: Clock,
        ids: Ids,
        replica: str,
        key: bytes,
    ) -> None:
        self._store = store
        self._streams = streams
        self._fleets = fleets
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._contents = Digests(derived(key, "inputs"))
        self._requests = Digests(derived(key, "requests"))
        # Requests about one plan come one after the other here, so that they do not decide for nothing again and again.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self, tenant: str, opening: Opening, sent: Sent) -> Done:
        """Raises Missing for an unknown blueprint, Conflicting where the execution is there already."""

        async def begin(execution_id: str) -> _Beginning:
            fleet = await self._fleet_with(tenant, opening.blueprint)
            check_parameters(opening.parameters, fleet.blueprints[opening.blueprint])
            requested = ExecutionRequested(
                execution_id=execution_id,
                blueprint=opening.blueprint,
                conversation_id=opening.conversation_id,
                parameters=seal_json(dict(opening.parameters)),
                autopilot=opening.autopilot,
            )
            return _Beginning(requested, self._wanted(opening.inputs), fleet.revision)

        return await self._begin(tenant, opening.execution_id, sent, begin)

    async def fork(
        self, tenant: str, from_execution: str, fork: Fork, sent: Sent, *, ask: AskPlanner, timeline: Sequences
    ) -> Done:
        """Raises Missing for an unknown execution, Invalid for an event that its timeline does not have."""

        async def begin(execution_id: str) -> _Beginning:
            now = await self._streams.current(tenant, from_execution, ask)
            self._check_seen(now, sent)
            until = None
            if fork.at:
                until = await timeline.position_of(tenant, from_execution, fork.at)
                if until is None:
                    told = f"it is {fork.at}, which is no event of execution {from_execution}"
                    raise invalid_field("at", f"{told}, expected one of its timeline")
            then = now if until is None else await self._streams.at(tenant, now, until)
            added = self._wanted(fork.inputs)
            for one in added:
                if one.input_id in then.inputs:
                    told = f"execution {from_execution} has an input {one.input_id} already, expected another id"
                    raise Conflicting("input_exists", told)
            forked = ExecutionForked(
                execution_id=execution_id,
                blueprint=now.blueprint,
                conversation_id=fork.conversation_id or now.conversation_id,
                from_execution=from_execution,
                at=await self._streams.last_planned(tenant, from_execution, until),
                parameters=now.parameters,
                autopilot=fork.autopilot or now.autopilot,
            )
            fleet = await self._fleet_with(tenant, now.blueprint)
            return _Beginning(forked, [*then.inputs.values(), *added], fleet.revision)

        return await self._begin(tenant, fork.execution_id, sent, begin)

    async def change(
        self, tenant: str, execution_id: str, changes: Changes, sent: Sent, *, ask: AskPlanner, blueprint: str = ""
    ) -> Done:
        """blueprint: an execution of another one counts as none; "" is any.

        Raises Missing for what is not there, Conflicting for what is there already or takes no inputs, InputsMoved.
        """
        add = self._wanted(changes.add)

        def command(request: Request) -> Change:
            return Change(add=add, remove=changes.remove, request=request)

        return await self._change(tenant, execution_id, command, sent, ask=ask, blueprint=blueprint)

    async def cancel(self, tenant: str, execution_id: str, reason: str, sent: Sent, *, ask: AskPlanner) -> Done:
        """An execution that is cancelled already stays so. Raises Missing, Conflicting, InputsMoved."""
        return await self._change(
            tenant, execution_id, lambda request: Cancel(reason=reason, request=request), sent, ask=ask
        )

    async def _begin(
        self, tenant: str, wanted_id: str, sent: Sent, begin: Callable[[str], Awaitable[_Beginning]]
    ) -> Done:
        key, digest = self._macs(sent)
        execution_id = wanted_id or (derive("execution-requested", tenant, key) if key else text(self._ids.new()))
        # Nobody can have begun it where its id has just been made up.
        looks = bool(wanted_id or key)
        for _ in range(MAX_ROUNDS):
            plan = await self._streams.asked(tenant, execution_id) if looks else None
            plan = plan or Plan(execution_id=execution_id)
            if before := repeated(plan, key, digest):
                return _done(plan, before, new=False)
            check_new(plan)  # before what a fork would take over is read
            beginning = await begin(execution_id)
            request = Request(key=key, digest=digest, fleet_revision=beginning.fleet_revision)
            command = Begin(opening=beginning.opening, inputs=beginning.inputs, request=request)
            if done := await self._append(tenant, plan, decide(command, plan), About(execution_id, sent.trace)):
                return done
            looks = True
        raise Transient(f"execution {execution_id} kept changing")

    async def _change(
        self,
        tenant: str,
        execution_id: str,
        command: Callable[[Request], Change | Cancel],
        sent: Sent,
        *,
        ask: AskPlanner,
        blueprint: str = "",
    ) -> Done:
        key, digest = self._macs(sent)
        stream = stream_name(tenant, "inputs", execution_id)
        async with self._turns.setdefault(stream, asyncio.Lock()):
            for _ in range(MAX_ROUNDS):
                plan = await self._streams.current(tenant, execution_id, ask, blueprint=blueprint)
                if before := repeated(plan, key, digest):
                    return _done(plan, before, new=False)
                self._check_seen(plan, sent)
                request = Request(key=key, digest=digest, fleet_revision=self._revision(tenant, plan))
                events = decide(command(request), plan)
                if not events and plan.cancelled is not None:
                    return _done(plan, plan.cancelled, new=False)
                # Whoever changes a plan goes on with what it is about.
                if done := await self._append(tenant, plan, events, About(plan.correlation, sent.trace)):
                    return done
                # Another replica was first: who has named a revision hears of it in the next round.
            raise Transient(f"stream {stream} kept changing")

    async def _append(self, tenant: str, plan: Plan, events: Sequence[Message], about: About) -> Done | None:
        """None: somebody else was first."""
        meta = Meta(self._clock.now(), about, replica=self._replica)
        news = [new_event(self._ids.new(), event, meta) for event in events]
        stream = stream_name(tenant, "inputs", plan.execution_id)
        (outcome,) = await append(self._store, self._clock, [Append(stream, plan.revision, news)])
        if not isinstance(outcome, Appended):
            return None
        after = fold(
            plan,
            [
                Recorded(new.id, new.type, new.data, new.meta, new.msg, outcome.position, stream, plan.revision + place)
                for place, new in enumerate(news, 1)
            ],
        )
        assert after.last is not None
        self._streams.changed(tenant, after)
        return _done(after, after.last, new=True)

    def _macs(self, sent: Sent) -> tuple[str, str]:
        key = self._requests.of_bytes(sent.key.encode()) if sent.key else ""
        return key, self._requests.of(sent.asks)

    def _check_seen(self, plan: Plan, sent: Sent) -> None:
        if sent.seen is not None and plan.revision not in sent.seen:
            expected = ", ".join(map(str, sorted(sent.seen)))
            told = f"the inputs of execution {plan.execution_id} are at revision {plan.revision}, expected {expected}"
            raise InputsMoved("inputs_moved", told)

    async def _fleet_with(self, tenant: str, blueprint: str) -> Fleet:
        """The fleet in force. Raises Missing where it has no such blueprint."""
        if blueprint not in self._fleets.in_force(tenant).fleet.blueprints:
            await self._fleets.load()  # another replica may have applied it a moment ago
        fleet = self._fleets.in_force(tenant).fleet
        if blueprint not in fleet.blueprints:
            raise Missing("unknown_blueprint", f"there is no blueprint {blueprint[:100]} in the fleet in force")
        return fleet

    def _revision(self, tenant: str, plan: Plan) -> int:
        """Of the fleet in force; of the plan's own where that has no such blueprint any more, or is an older one."""
        fleet = self._fleets.in_force(tenant).fleet
        return max(fleet.revision, plan.fleet_revision) if plan.blueprint in fleet.blueprints else plan.fleet_revision

    def _wanted(self, inputs: Sequence[WantedInput]) -> list[Input]:
        return [
            Input(
                input_id=one.input_id or text(self._ids.new()),
                content=_content(one),
                # Tags are a set, and who sent it or how is not what it says.
                digest=self._contents.of({"text": one.text, "tags": sorted(one.tags)}),
            )
            for one in inputs
        ]


def _content(one: WantedInput) -> Sealed:
    content = InputContent(text=one.text, source_type=one.source_type, tags=one.tags, added_by=one.added_by)
    return seal(content.SerializeToString())


def _done(plan: Plan, outcome: Outcome, *, new: bool) -> Done:
    return Done(
        execution_id=plan.execution_id,
        revision=outcome.revision,
        position=outcome.position,
        added=outcome.added,
        removed=outcome.removed,
        new=new,
    )
