"""Promise 10: nothing of one tenant is about anything of another."""

from collections.abc import Iterator

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History


def check(history: History) -> Iterator[Broken]:
    for event in history.log:
        tenant = tenant_of(event.stream)
        cause = history.by_id.get(event.meta.origin.cause)
        if cause is not None and tenant_of(cause.stream) != tenant:
            yield Broken(promise=10, what=f"{event.type} in {event.stream} is caused by {cause.stream}")
        for ref in _refs(event.msg) if event.msg is not None else ():
            if tenant_of(ref.stream) != tenant:
                yield Broken(promise=10, what=f"{event.type} in {event.stream} is about {ref.stream}")


def _refs(msg: Message) -> Iterator[EventRef]:
    for descriptor, value in msg.ListFields():
        if descriptor.message_type is None or descriptor.message_type.GetOptions().map_entry:
            continue
        for one in value if descriptor.label == descriptor.LABEL_REPEATED else (value,):
            if isinstance(one, EventRef):
                yield one
            else:
                yield from _refs(one)
