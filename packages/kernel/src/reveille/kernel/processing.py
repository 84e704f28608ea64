"""Receive, react, decide, acknowledge: how a service answers its inbox."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from reveille.kernel import trace_context
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.counting import Counting
from reveille.kernel.decider import Command
from reveille.kernel.errors import NotThere, Poison, Transient, UnknownEventType, fault
from reveille.kernel.event_bus import Consumer, EventBus, Lag, Message
from reveille.kernel.events import About, Origin, Recorded, tenant_of
from reveille.kernel.handling import Cause, Desk, Handling, Work
from reveille.kernel.ids import text
from reveille.kernel.measuring import Measures
from reveille.kernel.parking import Park, Parking
from reveille.kernel.spans import NO_SPAN, NoSpans, Span, Spans, Value

logger = logging.getLogger(__name__)

# One turn's messages: large enough to share a commit, small enough to keep a wake-up short.
BATCH: Final = 256
# The platform's own event types, and how long one that this build does not know waits for a newer build of the service.
OURS: Final = "reveille."
UPGRADE_SECONDS: Final = 600

# What a service does about an event: at most one command per stream. Raises Transient (a fact is missing) or Poison.
Reactor = Callable[[Recorded, int], Awaitable[Sequence[tuple[str, Command]]]]


class Processing:
    """The consumer of one service in one process."""

    def __init__(
        self,
        service: str,
        reactors: Mapping[str, Reactor],
        *,
        handling: Handling,
        desk: Desk,
        parking: Parking,
        bus: EventBus,
        clock: Clock,
        replica: str,
        spans: Spans | None = None,
        measures: Measures | None = None,
    ) -> None:
        self._service = service
        self._reactors = reactors
        self._handling = handling
        self._log_head = handling.log_head
        self._desk = desk
        self._parking = parking
        self._bus = bus
        self._clock = clock
        self._replica = replica
        # Where nobody traces, not even a span's name is made.
        self._spans = None if isinstance(spans, NoSpans) else spans
        self._measures = measures or Measures()
        self._consumer: Consumer | None = None
        self.counted = Counting(clock.now())

    async def run(self) -> None:
        self._consumer = consumer = await self._bus.consumer(self._service, self._replica)
        try:
            while True:
                await self.turn(consumer)
        finally:
            await consumer.close()

    async def answered(self, position: int) -> None:
        """Return when the service, on whatever replicas, has answered its inbox up to a position of the log."""
        while self._consumer is None or await self._consumer.behind(position):
            await self._clock.sleep(0.02)

    async def lag(self) -> Mapping[int, Lag]:
        """By partition of this process; none where it has not joined yet. Raises Transient."""
        return {} if self._consumer is None else await self._consumer.lag()

    async def turn(self, consumer: Consumer) -> None:
        batch = await consumer.receive(BATCH)
        began = self._clock.now()
        if batch.assigned:
            self._handling.forget()
        self.counted.came(batch.messages)
        works, spans = await self._react(batch.messages)
        if works:
            await self._desk.submit(works)
        for work, span in zip(works, spans, strict=True):
            span.end(work.error)
            if work.error is not None and work.message is not None:
                self._warn(work.message.event, work.error)
        await self._answer(consumer, batch.messages, works)
        if batch.messages:
            self._measures.handling.observe((self._clock.now() - began) / SECOND, len(batch.messages))

    async def _react(self, messages: Sequence[Message]) -> tuple[list[Work], list[Span]]:
        works: list[Work] = []
        spans: list[Span] = []
        held: set[int] = set()
        for message in messages:
            if message.partition in held:
                continue
            event = message.event
            now = self._clock.now()
            span = self._span(message)
            about = event.meta.about
            if span is not NO_SPAN:
                about = About(about.correlation, span.traceparent, about.hop)
            cause = Cause(about, Origin(event.id, message.sender, message.partition, event.position))
            try:
                work = Work(cause, await self._reacted(message, now, cause), message)
            except Transient as error:
                work = Work(cause, (), message, error)
                held.add(message.partition)
            except Exception as error:  # a bug in a reactor must not stop what is behind it
                poison = error if isinstance(error, Poison) else Poison(fault(error))
                work = self._parking.instead_of(Work(cause, (), message), poison)
                self._warn(event, poison)
            works.append(work)
            spans.append(span)
        return works, spans

    async def _reacted(self, message: Message, now: int, cause: Cause) -> Sequence[tuple[str, Command]]:
        reactor = self._sure(self._reactor(message, now))
        if self._spans is None:
            return await reactor(message.event, now)
        about = cause.about
        with trace_context.about(about.trace, about.correlation, tenant_of(message.event.stream)):
            return await reactor(message.event, now)

    def _sure(self, reactor: Reactor) -> Reactor:
        """What an event names was there before it: where the log is seen up to the event, it is there or never will be.

        Else a record that names what is nowhere would hold its partition for ever.
        """

        async def react(event: Recorded, now: int) -> Sequence[tuple[str, Command]]:
            try:
                return await reactor(event, now)
            except NotThere:
                if _is_young(event, now) and await self._log_head() < event.position:
                    raise
            try:
                return await reactor(event, now)
            except NotThere as error:
                raise Poison(str(error)) from error

        return react

    def _reactor(self, message: Message, now: int) -> Reactor:
        """Raises Poison for what no reactor of this build answers, Transient for what a newer build may."""
        event = message.event
        if message.error:
            raise Poison(message.error)
        reactor = self._reactors.get(event.type)
        if reactor is None or event.msg is None:
            unknown = UnknownEventType(event.type, f"the inbox of {self._service}")
            if event.type.startswith(OURS) and _is_young(event, now):
                raise unknown
            raise Poison(str(unknown))
        return reactor

    def _warn(self, event: Recorded, error: Exception) -> None:
        what = "holds" if isinstance(error, Transient) else "parks"
        meta = event.meta.about
        about = {"trace": meta.trace, "correlation": meta.correlation, "tenant": tenant_of(event.stream)}
        logger.warning("%s %s %s: %s", self._service, what, event.type, error, extra=about)

    def _span(self, message: Message) -> Span:
        if self._spans is None:
            return NO_SPAN
        event = message.event
        # A record that is no event says of itself whatever its sender likes.
        type_name = event.type if event.type in self._reactors else "unknown"
        attributes: dict[str, Value] = {
            # The bus without a broker, the log's own tail, has no headers.
            "messaging.system": "reveille" if message.headers is None else "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": f"reveille.{self._service}.inbox.v1",
            "messaging.destination.partition.id": str(message.partition),
            "messaging.message.id": text(event.id),
            "reveille.event.type": type_name,
            "reveille.event.position": event.position,
            "reveille.tenant": tenant_of(event.stream),
        }
        name = f"{self._service} process {type_name.rpartition('.')[2]}"
        return self._spans.start(name, event.meta.about.trace, attributes, kind="consumer")

    async def _answer(self, consumer: Consumer, messages: Sequence[Message], works: Sequence[Work]) -> None:
        offsets: dict[int, int] = {}
        held: dict[int, tuple[int, float]] = {}
        outcome = {id(work.message): work for work in works}
        for message in messages:
            if message.partition in held:
                continue
            work = outcome.get(id(message))
            if work is not None and isinstance(work.error, Transient):
                held[message.partition] = (message.offset, work.error.retry_after)
                self.counted.failed(message)
            else:
                offsets[message.partition] = message.offset
                self.counted.ended(message, parked=work is not None and _is_parked(work))
        if offsets:
            await consumer.ack(offsets)
        for partition, (offset, seconds) in held.items():
            await consumer.hold(partition, offset, seconds)


def _is_young(event: Recorded, now: int) -> bool:
    """Not for long; and one that says it is of a later time is of no build of ours."""
    return abs(now - event.meta.time) < UPGRADE_SECONDS * SECOND


def _is_parked(work: Work) -> bool:
    """Its stream's rules refused it, or its reactor did, so that its only command is to park it."""
    return work.error is not None or (len(work.commands) == 1 and isinstance(work.commands[0][1], Park))
