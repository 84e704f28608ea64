"""Live events: what people watch of an execution, made of the log's events and numbered as they stand there.

They are recorded nowhere. Who asks for an execution's has its streams read and folded; as long as somebody watches it,
what comes is folded too, and an execution that nobody watches costs nothing.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from reveille.ingress.application.live_entries import Entries, LiveEntry
from reveille.ingress.application.live_feed import Feed
from reveille.ingress.application.live_history import History
from reveille.ingress.application.news import News, Watch
from reveille.ingress.application.projections.conversations import ConversationRows
from reveille.ingress.domain.live.moments import Moment
from reveille.ingress.domain.plan_fields import is_id
from reveille.ingress.domain.refusals import Missing
from reveille.kernel.blobs import Blobs
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import stream_name
from reveille.kernel.views import Follower, Transactions

__all__ = ["Chosen", "Feed", "Live", "LiveEntry", "Stand"]

# Executions that nobody watches now and that are kept folded, as whoever has asked for a page asks for the next one;
# and the moments that all of them may have, of 200 bytes each.
MAX_KEPT: Final = 64
MAX_MOMENTS: Final = 100_000
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which live events. Empty: whatever it is. since, until: microseconds, until excluded; 0 is no bound."""

    types: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    since: int = 0
    until: int = 0

    def takes(self, one: Moment | LiveEntry) -> bool:
        return (
            (not self.types or one.type in self.types)
            and (not self.agents or one.agent in self.agents)
            and (not self.departments or one.department in self.departments)
            and one.at >= self.since
            and (not self.until or one.at < self.until)
        )


EVERYTHING: Final = Chosen()


@dataclass(frozen=True, slots=True)
class Stand:
    """How far an execution is. figures: as the API tells them."""

    status: str
    moments: Sequence[Moment]
    figures: dict[str, Any]


class Live:
    """Raises Transient where the log cannot be read now."""

    def __init__(
        self,
        *,
        store: EventStore,
        follower: Follower,
        transactions: Transactions,
        rows: ConversationRows,
        blobs: Blobs,
        news: News,
    ) -> None:
        self.news = news
        self._store = store
        self._follower = follower
        self._transactions = transactions
        self._rows = rows
        self._entries = Entries(store, blobs)
        self._feeds: dict[tuple[str, str], Feed] = {}
        self._kept: OrderedDict[tuple[str, str], History] = OrderedDict()

    def forget(self) -> None:
        """Read again what nobody watches now, and tell those who watch from the log."""
        self._kept.clear()
        for feed in self._feeds.values():
            feed.history.forget()

    async def wait_for(self, position: int, seconds: float) -> None:
        """Return when it knows what the log held at this position. Raises Transient after so many seconds."""
        await self._follower.wait_for(position, seconds)

    async def history(self, tenant: str, execution_id: str) -> Sequence[LiveEntry]:
        """All so far. Raises Missing."""
        history = await self._read(tenant, execution_id)
        return await history.entries(tuple(history.moments))

    async def page(
        self, tenant: str, execution_id: str, *, after: int = 0, limit: int, chosen: Chosen = EVERYTHING
    ) -> Sequence[LiveEntry]:
        """Behind a sequence number, in order. Raises Missing."""
        history = await self._read(tenant, execution_id)
        found: list[Moment] = []
        for moment in history.moments[max(0, after) :]:
            if len(found) == limit:
                break
            if chosen.takes(moment):
                found.append(moment)
        return await history.entries(found)

    async def stand(self, tenant: str, execution_id: str) -> Stand:
        """Raises Missing."""
        history = await self._read(tenant, execution_id)
        return Stand(history.fold.status, tuple(history.moments), dict(history.fold.figures.shown()))

    async def entry(self, tenant: str, execution_id: str, sequence: int) -> str:
        """The whole event as wire JSON, nothing by reference. Raises Missing."""
        history = await self._read(tenant, execution_id)
        if not 0 < sequence <= len(history.moments):
            told = f"execution {execution_id} has no event {sequence}, only {len(history.moments)} events"
            raise Missing("unknown_event", told)
        return await self._entries.whole(execution_id, history.moments[sequence - 1])

    @asynccontextmanager
    async def watch(self, tenant: str, execution_id: str) -> AsyncIterator[Feed]:
        """Raises Missing where nobody has heard of it."""
        await self._check(tenant, execution_id)
        key = tenant, execution_id
        feed = self._feeds.get(key)
        if feed is None:
            feed = Feed(self._taken(tenant, execution_id), news=self.news, reached=self._reached)
            self._feeds[key] = feed
        feed.watchers += 1
        try:
            await feed.open()
            yield feed
        finally:
            feed.watchers -= 1
            if not feed.watchers:
                feed.close()
                del self._feeds[key]
                self._keep(key, feed.history)

    async def executions_of(self, tenant: str, conversation_id: str) -> list[str]:
        """Oldest first."""
        found: list[str] = await self._transactions.run(
            lambda connection: self._rows.executions(connection, tenant, conversation_id)
        )
        return found

    def conversation(self, tenant: str, conversation_id: str) -> AbstractContextManager[Watch]:
        """Woken when the conversation gets an execution, once it can be read here."""
        return self.news.of_conversation(tenant, conversation_id)

    def _reached(self) -> int:
        """Feeds are told before the views are."""
        return max(self._follower.position, self.news.position)

    async def _read(self, tenant: str, execution_id: str) -> History:
        """As far as the follower is. Raises Missing."""
        await self._check(tenant, execution_id)
        key = tenant, execution_id
        feed = self._feeds.get(key)
        if feed is not None and feed.is_open:
            return feed.history
        if feed is not None:
            history = feed.history
        else:
            history = self._taken(tenant, execution_id)
            self._keep(key, history)
        await history.read(self._reached())
        return history

    async def _check(self, tenant: str, execution_id: str) -> None:
        """Raises Missing."""
        key = tenant, execution_id
        if key in self._feeds or (key in self._kept and self._kept[key].moments):
            return
        if not self._follower.position:
            # It has not begun yet: where it begins, it tells nobody what stands before.
            await self._follower.wait_for(await self._store.head(), _SECONDS)
        if is_id(execution_id):
            for category in ("execution", "inputs"):
                if await self._store.read_backwards(stream_name(tenant, category, execution_id), 1):
                    return
        raise Missing("unknown_execution", f"there is no execution {execution_id[:100]}")

    def _taken(self, tenant: str, execution_id: str) -> History:
        """What is kept of it, taken out; else a new one."""
        key = tenant, execution_id
        if key in self._kept:
            return self._kept.pop(key)
        return History(tenant, execution_id, store=self._store, entries=self._entries)

    def _keep(self, key: tuple[str, str], history: History) -> None:
        self._kept[key] = history
        moments = sum(len(one.moments) for one in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > MAX_KEPT or moments > MAX_MOMENTS):
            _, oldest = self._kept.popitem(last=False)
            moments -= len(oldest.moments)
