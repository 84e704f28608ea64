"""Let a person be forgotten: what he wrote, and all that came of plans that he had a part in, can be read no more.

The log keeps its events; what they are encrypted with is destroyed. Which plans these are is found in the log, by the
ids of the person's keys, so that there is no index that could miss one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from reveille.contracts.ingress.v1.events_pb2 import SignalEnriched, SignalReceived, SubjectErased
from reveille.ingress.application.appending import append
from reveille.ingress.application.erasing_parts import Parts
from reveille.ingress.domain.refusals import Missing, Refusal
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import About, Meta, Recorded, new_event, stream_name
from reveille.kernel.ids import Ids, text
from reveille.kernel.signals import content_of

ERASURES: Final = "erasures"
# So long plans that are under way have to end; what they still write afterwards is erased as it is written.
GRACE: Final = 10.0
LOOK: Final = 2_000
MAX_ROUNDS: Final = 20
# Of one event.
MAX_NAMED: Final = 1_000

Cancel = Callable[[str], Awaitable[object]]


class Persons(Protocol):
    """The keys of what is encrypted. Raises Transient where they cannot be reached."""

    def digest(self, tenant: str, name: str) -> str: ...

    async def key_ids(self, tenant: str, name: str) -> frozenset[str]: ...

    async def read(self, after: int, limit: int) -> list[Recorded]:
        """The log as it stands, with its texts encrypted."""
        ...

    async def erase(
        self, tenant: str, name: str, *, executions: Collection[str], blobs: Collection[str]
    ) -> list[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    subject_digest: str
    keys: int
    executions: tuple[str, ...]
    cancelled: tuple[str, ...]
    position: int


class Erasing:
    """persons: None where nothing is encrypted."""

    def __init__(
        self, persons: Persons | None, *, store: EventStore, clock: Clock, ids: Ids, replica: str, grace: float = GRACE
    ) -> None:
        self._persons = persons
        self._store = store
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._grace = grace

    async def erase(self, tenant: str, name: str, *, by: str, cancel: Cancel, trace: str = "") -> Erased:
        """Returns when nobody can read it any more, on any replica within a moment. Again, it erases what came since.

        cancel: of one plan. Raises Missing where nothing of the person is encrypted, and Transient: then again.
        """
        persons = self._persons
        if persons is None:
            raise Missing("not_encrypted", "nothing is encrypted here: REVEILLE_ENCRYPTION_KEYS is not set")
        key_ids = await persons.key_ids(tenant, name)
        if not key_ids:
            raise Missing("unknown_subject", "nothing that this subject has written is encrypted here")
        parts = Parts(tenant, key_ids)
        after = await _read(persons, parts, 0)
        cancelled = await self._cancel(parts, cancel)
        await self._until_ended(persons, parts, after)
        blobs = await self._payloads(parts) | await self._results(parts)
        gone = await persons.erase(tenant, name, executions=parts.executions, blobs=blobs)
        digest = persons.digest(tenant, name)
        executions = tuple(sorted(parts.executions))
        position = await self._record(tenant, list(_events(digest, gone, executions, by)), trace)
        return Erased(
            subject_digest=digest,
            keys=len(gone),
            executions=executions,
            cancelled=tuple(cancelled),
            position=position,
        )

    async def page(self, tenant: str, *, before: int, limit: int) -> list[Recorded]:
        """Before a revision (-1: from the newest), the newest first."""
        stream = stream_name(tenant, ERASURES)
        last = await self._store.read_backwards(stream, 1)
        if not last:
            return []
        until = last[0].revision if before < 0 else min(before - 1, last[0].revision)
        since = max(until - limit, NO_STREAM)
        found = (await self._store.read_streams({stream: since}))[stream]
        return [event for event in reversed(found) if event.revision <= until]

    async def _cancel(self, parts: Parts, cancel: Cancel) -> list[str]:
        cancelled = []
        for execution_id in sorted(parts.under_way):
            try:
                await cancel(execution_id)
            except Refusal:
                continue  # the waking of an agent, or it has just ended
            cancelled.append(execution_id)
        return cancelled

    async def _until_ended(self, persons: Persons, parts: Parts, after: int) -> None:
        try:
            async with asyncio.timeout(self._grace):
                while True:
                    after = await _read(persons, parts, after)
                    if not parts.under_way:
                        return
                    await self._store.wait(after)
        except TimeoutError:
            await _read(persons, parts, after)

    async def _payloads(self, parts: Parts) -> set[str]:
        """Blobs of what these signals brought."""
        signals = sorted(parts.signals)
        found = set()
        for start in range(0, len(signals), LOOK):
            for event in await self._store.read_at(signals[start : start + LOOK]):
                if isinstance(event.msg, SignalReceived | SignalEnriched):
                    found.add(content_of(event.msg.signal).payload_blob)
        return found - {""}

    async def _results(self, parts: Parts) -> set[str]:
        """Blobs of tools' results in these plans: a run says at its beginning whose it is."""
        found = set()
        for stream, digests in parts.results.items():
            first = (await self._store.read_one(stream, 0)).msg
            if parts.of_run(first):
                found |= digests
        return found

    async def _record(self, tenant: str, events: Sequence[SubjectErased], trace: str) -> int:
        stream = stream_name(tenant, ERASURES)
        meta = Meta(self._clock.now(), About(text(self._ids.new()), trace), replica=self._replica)
        news = [new_event(self._ids.new(), event, meta) for event in events]
        expected = NO_STREAM
        for _ in range(MAX_ROUNDS):
            (outcome,) = await append(self._store, self._clock, [Append(stream, expected, news)])
            if isinstance(outcome, Appended):
                return outcome.position
            expected = outcome.actual
        raise Transient(f"stream {stream} kept changing", retry_after=1.0)


async def _read(persons: Persons, parts: Parts, after: int) -> int:
    """Up to where the log ends now."""
    while events := await persons.read(after, LOOK):
        for event in events:
            parts.take(event)
        after = events[-1].position
        await asyncio.sleep(0)
    return after


def _events(digest: str, key_ids: Sequence[str], executions: Sequence[str], by: str) -> Iterator[SubjectErased]:
    """At least one; as many as it takes to name all."""
    for start in range(0, max(len(key_ids), len(executions), 1), MAX_NAMED):
        end = start + MAX_NAMED
        yield SubjectErased(
            subject_digest=digest, key_ids=key_ids[start:end], execution_ids=executions[start:end], by=by
        )
