"""What people have asked of plans, as the streams inputs-<execution> tell, and how far they were planned by then."""

from typing import Protocol

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.planner.v1.queries_pb2 import ExecutionView
from reveille.ingress.application.known_plans import KnownPlans
from reveille.ingress.domain.inputs import Plan, adopted_from, begun_by, fold
from reveille.ingress.domain.plan_fields import is_id
from reveille.ingress.domain.refusals import Conflicting, NoExecution
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, EventStore
from reveille.kernel.events import Recorded, category_of, stream_name


class AskPlanner(Protocol):
    async def __call__(self, execution_id: str) -> ExecutionView:
        """What the planner says of an execution. Raises NoExecution where it knows none, Transient."""
        ...


class Sequences(Protocol):
    """The timeline of an execution, in which clients count its events from 1."""

    async def position_of(self, tenant: str, execution_id: str, sequence: int) -> int | None:
        """Where in the log that event stands; None where there is none of that number."""
        ...


class PlanStreams:
    """Raises Transient where the log cannot be read now, or holds what this build does not know."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._known = KnownPlans()

    def forget(self) -> None:
        """Read all plans again."""
        self._known = KnownPlans()

    async def asked(self, tenant: str, execution_id: str) -> Plan | None:
        """As people have asked for it; None where nobody has, which may be a plan that a rule has begun."""
        stream = stream_name(tenant, "inputs", execution_id)
        plan = self._known.get(stream)
        events = await self._events(stream, NO_STREAM if plan is None else plan.revision)
        if not events:
            return plan
        if plan is None:
            plan = await self._before(execution_id, adopted_from(events))
        plan = fold(plan, events)
        self._known.put(stream, plan)
        return plan

    def changed(self, tenant: str, plan: Plan) -> None:
        """It is now in the log as it is here."""
        self._known.put(stream_name(tenant, "inputs", plan.execution_id), plan)

    async def current(self, tenant: str, execution_id: str, ask: AskPlanner, *, blueprint: str = "") -> Plan:
        """Also a plan that a rule has begun. blueprint: an execution of another one counts as none; "" is any.

        Raises NoExecution, and Conflicting for what is no plan.
        """
        if not is_id(execution_id):
            raise NoExecution(execution_id)
        plan = await self.asked(tenant, execution_id)
        if plan is None:
            view = await ask(execution_id)
            if blueprint and view.blueprint != blueprint:
                raise NoExecution(execution_id)
            plan = await self.begun_by_rule(execution_id, view)
        if blueprint and plan.blueprint != blueprint:
            raise NoExecution(execution_id)
        return plan

    async def begun_by_rule(self, execution_id: str, view: ExecutionView) -> Plan:
        """The plan that nobody has changed yet, as the planner's view of it says. Raises Conflicting for no plan."""
        if not view.blueprint:
            told = f"execution {execution_id} is the waking of an agent: it ends by itself, only plans are changed"
            raise Conflicting("not_a_plan", told)
        for one in view.inputs:
            if category_of(one.ref.stream) == "watch":
                return begun_by(execution_id, await self._trigger(one.ref))
        raise Transient(f"execution {execution_id} does not show its first input yet")

    async def at(self, tenant: str, now: Plan, until: int) -> Plan:
        """The plan as it was at a position of the log."""
        events = await self._events(stream_name(tenant, "inputs", now.execution_id), NO_STREAM)
        before = await self._before(now.execution_id, now.trigger)
        return fold(before, [event for event in events if event.position <= until])

    async def last_planned(self, tenant: str, execution_id: str, until: int | None) -> EventRef | None:
        """The planner's last event of it, up to a position where one is given; None where it had planned nothing."""
        stream = stream_name(tenant, "execution", execution_id)
        if until is None:
            events = await self._store.read_backwards(stream, 1)
        else:
            events = [event for event in await self._events(stream, NO_STREAM) if event.position <= until][-1:]
        return EventRef(stream=stream, revision=events[0].revision) if events else None

    async def _events(self, stream: str, after: int) -> list[Recorded]:
        return (await self._store.read_streams({stream: after}))[stream]

    async def _before(self, execution_id: str, trigger: EventRef | None) -> Plan:
        """The plan before the first event of its stream."""
        if trigger is None:
            return Plan(execution_id=execution_id)
        return begun_by(execution_id, await self._trigger(trigger))

    async def _trigger(self, ref: EventRef) -> Recorded:
        try:
            event = await self._store.read_one(ref.stream, ref.revision)
        except KeyError:
            raise Transient(f"stream {ref.stream} is not to be read yet") from None
        if not isinstance(event.msg, TriggerFired):
            raise UnknownEventType(event.type, f"stream {ref.stream}")
        return event
