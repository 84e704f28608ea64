"""What has changed for a tenant, by kinds, for pages that look on: nothing is noted while nobody does."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1 import events_pb2 as agent_runner
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer
from reveille.contracts.budget.v1 import events_pb2 as budget
from reveille.contracts.common.v1 import common_pb2 as common
from reveille.contracts.ingress.v1 import events_pb2 as ingress
from reveille.contracts.planner.v1 import events_pb2 as planner
from reveille.ingress.application.news import Watch
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient, said
from reveille.kernel.events import Recorded, service_of, tenant_of

KINDS: Final = (
    "agents",
    "executions",
    "approvals",
    "deadletters",
    "signals",
    "budgets",
    "fleet",
    "health",
    "analytics",
)
HEALTH_SECONDS: Final = 2.0

# By service what any of its events changes; and what some events change besides.
_BY_SERVICE: Final[Mapping[str, tuple[str, ...]]] = {
    "agent-runner": ("agents", "analytics"),
    "budget": ("budgets", "agents", "analytics"),
    "planner": ("executions", "analytics"),
}
_BY_TYPE: Final[Mapping[type[Message], tuple[str, ...]]] = {
    ingress.SignalReceived: ("signals", "analytics"),
    ingress.SignalEnriched: ("signals",),
    ingress.DeliveryRepeated: ("signals",),
    ingress.DeliveryContradicted: ("signals",),
    ingress.ExecutionRequested: ("executions",),
    ingress.ExecutionForked: ("executions",),
    ingress.InputAdded: ("executions",),
    ingress.InputRemoved: ("executions",),
    ingress.CancelRequested: ("executions",),
    ingress.ApprovalDecided: ("approvals",),
    ingress.NotificationDelivered: ("analytics",),
    ingress.NotificationFailed: ("analytics",),
    ingress.FleetApplied: ("fleet", "agents", "budgets"),
    analyzer.InputClassified: ("executions",),
    analyzer.InputsAnalyzed: ("executions",),
    analyzer.TriggerFired: ("agents",),
    analyzer.TriggerSuppressed: ("agents",),
    planner.ApprovalRequested: ("approvals",),
    planner.ApprovalResolved: ("approvals",),
    agent_runner.RunStarted: ("executions",),
    agent_runner.RunCompleted: ("executions",),
    agent_runner.RunFailed: ("executions",),
    budget.BudgetUpdated: ("executions",),
    common.MessageParked: ("deadletters",),
    common.DeadLetterRetried: ("deadletters",),
    common.DeadLetterDropped: ("deadletters",),
}
_NAMED: Final = {cls.DESCRIPTOR.full_name: kinds for cls, kinds in _BY_TYPE.items()}


def kinds_of(type_name: str) -> tuple[str, ...]:
    """What an event of this type changes; () is nothing that is shown."""
    return _BY_SERVICE.get(service_of(type_name), ()) + _NAMED.get(type_name, ())


@dataclass(slots=True)
class Changes:
    """A tenant's, as long as somebody looks on. counts: by kind, how often it has changed."""

    watch: Watch = field(default_factory=Watch)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    lookers: int = 0

    def add(self, kinds: Collection[str]) -> None:
        for kind in kinds:
            self.counts[kind] += 1
        if kinds:
            self.watch.wake()


class Looking:
    """One who looks on. `changed` is told once: what has changed since it was told last, at first everything."""

    def __init__(self, changes: Changes, position: Callable[[], int]) -> None:
        self._changes = changes
        self._position = position
        self._told: dict[str, int] = {}
        self._version = -1

    def changed(self) -> tuple[list[str], int]:
        """The kinds, and a position of the log at which they can be read."""
        counts = self._changes.counts
        self._version = self._changes.watch.version
        changed = [kind for kind in KINDS if self._told.get(kind) != counts[kind]]
        self._told = dict(counts)
        return changed, self._position()

    async def wait(self) -> None:
        """Return when something has changed."""
        await self._changes.watch.wait(self._version)


async def _nobody() -> Mapping[str, str]:
    return {}


class Overview:
    """An observer of the follower; `run` looks how this process and the others are while somebody looks on."""

    def __init__(
        self, *, reached: Callable[[], int], not_ready: Callable[[], Awaitable[list[str]]], clock: Clock
    ) -> None:
        """reached: the position at which the views stand."""
        self.position = 0
        # Of tenants that somebody looks at.
        self._of: dict[str, Changes] = {}
        self._reached = reached
        self._clock = clock
        self._not_ready = not_ready
        # How the other services are, by name; whoever can ask them says so.
        self.others: Callable[[], Awaitable[Mapping[str, str]]] = _nobody
        self._wanted = asyncio.Event()
        self._kinds: dict[str, tuple[str, ...]] = {}

    def coming(self, events: Sequence[Recorded]) -> None:
        """Pages read what has changed from the views."""

    def seen(self, events: Sequence[Recorded]) -> None:
        if not self._of:
            return
        self.position = max(self.position, events[-1].position)
        changed: dict[str, set[str]] = {tenant: set() for tenant in self._of}
        for event in events:
            of_tenant = changed.get(tenant_of(event.stream))
            if of_tenant is None:
                continue
            kinds = self._kinds.get(event.type)
            if kinds is None:
                kinds = self._kinds[event.type] = kinds_of(event.type)
            of_tenant.update(kinds)
        for tenant, of_tenant in changed.items():
            self._of[tenant].add(of_tenant)

    def is_waiting(self) -> bool:
        """Pages are told a few times a second: they need no haste of the views."""
        return False

    @contextmanager
    def watched(self, tenant: str) -> Iterator[Looking]:
        changes = self._of.setdefault(tenant, Changes())
        changes.lookers += 1
        self.position = max(self.position, self._reached())
        self._wanted.set()
        try:
            yield Looking(changes, lambda: self.position)
        finally:
            changes.lookers -= 1
            if not changes.lookers:
                del self._of[tenant]
            if not self._of:
                self._wanted.clear()

    async def run(self) -> None:
        before: tuple[list[str], Mapping[str, str]] | None = None
        while True:
            await self._wanted.wait()
            health = await self._reasons(), await self.others()
            if before is not None and health != before:
                for changes in self._of.values():
                    changes.add({"health"})
            before = health
            await self._clock.sleep(HEALTH_SECONDS)

    async def _reasons(self) -> list[str]:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                return await self._not_ready()
        except (Transient, TimeoutError) as error:
            return [f"the log does not answer: {said(error)}"]
