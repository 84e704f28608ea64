"""What a party's sockets are to say: each event is looked up and told once, for all of them that are at its place."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import orjson

from reveille.contracts.planner.v1.events_pb2 import PlanUpdated, StepAdopted, StepCompleted, StepRestored
from reveille.ingress.application.news import Watch
from reveille.ingress.application.timeline import Entry, Timeline
from reveille.ingress.entrypoints.http.party_messages import NAMING, RESULTS, VERSIONS, named, said
from reveille.kernel.clock import to_rfc3339

PAGE: Final = 100
# What was said last, for sockets that are a little behind the others; the rest they look up themselves.
KEPT: Final = 500
_LOOKED_BACK: Final = 500


@dataclass(frozen=True, slots=True)
class Message:
    """text: "" where nothing is said of the event."""

    sequence: int
    text: str


class Telling:
    """Goes through a plan's events from some place on. What it says of an event does not depend on where it began."""

    def __init__(self, timeline: Timeline, tenant: str, party_id: str, cursor: int) -> None:
        """cursor: the number of the last event that is not to be told."""
        self._timeline = timeline
        self._tenant = tenant
        self._party_id = party_id
        self._agents: dict[str, str] | None = None
        self._version = 0
        self.cursor = cursor

    async def read(self) -> list[Message]:
        """What comes next, at most a page; [] at the end."""
        entries = await self._timeline.page(self._tenant, self._party_id, after=self.cursor, limit=PAGE)
        if entries and self._agents is None:
            self._agents = await self._named_before()
            self._version = await self._version_before()
        messages = []
        for entry in entries:
            messages.append(Message(entry.sequence, await self._told(entry)))
            self.cursor = entry.sequence
        return messages

    async def _told(self, entry: Entry) -> str:
        event = entry.event
        assert self._agents is not None
        if (naming := named(event.msg)) is not None:
            self._agents[naming[0]] = naming[1]
        if isinstance(event.msg, PlanUpdated):
            self._version = event.msg.version
        restored = await self._result_before(entry) if isinstance(event.msg, StepRestored) else None
        told = said(event.msg, restored=restored)
        if told is None:
            return ""
        agent = told.agent or self._agents.get(told.step, "")
        document = {
            "type": told.type,
            **({"agent": agent.replace("-", "_")} if agent else {}),
            **({"result": told.result} if told.result is not None else {}),
            "payload": told.payload,
            "party_id": self._party_id,
            "version": self._version,
            "sequence": entry.sequence,
            "correlation_id": event.meta.about.correlation,
            "at": to_rfc3339(event.meta.time),
        }
        return orjson.dumps(document).decode()

    async def _named_before(self) -> dict[str, str]:
        found: dict[str, str] = {}
        before = self.cursor + 1
        while entries := await self._back(before, _LOOKED_BACK, NAMING):
            for entry in entries:
                if (naming := named(entry.event.msg)) is not None:
                    found.setdefault(*naming)
            before = entries[-1].sequence
        return found

    async def _version_before(self) -> int:
        entries = await self._back(self.cursor + 1, 1, VERSIONS)
        found = entries[0].event.msg if entries else None
        return found.version if isinstance(found, PlanUpdated) else 0

    async def _result_before(self, entry: Entry) -> StepCompleted | None:
        """What its step had before it was undone."""
        assert isinstance(entry.event.msg, StepRestored)
        before = entry.sequence
        while entries := await self._back(before, _LOOKED_BACK, RESULTS):
            for one in entries:
                done = one.event.msg.completed if isinstance(one.event.msg, StepAdopted) else one.event.msg
                if isinstance(done, StepCompleted) and done.step == entry.event.msg.step:
                    return done
            before = entries[-1].sequence
        return None

    async def _back(self, before: int, limit: int, types: tuple[str, ...]) -> list[Entry]:
        return await self._timeline.page_back(self._tenant, self._party_id, before=before, limit=limit, types=types)


class Feed:
    """The newest messages of one party. It goes on as long as somebody listens."""

    def __init__(self, telling: Telling, watch: Watch) -> None:
        self._telling = telling
        self._watch = watch
        # What it was read at: with no news since, there is nothing to look up.
        self._read_at = -1
        self._kept: list[Message] = []
        self._reading = asyncio.Lock()

    async def after(self, cursor: int) -> list[Message] | None:
        """[]: nothing yet. None: it is too far back, and to be looked up by a telling of its own."""
        if cursor < self._first():
            return None
        # Whoever comes later may stand before the others, who have yet to be told.
        while cursor >= self._telling.cursor and self._read_at != self._watch.version:
            async with self._reading:
                await self._read()
        if cursor < self._first():
            return None
        return self._kept[cursor - self._first() :]

    async def _read(self) -> None:
        version = self._watch.version
        if self._read_at == version:
            return  # somebody else has, meanwhile
        messages = await self._telling.read()
        self._kept += messages
        if len(self._kept) > 2 * KEPT:
            del self._kept[:-KEPT]
        if len(messages) < PAGE:
            self._read_at = version

    def _first(self) -> int:
        """The cursor of whoever has yet to hear the first message that is kept."""
        return self._telling.cursor - len(self._kept)


class Feeds:
    """Those of all parties that somebody listens to here."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        # By tenant and party.
        self._feeds: dict[tuple[str, str], tuple[Feed, int]] = {}

    def telling(self, tenant: str, party_id: str, cursor: int) -> Telling:
        return Telling(self._timeline, tenant, party_id, cursor)

    @contextmanager
    def of(self, tenant: str, party_id: str, cursor: int, watch: Watch) -> Iterator[Feed]:
        """cursor: where it begins, if it is the first to listen. watch: the one that all of them share."""
        key = tenant, party_id
        feed, others = self._feeds.get(key) or (Feed(self.telling(tenant, party_id, cursor), watch), 0)
        self._feeds[key] = (feed, others + 1)
        try:
            yield feed
        finally:
            feed, count = self._feeds.pop(key)
            if count > 1:
                self._feeds[key] = (feed, count - 1)
