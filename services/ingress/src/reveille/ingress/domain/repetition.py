"""The same delivery again: is it the same, or does it tell something else under the same name?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import DeliveryContradicted, DeliveryRepeated, SignalReceived

# More tell nothing more, and a stream that grows with each of them would.
MAX_RECORDED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """event: what is to be recorded, None where the log already says enough."""

    signal_id: str
    contradicted: bool = False
    event: DeliveryContradicted | DeliveryRepeated | None = None


def repeated(recorded: Sequence[Message], digest: str) -> Repetition:
    """recorded: the delivery's stream, which begins with its SignalReceived."""
    first = recorded[0]
    assert isinstance(first, SignalReceived)
    signal_id = first.signal.id
    if digest == first.body_digest:
        so_often = sum(isinstance(event, DeliveryRepeated) for event in recorded)
        again = DeliveryRepeated(signal_id=signal_id) if so_often < MAX_RECORDED else None
        return Repetition(signal_id=signal_id, event=again)
    if any(isinstance(event, DeliveryContradicted) and event.body_digest == digest for event in recorded[1:]):
        return Repetition(signal_id=signal_id, contradicted=True)
    event = DeliveryContradicted(signal_id=signal_id, body_digest=digest)
    return Repetition(signal_id=signal_id, contradicted=True, event=event)
