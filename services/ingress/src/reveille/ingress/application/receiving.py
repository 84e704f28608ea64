"""Receiving: what is new becomes a signal in the log; what came before is found again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Signal
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.ingress.application.appending import append
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain.body_mac import BodyMac
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.loops import marked_run
from reveille.ingress.domain.repetition import repeated
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import About, Meta, New, Recorded, new_event, stream_name
from reveille.kernel.ids import Ids, text
from reveille.kernel.sealing import seal

# A payload above it is a blob: with the rest of a signal's content it must fit into an event of 256 KiB.
MAX_INLINE: Final = 48 * 1024
# A stream to which others keep appending is given up as Transient after so many rounds.
MAX_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A delivery and how it came: `body` is what was signed, `trace` a W3C traceparent."""

    delivery: Delivery
    body: bytes
    verified: bool
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """position: where the signal stands in the log, also for a duplicate. contradicted: its body is another one."""

    signal_id: str
    position: int
    duplicate: bool = False
    contradicted: bool = False


class Receiving:
    """Returns only after the append. `key`: for the HMACs of bodies, the same for as long as the log lives."""

    def __init__(
        self, *, store: EventStore, blobs: Blobs, fleets: Fleets, clock: Clock, ids: Ids, replica: str, key: bytes
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._fleets = fleets
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._mac = BodyMac(key)

    async def receive(self, tenant: str, received: Received) -> Receipt:
        return (await self.receive_many(tenant, [received]))[0]

    async def receive_many(self, tenant: str, batch: Sequence[Received]) -> list[Receipt]:
        """One append for all, a receipt for each, in order. Raises Transient; then the sender is to send all again."""
        news = [await self._event(tenant, received) for received in batch]
        streams = [self._stream(tenant, received.delivery, new) for received, new in zip(batch, news, strict=True)]
        opening: dict[str, New] = {}
        for stream, new in zip(streams, news, strict=True):
            opening.setdefault(stream, new)
        appends = [Append(stream, NO_STREAM, [new]) for stream, new in opening.items()]
        outcomes = dict(zip(opening, await append(self._store, self._clock, appends), strict=True))
        receipts: list[Receipt] = []
        for stream, new in zip(streams, news, strict=True):
            outcome = outcomes[stream]
            if isinstance(outcome, Appended) and opening[stream] is new:
                receipts.append(Receipt(signal_id=new.meta.about.correlation, position=outcome.position))
            else:
                receipts.append(await self._again(stream, new))
        return receipts

    async def _event(self, tenant: str, received: Received) -> New:
        delivery, content = received.delivery, received.delivery.content
        if not content.payload:
            content.payload = received.body
        if len(content.payload) > MAX_INLINE:
            content.payload_blob = await self._blobs.put(tenant, content.payload)
            content.payload = b""
        now = self._clock.now()
        id = self._ids.new()
        signal = Signal(
            id=text(id),
            source=delivery.source,
            kind=delivery.kind,
            means=delivery.means,
            verified=received.verified,
            hop=await self._hop(tenant, received),
            delivery=delivery.key or text(id),
            fleet_revision=self._fleets.in_force(tenant).fleet.revision,
            target=delivery.target,
            priority=delivery.priority,
            content=seal(content.SerializeToString()),
        )
        signal.received_at.FromMicroseconds(now)
        digest = self._mac.hexdigest(received.body)
        about = About(signal.id, received.trace, signal.hop)
        return new_event(id, SignalReceived(signal=signal, body_digest=digest), Meta(now, about, replica=self._replica))

    def _stream(self, tenant: str, delivery: Delivery, new: New) -> str:
        key = delivery.key or new.meta.about.correlation
        return stream_name(tenant, "signal", hashlib.sha256(f"{delivery.source}\x1f{key}".encode()).hexdigest()[:32])

    async def _hop(self, tenant: str, received: Received) -> int:
        """An agent's own act carries on the chain that the agent acted in; a person's act starts one."""
        run = marked_run(received.body)
        if run:
            try:
                return (await self._store.read_one(stream_name(tenant, "run", run), 0)).meta.about.hop + 1
            except KeyError:  # the mark of another platform, or somebody's joke
                pass
        agent = self._fleets.in_force(tenant).agent_of.get(received.delivery.content.actor)
        if agent is None:
            return 0
        last = await self._store.read_backwards(stream_name(tenant, "agent", agent), 1)
        return last[0].meta.about.hop + 1 if last else 1

    async def _again(self, stream: str, new: New) -> Receipt:
        assert isinstance(new.msg, SignalReceived)
        for _ in range(MAX_ROUNDS):
            recorded = (await self._store.read_streams({stream: NO_STREAM}))[stream]
            if not recorded:
                raise Transient(f"stream {stream} is not to be read yet", retry_after=1.0)
            repetition = repeated(_messages(recorded), new.msg.body_digest)
            receipt = Receipt(
                signal_id=repetition.signal_id,
                position=recorded[0].position,
                duplicate=True,
                contradicted=repetition.contradicted,
            )
            if repetition.event is None:
                return receipt
            first = recorded[0].meta.about
            meta = Meta(
                self._clock.now(), About(first.correlation, new.meta.about.trace, first.hop), replica=self._replica
            )
            event = new_event(self._ids.new(), repetition.event, meta)
            outcome = await append(self._store, self._clock, [Append(stream, recorded[-1].revision, [event])])
            if isinstance(outcome[0], Appended):
                return receipt
        raise Transient(f"stream {stream} kept changing", retry_after=1.0)


def _messages(recorded: Sequence[Recorded]) -> list[Message]:
    messages: list[Message] = []
    for event in recorded:
        if event.msg is None:
            raise UnknownEventType(event.type, f"stream {event.stream}")
        messages.append(event.msg)
    return messages
