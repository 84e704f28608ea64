"""Promise 10: nothing of one tenant is about anything of another, and nobody is told a word of another's."""

from collections.abc import Iterator

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.kernel.events import Recorded, is_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.marks import strangers
from tests.simulation.world import World


def check(history: History, world: World) -> Iterator[Broken]:
    for what in (*_recorded(history), *_told(world)):
        yield Broken(promise=10, what=what)


def _recorded(history: History) -> Iterator[str]:
    for event in history.log:
        tenant, where = tenant_of(event.stream), f"{event.type} in {event.stream}"
        cause = history.by_id.get(event.meta.origin.cause)
        if cause is not None and not is_of(cause.stream, tenant):
            yield f"{where} is caused by {cause.stream}"
        yield from (f"{where} is about {ref.stream}" for ref in _refs_of(event) if not is_of(ref.stream, tenant))
        yield from (f"{where} holds a word of {other}" for other in strangers(tenant, event.data))


def _told(world: World) -> Iterator[str]:
    """What came through to people who watch, and to agents elsewhere."""
    told = [(f"who watches {one.execution_id}", one.tenant, one.texts) for one in world.watched()]
    told += [("a remote agent", agent.tenant, agent.told) for agent in world.remote_agents]
    for who, tenant, texts in told:
        for other in strangers(tenant, "\n".join(texts).encode()):
            yield f"{who} of {tenant} is told a word of {other}"


def _refs_of(event: Recorded) -> Iterator[EventRef]:
    yield from () if event.msg is None else _refs(event.msg)


def _refs(msg: Message) -> Iterator[EventRef]:
    for descriptor, value in msg.ListFields():
        if descriptor.message_type is None or descriptor.message_type.GetOptions().map_entry:
            continue
        for one in value if descriptor.label == descriptor.LABEL_REPEATED else (value,):
            if isinstance(one, EventRef):
                yield one
            else:
                yield from _refs(one)
