"""Receiving: what is new becomes a signal in the log; what came before is found again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Signal
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.ingress.application.appending import append
from reveille.ingress.application.enriching import Enriching
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain.body_mac import BodyMac
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.loops import marked_run
from reveille.ingress.domain.repetition import repeated
from reveille.kernel.blobs import Blobs
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, EventStore
from reveille.kernel.events import About, Meta, New, Recorded, new_event, stream_name
from reveille.kernel.ids import Ids, text
from reveille.kernel.sealing import seal

# A payload above it is a blob: with the rest of a signal's content it must fit into an event of 256 KiB.
MAX_INLINE: Final = 48 * 1024
# Stands between the parts of a delivery's key that no sender has given it.
MADE_UP: Final = "\x1f"
# A stream to which others keep appending is given up as Transient after so many rounds.
MAX_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A delivery and how it came: `body` is what was said, `trace` a W3C traceparent.

    identity: what makes it the same again where a repetition may say something else; b"": the body.
    """

    delivery: Delivery
    body: bytes
    verified: bool
    trace: str
    identity: bytes = b""


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
        self,
        *,
        store: EventStore,
        blobs: Blobs,
        fleets: Fleets,
        clock: Clock,
        ids: Ids,
        replica: str,
        key: bytes,
        enriching: Enriching | None = None,
    ) -> None:
        """Without `enriching` no provider is asked what a payload did not say."""
        self._store = store
        self._blobs = blobs
        self._fleets = fleets
        self._enriching = enriching
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
        receipts: dict[int, Receipt] = {}
        again: list[tuple[int, str, New]] = []
        for place, (stream, new) in enumerate(zip(streams, news, strict=True)):
            outcome = outcomes[stream]
            if isinstance(outcome, Appended) and opening[stream] is new:
                receipts[place] = Receipt(signal_id=new.meta.about.correlation, position=outcome.position)
                if self._enriching is not None and isinstance(new.msg, SignalReceived) and new.msg.signal.enriching:
                    self._enriching.received(stream)
            else:
                again.append((place, stream, new))
        if again:
            receipts.update(await self._again(again))
        return [receipts[place] for place in range(len(news))]

    async def _event(self, tenant: str, received: Received) -> New:
        delivery, content = received.delivery, received.delivery.content
        if not content.payload:
            content.payload = received.body
        if len(content.payload) > MAX_INLINE:
            content.payload_blob = await self._blobs.put(tenant, content.payload)
            content.payload = b""
        in_force = self._fleets.in_force(tenant)
        now = self._clock.now()
        id = self._ids.new()
        signal = Signal(
            id=text(id),
            source=delivery.source,
            kind=delivery.kind,
            means=delivery.means,
            verified=received.verified,
            hop=await self._hop(tenant, received),
            delivery=self._name(delivery) or text(id),
            fleet_revision=in_force.fleet.revision,
            target=delivery.target,
            priority=delivery.priority,
            content=seal(content.SerializeToString()),
            enriching=self._enriching is not None and self._enriching.wants(tenant, in_force, delivery),
        )
        signal.received_at.FromMicroseconds(now)
        digest = self._mac.hexdigest(received.identity or received.body)
        about = About(signal.id, received.trace, signal.hop)
        return new_event(id, SignalReceived(signal=signal, body_digest=digest), Meta(now, about, replica=self._replica))

    def _name(self, delivery: Delivery) -> str:
        """What the sender calls it; where that is made up of what it says, which is encrypted beside it, a digest."""
        return self._mac.hexdigest(delivery.key.encode()) if MADE_UP in delivery.key else delivery.key

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
        agent = self._fleets.in_force(tenant).agent_of.get(received.delivery.content.actor.casefold())
        if agent is None:
            return 0
        last = await self._store.read_backwards(stream_name(tenant, "agent", agent), 1)
        return last[0].meta.about.hop + 1 if last else 1

    async def _again(self, arrived: Sequence[tuple[int, str, New]]) -> dict[int, Receipt]:
        """Find what came before, each by its place, and record that it came again: all in one append."""
        receipts: dict[int, Receipt] = {}
        for _ in range(MAX_ROUNDS):
            recorded = await self._store.read_streams({stream: NO_STREAM for _, stream, _ in arrived})
            open_: dict[str, list[tuple[int, str, New]]] = {}
            for one in arrived:
                open_.setdefault(one[1], []).append(one)
            appends = []
            for stream, ones in open_.items():
                if not recorded[stream]:
                    raise Transient(f"stream {stream} is not to be read yet", retry_after=1.0)
                events = self._repetitions(recorded[stream], ones, receipts)
                if events:
                    appends.append(Append(stream, recorded[stream][-1].revision, events))
            if not appends:
                return receipts
            outcomes = await append(self._store, self._clock, appends)
            lost = {one.stream for one in outcomes if isinstance(one, Conflict)}
            if not lost:
                return receipts
            arrived = [one for one in arrived if one[1] in lost]
        raise Transient(f"stream {arrived[0][1]} kept changing", retry_after=1.0)

    def _repetitions(
        self, recorded: Sequence[Recorded], arrived: Sequence[tuple[int, str, New]], receipts: dict[int, Receipt]
    ) -> list[New]:
        """What is to be recorded of one stream's repetitions; each sees those before it."""
        messages, first, events = _messages(recorded), recorded[0].meta.about, []
        for place, _, new in arrived:
            assert isinstance(new.msg, SignalReceived)
            repetition = repeated(messages, new.msg.body_digest)
            receipts[place] = Receipt(
                signal_id=repetition.signal_id,
                position=recorded[0].position,
                duplicate=True,
                contradicted=repetition.contradicted,
            )
            if repetition.event is not None:
                about = About(first.correlation, new.meta.about.trace, first.hop)
                meta = Meta(self._clock.now(), about, replica=self._replica)
                events.append(new_event(self._ids.new(), repetition.event, meta))
                messages.append(repetition.event)
        return events


def _messages(recorded: Sequence[Recorded]) -> list[Message]:
    messages: list[Message] = []
    for event in recorded:
        if event.msg is None:
            raise UnknownEventType(event.type, f"stream {event.stream}")
        messages.append(event.msg)
    return messages
