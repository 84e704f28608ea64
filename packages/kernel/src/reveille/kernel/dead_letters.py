"""Dead letters that somebody takes up again: one is handled once more, or nobody wants it handled any more."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from google.protobuf.message import DecodeError, Message

from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked
from reveille.kernel.clock import Clock
from reveille.kernel.decider import Command
from reveille.kernel.errors import Poison, Rejected, Transient, fault
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Meta, Origin, Recorded, category_of, is_of, key_of, tenant_of
from reveille.kernel.handling import Cause, Desk, Handling, Work
from reveille.kernel.ids import text
from reveille.kernel.parking import CATEGORY, MAX_RECORD_BYTES, Drop, Parked, Retry
from reveille.kernel.processing import Reactor
from reveille.kernel.sealing import open_sealed

MAX_REASON: Final = 2_000

Decode = Callable[[str, bytes], Message | None]


class DeadLetters:
    """Those of one service. A person's word is no bus message: what the streams have answered is not looked at."""

    def __init__(
        self,
        service: str,
        reactors: Mapping[str, Reactor],
        *,
        handling: Handling,
        desk: Desk,
        store: EventStore,
        clock: Clock,
    ) -> None:
        self._service = service
        self._reactors = reactors
        self._handling = handling
        self._desk = desk
        self._store = store
        self._clock = clock
        self._turn = asyncio.Lock()

    async def retry(self, ref: EventRef, *, decode: Decode) -> int:
        """Handle it again; the position of the record that it went well. decode: of a record that is not in the log.

        What it leads to is appended first: after a crash between the two it is retried again, and decided already.
        Raises KeyError where there is no such dead letter, Closed where it was retried or dropped before, and what is
        still wrong with it as Poison, Rejected or Transient; then it stays where it is.
        """
        async with self._turn:
            letter, parked = await self._open(ref)
            event = await self._event(letter, parked, decode)
            now = self._clock.now()
            commands = await self._react(event, now)
            await self._submit(Work(Cause(event.meta.about, Origin(event.id)), commands))
            return await self._close(letter, Retry(now=now, service=self._service, parked=_ref(letter)))

    async def drop(self, ref: EventRef, reason: str) -> int:
        """The position of the record that nobody wants it any more. Raises KeyError, Closed or Transient."""
        async with self._turn:
            letter, _ = await self._open(ref)
            drop = Drop(now=self._clock.now(), service=self._service, parked=_ref(letter), reason=reason[:MAX_REASON])
            return await self._close(letter, drop)

    async def _open(self, ref: EventRef) -> tuple[Recorded, MessageParked]:
        unknown = f"{self._service} has no dead letter {ref.stream[:200]}@{ref.revision}"
        tenant, dot, _ = ref.stream.partition(".")
        # Only these streams are its own.
        ours = bool(tenant and dot) and category_of(ref.stream) == CATEGORY
        if not ours or key_of(ref.stream).rpartition("-")[0] != self._service:
            raise KeyError(unknown)
        try:
            letter = await self._store.read_one(ref.stream, ref.revision)
        except KeyError:
            raise KeyError(unknown) from None
        if not isinstance(letter.msg, MessageParked):
            raise KeyError(unknown)
        state = (await self._handling.load(ref.stream)).state
        assert isinstance(state, Parked)
        state.check_open(ref)
        return letter, letter.msg

    async def _react(self, event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
        reactor = self._reactors.get(event.type)
        if reactor is None or event.msg is None:
            raise Poison(f"{self._service} does nothing about events of type {event.type}")
        try:
            return await reactor(event, now)
        except (Transient, Poison, Rejected):
            raise
        except Exception as error:
            raise Poison(fault(error)) from error

    async def _close(self, letter: Recorded, command: Retry | Drop) -> int:
        work = Work(Cause(letter.meta.about, Origin(letter.id)), [(letter.stream, command)])
        await self._submit(work)
        return work.position

    async def _submit(self, work: Work) -> None:
        if work.commands:
            await self._desk.submit([work])
        if work.error is not None:
            raise work.error

    async def _event(self, letter: Recorded, parked: MessageParked, decode: Decode) -> Recorded:
        for ref in _named(parked):
            # A record that is no event says of itself whatever its sender likes.
            if not is_of(ref.stream, tenant_of(letter.stream)):
                continue
            try:
                event = await self._store.read_one(ref.stream, ref.revision)
            except KeyError:
                continue
            if text(event.id) == parked.event_id:
                return event
        return _rebuilt(letter, parked, decode)


def _named(parked: MessageParked) -> Iterator[EventRef]:
    """Where the log may have the event; the headers of a record tell it also where others of them are unreadable."""
    yield parked.event
    if parked.HasField("headers"):
        headers = json.loads(open_sealed(parked.headers))
        stream, revision = headers.get("ce_subject", ""), headers.get("ce_streamrevision", "")
        if stream and revision.isascii() and revision.isdigit() and len(revision) < 10:
            yield EventRef(stream=stream, revision=int(revision))


def _rebuilt(letter: Recorded, parked: MessageParked, decode: Decode) -> Recorded:
    """From what was kept of a record that is not in the log. Raises Poison where that is not enough."""
    if not parked.HasField("record"):
        raise Poison(
            f"the log has no event {parked.event_id} at {parked.event.stream}@{parked.event.revision}, "
            "and no record of it was kept"
        )
    if parked.position <= 0:
        raise Poison(f"its record is no event: {parked.error}")
    data = open_sealed(parked.record)
    if len(data) >= MAX_RECORD_BYTES:
        raise Poison(f"it is not in the log, and of its record only the first {MAX_RECORD_BYTES} bytes were kept")
    try:
        msg = decode(parked.event_type, data)
    except DecodeError as error:
        raise Poison(f"its record is no {parked.event_type}: {error}") from error
    meta, event = Meta(letter.meta.time, letter.meta.about), parked.event
    id = UUID(parked.event_id).bytes
    return Recorded(id, parked.event_type, data, meta, msg, parked.position, event.stream, event.revision)


def _ref(letter: Recorded) -> EventRef:
    return EventRef(stream=letter.stream, revision=letter.revision)
