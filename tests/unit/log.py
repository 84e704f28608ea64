"""A log in memory that a test writes into as if others had."""

from collections.abc import Iterable
from itertools import count
from typing import Final

from google.protobuf.message import Message

from reveille.adapters.inline_store import InlineEventStore
from reveille.contracts.agent_runner.v1 import events_pb2 as agent_runner_pb2
from reveille.contracts.analyzer.v1 import events_pb2 as analyzer_pb2
from reveille.contracts.budget.v1 import events_pb2 as budget_pb2
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.ingress.v1 import events_pb2 as ingress_pb2
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentDefined,
    FleetApplied,
    Limits,
    LimitsDefined,
    Rule,
    RuleDefined,
)
from reveille.contracts.planner.v1 import events_pb2 as planner_pb2
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from reveille.kernel.events import About, EventTypes, Meta, New, Origin, Recorded, new_event
from reveille.kernel.ids import uuid7
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE

EVENT_TYPES: Final = EventTypes([common_pb2, ingress_pb2, analyzer_pb2, planner_pb2, budget_pb2, agent_runner_pb2])


class CountedIds:
    """1, 2, 3 in the form of UUIDv7."""

    def __init__(self, first: int = 1) -> None:
        self._numbers = count(first)

    def new(self) -> bytes:
        return uuid7(next(self._numbers), bytes(8))


class Log:
    """The events of one store, and a pen; past whatever a test has put before the store."""

    def __init__(self, store: InlineEventStore | None = None, ids: CountedIds | None = None) -> None:
        self.store = store or InlineEventStore(EVENT_TYPES)
        self.ids = ids or CountedIds()

    async def read(self, stream: str) -> list[Recorded]:
        return (await InlineEventStore.read_streams(self.store, {stream: NO_STREAM}))[stream]

    async def messages(self, stream: str) -> list[Message | None]:
        return [event.msg for event in await self.read(stream)]

    async def all(self, type_name: str = "") -> list[Recorded]:
        """Of a type, by the end of its name."""
        return [event for event in await self.store.read_all(0, 100_000) if event.type.endswith(type_name)]

    async def write(
        self, stream: str, *messages: Message, about: About = HERE, origin: Origin | None = None, now: int = NOON
    ) -> list[Recorded]:
        return await self.append(
            stream,
            [new_event(self.ids.new(), msg, Meta(now, about, origin or Origin(), "outside")) for msg in messages],
        )

    async def append(self, stream: str, news: Iterable[New]) -> list[Recorded]:
        before = await self.read(stream)
        at = before[-1].revision if before else NO_STREAM
        (outcome,) = await InlineEventStore.append(self.store, [Append(stream, at, list(news))])
        assert isinstance(outcome, Appended)
        return (await self.read(stream))[at + 1 :]

    async def write_unknown(self, stream: str, at: int = NOON) -> None:
        """An event of a newer build."""
        meta = Meta(at, HERE)
        new = New(self.ids.new(), "reveille.planner.v1.FromTheFuture", b"", meta, common_pb2.EventRef())
        await self.append(stream, [new])

    async def apply_fleet(
        self,
        *agents: Agent,
        rules: Iterable[Rule] = (),
        limits: Limits | None = None,
        tenant: str = "t",
    ) -> int:
        """The revision that is in force from here on."""
        changes = [
            *(AgentDefined(agent=agent) for agent in agents),
            *(RuleDefined(rule=rule) for rule in rules),
            *([LimitsDefined(limits=limits)] if limits else []),
        ]
        return (await self.write(f"{tenant}.fleet", *changes, FleetApplied(digest="d")))[-1].revision
