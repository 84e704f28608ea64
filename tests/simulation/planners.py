"""People who plan: they ask until they are answered, change their minds, press twice, and get into each other's way."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_AUTO,
    AUTOPILOT_MANUAL,
    AUTOPILOT_UNSPECIFIED,
    Autopilot,
    InputAdded,
    InputRemoved,
)
from reveille.ingress.application.inputs import Done, Sent
from reveille.ingress.domain.plan_fields import WantedInput
from reveille.ingress.domain.plan_requests import Changes, Fork, Opening
from reveille.ingress.domain.refusals import Invalid, Missing, NoExecution, Refusal
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded, tenant_of
from reveille.kernel.ids import derive
from tests.simulation import scenes
from tests.simulation.acts import Act, Party, acts
from tests.simulation.blueprints import parameters, wish
from tests.simulation.marks import mark
from tests.simulation.outside import Door, Outside

LOOK_SECONDS: Final = 1.0
STEPS: Final = 4
# A fork of a fork of a fork.
DEPTH: Final = 2
AUTOPILOTS: Final = (*(AUTOPILOT_UNSPECIFIED,) * 4, AUTOPILOT_MANUAL, AUTOPILOT_AUTO)


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request with all that was answered to it. execution_id: "" where that is in the answer."""

    tenant: str
    execution_id: str
    key: str
    add: Sequence[WantedInput] = ()
    remove: Sequence[str] = ()
    cancels: bool = False
    forks: str = ""
    at: int = 0
    autopilot: Autopilot = AUTOPILOT_UNSPECIFIED
    seen: int | None = None
    told: list[Done] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class Planners:
    def __init__(self, random: Random, store: EventStore, outside: Outside) -> None:
        self._random = random
        self._store = store
        self._outside = outside
        self.asked: list[Asked] = []
        # Of what people do to plans that rules begin, until then.
        self.until = 0.0

    async def begin(self, party: Party) -> None:
        await asyncio.sleep(party.at)
        random = Random(party.seed)
        opening = Opening(
            blueprint=party.blueprint,
            execution_id=party.execution_id,
            inputs=self._inputs(random, party.tenant, random.choice((0, 1, 2, 2)), set()),
            parameters={} if party.blueprint in scenes.NAMES else parameters(random),
            conversation_id=f"conversation-{party.number}",
            autopilot=random.choice(AUTOPILOTS),
        )
        asked = self._new(party.tenant, party.execution_id, add=opening.inputs, autopilot=opening.autopilot)
        sent = _sent(asked, opening)
        done = await self._ask(random, asked, lambda door: door.inputs.start(party.tenant, opening, sent))
        if done is not None:
            await self._go_on(party.tenant, done.execution_id, party.acts)

    async def run(self) -> None:
        """Of plans that rules begin some are changed."""
        after = 0
        async with asyncio.TaskGroup() as changing:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                for event in await self._store.read_all(after, 100_000):
                    after = event.position
                    fired = event.msg
                    if not isinstance(fired, TriggerFired) or not fired.HasField("start"):
                        continue
                    if self._random.random() < 0.5 and asyncio.get_running_loop().time() < self.until:
                        done = acts(self._random, self._random.choice((1, 2)))
                        execution_id = derive("execution", fired.trigger_id)
                        changing.create_task(self._go_on(tenant_of(event.stream), execution_id, done))

    async def _go_on(self, tenant: str, execution_id: str, doing: Sequence[Act], depth: int = 0) -> None:
        for act in doing:
            await asyncio.sleep(act.after)
            random = Random(act.seed)
            match act.kind:
                case "change":
                    seen = await self._seen(tenant, execution_id)
                    await self._change(random, tenant, execution_id, seen, sure=random.random() < 0.3)
                case "quarrel":
                    seen = await self._seen(tenant, execution_id)
                    two = (Random(random.random()), Random(random.random()))
                    await asyncio.gather(*(self._change(one, tenant, execution_id, seen, sure=True) for one in two))
                case "cancel":
                    await self._cancel(random, tenant, execution_id)
                case "fork" if depth < DEPTH:
                    await self._fork(random, tenant, execution_id, depth)

    async def _change(self, random: Random, tenant: str, execution_id: str, seen: "Seen", *, sure: bool) -> None:
        """sure: only if it still is what was seen."""
        add = self._inputs(random, tenant, random.choice((0, 1, 1, 2)), seen.gone)
        remove = tuple(random.sample(seen.there, min(len(seen.there), random.choice((0, 0, 1, 2)))))
        if not add and not remove:
            add = self._inputs(random, tenant, 1, set())
        changes = Changes(add=add, remove=remove)
        revision = seen.revision if sure else None
        asked = self._new(tenant, execution_id, add=add, remove=remove, seen=revision)
        sent = _sent(asked, changes)
        await self._ask(
            random,
            asked,
            lambda door: door.inputs.change(tenant, execution_id, changes, sent, ask=door.planner(tenant)),
        )

    async def _cancel(self, random: Random, tenant: str, execution_id: str) -> None:
        asked = self._new(tenant, execution_id, cancels=True)
        sent = _sent(asked, "cancel")
        await self._ask(
            random,
            asked,
            lambda door: door.inputs.cancel(tenant, execution_id, "no more", sent, ask=door.planner(tenant)),
        )

    async def _fork(self, random: Random, tenant: str, execution_id: str, depth: int) -> None:
        at = 0
        if random.random() < 0.7:
            entries = await self._outside.ask(
                lambda door: door.timeline.page(tenant, execution_id, after=0, limit=10_000)
            )
            at = random.randint(1, len(entries)) if entries else 0
        fork = Fork(
            at=at,
            inputs=self._inputs(random, tenant, random.choice((0, 0, 1)), set()),
            autopilot=random.choice(AUTOPILOTS),
        )
        asked = self._new(tenant, "", add=fork.inputs, forks=execution_id, at=at, autopilot=fork.autopilot)
        sent = _sent(asked, fork)
        done = await self._ask(
            random,
            asked,
            lambda door: door.inputs.fork(
                tenant, execution_id, fork, sent, ask=door.planner(tenant), timeline=door.timeline
            ),
        )
        if done is not None and random.random() < 0.5:
            await self._go_on(tenant, done.execution_id, acts(random, random.choice((1, 2))), depth + 1)

    async def _ask(
        self, random: Random, asked: Asked, request: Callable[[Door], Coroutine[Any, Any, Done]]
    ) -> Done | None:
        """Until there is an answer, with the same key; sometimes twice at once, or once more. None: it was refused."""
        at_once = 2 if random.random() < 0.15 else 1
        await asyncio.gather(*(self._answered(asked, request) for _ in range(at_once)))
        if asked.told and random.random() < 0.15:
            await asyncio.sleep(random.choice((0.0, 5.0)))
            await self._answered(asked, request)
        return asked.told[0] if asked.told else None

    async def _answered(self, asked: Asked, request: Callable[[Door], Coroutine[Any, Any, Done]]) -> None:
        async def once(door: Door) -> Done | Refusal:
            try:
                return await request(door)
            except Refusal as refusal:
                return refusal

        while True:
            answer = await self._outside.ask(once)
            if isinstance(answer, Done):
                asked.told.append(answer)
                return
            if isinstance(answer, Refusal) and not _not_yet(answer):
                asked.refused.append(answer)
                return
            await asyncio.sleep(0.3)

    async def _seen(self, tenant: str, execution_id: str) -> "Seen":
        stream = f"{tenant}.inputs-{execution_id}"
        return _as_seen((await self._store.read_streams({stream: -1}))[stream])

    def _new(self, tenant: str, execution_id: str, **of: Any) -> Asked:
        asked = Asked(tenant=tenant, execution_id=execution_id, key=f"key-{self._before(tenant)}", **of)
        self.asked.append(asked)
        return asked

    def _before(self, tenant: str) -> int:
        """Requests of the tenant so far: callers of two tenants count alike."""
        return sum(one.tenant == tenant for one in self.asked)

    def _inputs(self, random: Random, tenant: str, count: int, gone: "set[str]") -> tuple[WantedInput, ...]:
        """gone: ids that may come again. Some leave it to the platform to name an input."""
        found, before = [], self._before(tenant)
        for number in range(count):
            text, tags = wish(random, STEPS)
            again = sorted(gone) if random.random() < 0.3 else []
            own = f"i-{before}-{number}" if random.random() < 0.6 else ""
            input_id = random.choice(again) if again else own
            gone = gone - {input_id}
            found.append(WantedInput(text=text, tags=tags, input_id=input_id, added_by=mark(tenant)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Seen:
    revision: int
    there: Sequence[str]
    gone: set[str]


def _as_seen(events: Sequence[Recorded]) -> Seen:
    there: dict[str, None] = {}
    gone: set[str] = set()
    for event in events:
        match event.msg:
            case InputAdded(input_id=input_id):
                there[input_id] = None
                gone.discard(input_id)
            case InputRemoved(input_id=input_id):
                there.pop(input_id, None)
                gone.add(input_id)
    return Seen(events[-1].revision if events else -1, list(there), gone)


def _sent(asked: Asked, said: Any) -> Sent:
    seen = None if asked.seen is None else frozenset({asked.seen})
    return Sent(asks=repr(said), key=asked.key, seen=seen)


def _not_yet(refusal: Refusal) -> bool:
    """What he asks for has not come through everywhere yet."""
    if isinstance(refusal, NoExecution):
        return True
    if isinstance(refusal, Missing):
        return refusal.code == "unknown_blueprint"
    return isinstance(refusal, Invalid) and any(error.path == "at" for error in refusal.errors)
