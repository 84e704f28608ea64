"""Encryption at rest: an EventStore whose log holds no plain text, and whose readers meet nothing else.

What is encrypted stands in events' `data`, and so in the log, on Kafka and in backups; `msg` is open. What is erased
reads as a stand-in. An event that cannot be opened for another reason has no message, and says why (`unreadable`).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message

from reveille.adapters.data_keys import DataKey, KeyRing
from reveille.adapters.encryption import Tampered
from reveille.adapters.key_rows import TENANT, Subject
from reveille.adapters.opening import OpenedRecord, ids_of, keys_in, sealed
from reveille.adapters.sealing_subjects import OF_EXECUTIONS, RUN, Subjects, execution, execution_of
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.errors import Unknown
from reveille.kernel.event_store import Append, Appended, Conflict, EventStore
from reveille.kernel.events import EventTypes, New, Recorded, category_of, key_of, tenant_of
from reveille.kernel.sealing import holds_sealed, sealed_in

K = TypeVar("K")
V = TypeVar("V")

logger = logging.getLogger(__name__)

# Events that are kept opened, and how large they may be in all: all services of a process read the same tail.
KEPT: Final = 10_000
KEPT_BYTES: Final = 16 * 1024 * 1024
# Runs whose plan is known; and events of unknown outcome whose bytes are kept.
RUNS: Final = 10_000
UNKNOWN: Final = 1_000
ERASED: Final = "reveille.ingress.v1.SubjectErased"
SNAPSHOT: Final = b"snapshot"


class SealingStore:
    """On any store. `forgets` is called when something was erased, whichever process erased it."""

    def __init__(self, store: EventStore, ring: KeyRing, subjects: Subjects, types: EventTypes) -> None:
        self.forgets: list[Callable[[], None]] = []
        self._store = store
        self._ring = ring
        self._subjects = subjects
        self._types = frozenset(name for name, cls in types.as_mapping().items() if holds_sealed(cls.DESCRIPTOR))
        self._kept: OrderedDict[bytes, OpenedRecord] = OrderedDict()
        self._kept_bytes = 0
        # By id: what this process has written and nobody has read yet; and what has no outcome yet.
        self._written: OrderedDict[bytes, tuple[bytes, Message]] = OrderedDict()
        self._again: OrderedDict[bytes, New] = OrderedDict()
        self._runs: OrderedDict[str, str] = OrderedDict()
        self._erased_at = 0

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        news = await self._sealed(batch)
        inner = [
            Append(append.stream, append.expected, tuple(news.get(event.id, event) for event in append.events))
            for append in batch
        ]
        try:
            outcomes = await self._store.append(inner)
        except (Unknown, asyncio.CancelledError):
            # Whether they landed or not: they must be the same bytes when they come again.
            for id, new in news.items():
                _put(self._again, id, new, UNKNOWN)
            raise
        for append, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Appended) and any(event.type == ERASED for event in append.events):
                self._forget(outcome.position)
        return outcomes

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        found = await self._store.read_streams(after)
        events = await self.opened([event for events in found.values() for event in events])
        read: dict[str, list[Recorded]] = {stream: [] for stream in found}
        for event in events:
            read[event.stream].append(event)
        return read

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return await self.opened(await self._store.read_backwards(stream, limit))

    async def read_one(self, stream: str, revision: int) -> Recorded:
        return (await self.opened([await self._store.read_one(stream, revision)]))[0]

    async def read_at(self, positions: Sequence[int]) -> list[Recorded]:
        return await self.opened(await self._store.read_at(positions))

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        events = await self._store.read_all(after, limit, category=category)
        for event in events:
            if event.type == ERASED and event.position > self._erased_at:
                self._forget(event.position)
        return await self.opened(events)

    async def wait(self, after: int) -> None:
        await self._store.wait(after)

    async def head(self) -> int:
        return await self._store.head()

    async def snapshot(self, stream: str) -> bytes | None:
        saved = await self._store.snapshot(stream)
        if saved is None or saved[:1] == b"{":
            return saved
        try:
            one = Sealed.FromString(saved)
            key = (await self._ring.load([one.key_id])).get(one.key_id)
            return None if key is None else key.open(one.data, _of_snapshot(stream))
        except (DecodeError, Tampered) as error:
            logger.error("the snapshot of %s cannot be opened, the stream is read whole: %s", stream, error)
            return None

    async def save_snapshot(self, stream: str, snapshot: bytes) -> None:
        subject = Subject(tenant_of(stream), TENANT)
        if category_of(stream) in OF_EXECUTIONS:
            subject = execution(tenant_of(stream), key_of(stream))
        key = (await self._ring.for_sealing([subject]))[subject]
        one = Sealed(key_id=key.id, data=key.seal(snapshot, _of_snapshot(stream)))
        await self._store.save_snapshot(stream, one.SerializeToString())

    async def opened(self, events: Sequence[Recorded]) -> list[Recorded]:
        """Of this log, wherever they were read: those that hold encrypted text are opened as they are looked at."""
        types, kept = self._types, self._kept
        ready = [kept.get(event.id) if event.type in types else event for event in events]
        missing = [
            event
            for event, one in zip(events, ready, strict=True)
            if one is None or (one is not event and one.data != event.data)
        ]
        if not missing:
            return [one for one in ready if one is not None]
        known = await self._keys_of(missing)
        return [
            one if one is not None and one.data == event.data else self._open(event, known)
            for event, one in zip(events, ready, strict=True)
        ]

    async def _keys_of(self, events: Sequence[Recorded]) -> Mapping[str, DataKey]:
        """As they stand: one that was erased while it was fetched would keep open what it opens."""
        while True:
            forgotten = self._ring.forgotten
            known = await self._ring.load(ids_of(events))
            if forgotten == self._ring.forgotten:
                return known

    def _open(self, event: Recorded, known: Mapping[str, DataKey]) -> Recorded:
        found = {id: known[id] for id in keys_in(event.data) if id in known}
        data, plain = self._written.pop(event.id, (b"", None))
        one = OpenedRecord(event, found, plain if data == event.data else None)
        self._keep(one)
        return one

    def _keep(self, one: OpenedRecord) -> None:
        before = self._kept.pop(one.id, None)
        self._kept_bytes += len(one.data) - (0 if before is None else len(before.data))
        self._kept[one.id] = one
        while self._kept_bytes > KEPT_BYTES or len(self._kept) > KEPT:
            _, gone = self._kept.popitem(last=False)
            self._kept_bytes -= len(gone.data)

    def _forget(self, position: int) -> None:
        self._erased_at = max(self._erased_at, position)
        self._ring.forget()
        self._kept.clear()
        self._kept_bytes = 0
        self._written.clear()
        for forget in self.forgets:
            forget()

    async def _sealed(self, batch: Sequence[Append]) -> dict[bytes, New]:
        """By id, those that hold text, as they are to be written."""
        found: dict[bytes, New] = {}
        todo: list[tuple[str, New, dict[str, Subject]]] = []
        for append in batch:
            for event in append.events:
                if event.type not in self._types:
                    self._note_run(append.stream, event.msg)
                elif (before := self._again.pop(event.id, None)) is not None:
                    found[event.id] = before
                elif subjects := await self._subjects_of(append.stream, event):
                    todo.append((append.stream, event, subjects))
        if todo:
            forgotten = self._ring.forgotten
            keys = await self._ring.for_sealing({one for _, _, subjects in todo for one in subjects.values()})
            stand = forgotten == self._ring.forgotten
            for stream, event, subjects in todo:
                by_path = {path: keys[subject] for path, subject in subjects.items()}
                new = found[event.id] = sealed(event, stream, by_path)
                if stand and all(key.cipher is not None for key in by_path.values()):
                    _put(self._written, event.id, (new.data, event.msg), KEPT)
        return found

    async def _subjects_of(self, stream: str, event: New) -> dict[str, Subject]:
        """By the path of each plain text."""
        texts = [found for found in sealed_in(event.msg) if not found[3].key_id and found[3].data]
        if not texts:
            return {}
        execution_id = execution_of(stream, event.msg) or await self._of_run(stream)
        return {
            path: self._subjects.of(stream, full_name, holder, one, execution_id)
            for path, full_name, holder, one in texts
        }

    def _note_run(self, stream: str, msg: Message) -> None:
        """A run says at its beginning whose it is."""
        if category_of(stream) == RUN and (execution_id := execution_of(stream, msg)):
            _put(self._runs, stream, execution_id, RUNS)

    async def _of_run(self, stream: str) -> str:
        """The plan that a run is of; "" where it is none, or does not say it."""
        if category_of(stream) != RUN:
            return ""
        known = self._runs.get(stream)
        if known is None:
            try:
                known = execution_of(stream, (await self._store.read_one(stream, 0)).msg)
            except KeyError:
                return ""
            _put(self._runs, stream, known, RUNS)
        return known


def _of_snapshot(stream: str) -> bytes:
    return b"\0".join((tenant_of(stream).encode(), stream.encode(), SNAPSHOT))


def _put(those: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    those[key] = value
    if len(those) > most:
        those.popitem(last=False)
