"""Dead letters: a message that can never be handled is kept whole, with the reason, and what is behind it goes on."""

from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked
from reveille.kernel import event_bus
from reveille.kernel.decider import Decider
from reveille.kernel.events import About, tenant_of
from reveille.kernel.ids import text

CATEGORY: Final = "deadletter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    now: int
    service: str
    message: event_bus.Message
    error: str


@dataclass(frozen=True, slots=True)
class Parked:
    count: int = 0


def decide(command: Park, state: Parked) -> list[Message]:
    event = command.message.event
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
        )
    ]


def evolve(state: Parked, event: Message, about: About) -> Parked:
    return Parked(state.count + 1)


decider: Final = Decider(
    category=CATEGORY, initial=Parked(), decide=decide, evolve=evolve, opening=(), snapshot_every=1000
)


def stream_of(service: str, message: event_bus.Message) -> str:
    return f"{tenant_of(message.event.stream)}.{CATEGORY}-{service}-{message.partition}"
