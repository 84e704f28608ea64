"""Asking a signal's provider what its payload did not say, and recording what it told: once, whoever asked.

A signal that waits for this stands in the view `enriching`, so that a crash loses none: what another replica received
and did not finish within twice the time that it may take is taken up here. That a replica hears at once of what it
received itself is a matter of speed alone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from reveille.contracts.common.v1.common_pb2 import Signal
from reveille.contracts.ingress.v1.events_pb2 import SignalEnriched, SignalReceived
from reveille.ingress.application.appending import append
from reveille.ingress.application.fleets import InForce
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.enrichment import Question, Unlearned, is_watched, question_of
from reveille.ingress.domain.payload import known_paths
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import Meta, New, Origin, Recorded, new_event, tenant_of
from reveille.kernel.ids import Ids
from reveille.kernel.sealing import seal
from reveille.kernel.signals import content_of

logger = logging.getLogger(__name__)

AT_A_TIME: Final = 8
# More than wait here are found again by the view.
MAX_WAITING: Final = 1_000
SWEEP_SECONDS: Final = 5.0
# The least time until what the log did not take is tried again.
AGAIN_SECONDS: Final = 0.5
# A provider that did not answer so often in a row is not asked for a while: signals do not wait for it in vain.
FAILURES: Final = 3
AWAY_SECONDS: Final = 30
MAX_ROUNDS: Final = 20


class Providers(Protocol):
    """seconds: the most that one answer takes."""

    seconds: float

    def can_ask(self, provider: str) -> bool: ...

    def session(self) -> AbstractAsyncContextManager[Callable[[Question], Awaitable[Sequence[object]]]]:
        """What asks; it may be used by many at a time. Raises Unlearned, within `seconds`."""
        ...


# The streams of signals that wait, received before this time, the oldest first; at most so many.
OpenBefore = Callable[[int, int], Awaitable[Collection[str]]]


class Enriching:
    def __init__(
        self,
        *,
        store: EventStore,
        providers: Providers,
        open_before: OpenBefore,
        clock: Clock,
        ids: Ids,
        replica: str,
        tenant: str | None = None,
    ) -> None:
        """tenant: whose tokens providers are asked with, and so the only one for whom; None: for all."""
        self._tenant = tenant
        self._store = store
        self._providers = providers
        self._open_before = open_before
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self._known: set[str] = set()
        self._failures: dict[str, int] = {}
        self._away_until: dict[str, int] = {}

    def wants(self, tenant: str, in_force: InForce, delivery: Delivery) -> bool:
        """Whether a rule in force looks at the files of such a signal, which its payload did not name."""
        if not self._asks_for(tenant):
            return False
        if delivery.content.paths_known or not self._providers.can_ask(delivery.source):
            return False
        if not is_watched(in_force.watched_files, delivery.source, delivery.kind, delivery.means):
            return False
        return question_of(delivery.source, delivery.kind, delivery.content) is not None

    def _asks_for(self, tenant: str) -> bool:
        return self._tenant in (None, tenant)

    def received(self, stream: str) -> None:
        """A signal that waits stands in the log."""
        if stream not in self._known and not self._waiting.full():
            self._known.add(stream)
            self._waiting.put_nowait(stream)

    async def run(self) -> None:
        async with self._providers.session() as ask, asyncio.TaskGroup() as tasks:
            for _ in range(AT_A_TIME):
                tasks.create_task(self._work(ask), name="enriching")
            # What there is at the start was left behind by whoever is gone.
            received_before = self._clock.now()
            while True:
                try:
                    for stream in await self._open_before(received_before, MAX_WAITING):
                        self.received(stream)
                except Transient as error:
                    logger.warning("what waits for its provider cannot be found now: %s", error)
                await self._clock.sleep(SWEEP_SECONDS)
                received_before = self._clock.now() - int(2 * self._providers.seconds * SECOND)

    async def _work(self, ask: Callable[[Question], Awaitable[Sequence[object]]]) -> None:
        while True:
            stream = await self._waiting.get()
            again = 0.0
            try:
                await self._enrich(stream, ask)
            except Transient as error:
                logger.warning("stream %s is enriched later: %s", stream, error)
                again = max(AGAIN_SECONDS, error.retry_after)
            finally:
                self._known.discard(stream)
            if again:
                await self._clock.sleep(min(again, SWEEP_SECONDS))
                self.received(stream)

    async def _enrich(self, stream: str, ask: Callable[[Question], Awaitable[Sequence[object]]]) -> None:
        recorded = await self._read(stream)
        if _is_done(recorded):
            return
        event = await self._completed(recorded[0], ask)
        for _ in range(MAX_ROUNDS):
            # The delivery may have come again meanwhile, and that is recorded in this stream too.
            outcome = await append(self._store, self._clock, [Append(stream, recorded[-1].revision, [event])])
            if isinstance(outcome[0], Appended):
                return
            recorded = await self._read(stream)
            if _is_done(recorded):
                return
        raise Transient(f"stream {stream} kept changing", retry_after=1.0)

    async def _read(self, stream: str) -> Sequence[Recorded]:
        return (await self._store.read_streams({stream: NO_STREAM}))[stream]

    async def _completed(self, first: Recorded, ask: Callable[[Question], Awaitable[Sequence[object]]]) -> New:
        assert isinstance(first.msg, SignalReceived)
        told, content = first.msg.signal, content_of(first.msg.signal)
        asks = self._asks_for(tenant_of(first.stream))
        question = question_of(told.source, told.kind, content) if asks else None
        paths, detail = (None, "nobody can be asked") if question is None else await self._learned(question, ask)
        signal = Signal()
        signal.CopyFrom(told)
        signal.enriching = False
        if paths is not None:
            content.paths[:] = paths
            content.paths_known = True
            signal.content.CopyFrom(seal(content.SerializeToString()))
        meta = Meta(self._clock.now(), first.meta.about, Origin(first.id), replica=self._replica)
        return new_event(self._ids.new(), SignalEnriched(signal=signal, detail=detail), meta)

    async def _learned(
        self, question: Question, ask: Callable[[Question], Awaitable[Any]]
    ) -> tuple[list[str] | None, str]:
        provider = question.provider
        if self._clock.now() < self._away_until.get(provider, 0):
            return None, f"{provider} has not answered for a while, and is not asked now"
        try:
            paths = known_paths(await ask(question))
        except Unlearned as error:
            self._failures[provider] = self._failures.get(provider, 0) + 1 if error.away else 0
            if self._failures[provider] >= FAILURES:
                self._away_until[provider] = self._clock.now() + AWAY_SECONDS * SECOND
            return None, str(error)
        self._failures[provider] = 0
        return (None, "it names more files than are kept") if paths is None else (paths, "")


def _is_done(recorded: Sequence[Recorded]) -> bool:
    return not recorded or any(isinstance(event.msg, SignalEnriched) for event in recorded)
