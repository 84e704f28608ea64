"""Dead letters: a message that can never be handled is kept whole, with the reason, and what is behind it goes on."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, EventRef, MessageParked
from reveille.kernel import event_bus
from reveille.kernel.clock import Clock
from reveille.kernel.decider import Decider
from reveille.kernel.errors import Rejected, Transient
from reveille.kernel.events import About, Origin, tenant_of
from reveille.kernel.handling import Cause, Handling, Work
from reveille.kernel.ids import text
from reveille.kernel.sealing import seal, seal_json

CATEGORY: Final = "deadletter"
# More than a bus delivers again of one partition: those that were parked before that were acknowledged.
RECENT: Final = 10_000
# With its headers it fits into an event.
MAX_RECORD_BYTES: Final = 128 * 1024
MAX_HEADERS: Final = 50
MAX_NAME: Final = 200
MAX_VALUE_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    now: int
    service: str
    message: event_bus.Message
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """It was handled again, and went well. parked: its MessageParked."""

    now: int
    service: str
    parked: EventRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    now: int
    service: str
    parked: EventRef
    reason: str


class Closed(Rejected):
    """The dead letter was retried or dropped before."""


@dataclass(frozen=True, slots=True)
class Parked:
    """recent: the positions and ids of the messages that were parked last; an outsider's position is his own word.

    retried, dropped: the revisions of dead letters.
    """

    count: int = 0
    recent: tuple[str, ...] = ()
    retried: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()

    def check_open(self, parked: EventRef) -> None:
        """Raises Closed."""
        for revisions, what in ((self.retried, "retried"), (self.dropped, "dropped")):
            if parked.revision in revisions:
                raise Closed(f"dead letter {parked.stream}@{parked.revision} was {what} before")


def decide(command: Park | Retry | Drop, state: Parked) -> list[Message]:
    match command:
        case Park():
            return _park(command, state)
        case Retry(service=service, parked=parked):
            state.check_open(parked)
            return [DeadLetterRetried(service=service, parked=parked)]
        case Drop(service=service, parked=parked, reason=reason):
            state.check_open(parked)
            return [DeadLetterDropped(service=service, parked=parked, reason=seal(reason.encode()))]
        case _:
            assert_never(command)


def _park(command: Park, state: Parked) -> list[Message]:
    event = command.message.event
    if _mark(event.position, text(event.id)) in state.recent:
        return []
    # What a broker brought need not be an event of the log: it is kept as it came.
    headers = {
        name[:MAX_NAME]: value[:MAX_VALUE_BYTES].decode(errors="replace")
        for name, value in islice((command.message.headers or {}).items(), MAX_HEADERS)
    }
    whole = headers or command.message.error
    return [
        MessageParked(
            service=command.service,
            partition=command.message.partition,
            event_id=text(event.id),
            event_type=event.type,
            event=EventRef(stream=event.stream, revision=event.revision),
            position=event.position,
            error=command.error[:2000],
            attempts=1,
            record=seal(event.data[:MAX_RECORD_BYTES]) if whole else None,
            headers=seal_json(headers) if headers else None,
        )
    ]


def evolve(state: Parked, event: Message, about: About) -> Parked:
    match event:
        case MessageParked():
            recent = (*state.recent, _mark(event.position, event.event_id))[-RECENT:]
            return replace(state, count=state.count + 1, recent=recent)
        case DeadLetterRetried():
            return replace(state, retried=state.retried | {event.parked.revision})
        case DeadLetterDropped():
            return replace(state, dropped=state.dropped | {event.parked.revision})
    return state


def _mark(position: int, id: str) -> str:
    return f"{position} {id}"


decider: Final = Decider(
    category=CATEGORY, initial=Parked(), decide=decide, evolve=evolve, snapshot_every=1000, version=4
)


class Parking:
    """Where a service's dead letters go: `deadletter-<service>-<partition>`, one stream per partition of its inbox."""

    def __init__(self, service: str, *, handling: Handling, clock: Clock) -> None:
        self._service = service
        self._handling = handling
        self._clock = clock

    def instead_of(self, work: Work, error: Exception) -> Work:
        """In place of commands that never came about: the record of why."""
        assert work.message is not None
        message = work.message
        stream = f"{tenant_of(message.event.stream)}.{CATEGORY}-{self._service}-{message.partition}"
        command = Park(now=self._clock.now(), service=self._service, message=message, error=str(error))
        # Not caused by a bus message: those of one partition are answered in order, but poison is found in any.
        return Work(Cause(work.cause.about, Origin(message.event.id)), [(stream, command)], message)

    async def park(self, work: Work, error: Exception) -> None:
        kept = self.instead_of(work, error)
        await self._handling.execute([kept])
        if kept.error is not None:
            raise Transient(f"a message could not be parked: {kept.error}") from kept.error
