"""Promise 1: what got a 2xx stands in the log."""

from collections.abc import Iterator

from reveille.contracts.ingress.v1.events_pb2 import DeliveryContradicted, FleetApplied, SignalReceived
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.outside import Outside, Taken


def check(history: History, outside: Outside) -> Iterator[Broken]:
    signals = {received.signal.id: event for event, received in history.all(SignalReceived)}
    for taken in outside.taken:
        event = signals.get(taken.receipt.signal_id)
        if event is None:
            yield Broken(
                promise=1, what=f"{_name(taken)} got a 2xx as {taken.receipt.signal_id}, which the log has not"
            )
        elif event.position != taken.receipt.position:
            what = f"{_name(taken)} was said to stand at {taken.receipt.position}, it stands at {event.position}"
            yield Broken(promise=1, what=what)
        elif taken.receipt.contradicted and not _contradicted(history, event.stream):
            yield Broken(promise=1, what=f"{_name(taken)} was said to contradict, the log does not say so")
    for applied in outside.applied:
        if applied.events and not isinstance(history.log[applied.position - 1].msg, FleetApplied):
            yield Broken(
                promise=1, what=f"a fleet was said to be applied at {applied.position}, the log does not say so"
            )


def _contradicted(history: History, stream: str) -> bool:
    return any(isinstance(event.msg, DeliveryContradicted) for event in history.streams[stream])


def _name(taken: Taken) -> str:
    return f"delivery {taken.sending.number} of {taken.sending.tenant}"
