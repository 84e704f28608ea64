"""Dead letters of a platform that runs: one that can be handled by now, and one that never can."""

from typing import Any, Final

from reveille.adapters.postgres_store import PostgresEventStore
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.common.v1.common_pb2 import Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.kernel.clock import SystemClock
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from reveille.kernel.events import About, Meta, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids, text
from tests.e2e.embedded import Embedded
from tests.e2e.running import Platform, blocking, until
from tests.e2e.stack import Stack
from tests.letters import letter_of

MENDED: Final = "an earlier build did not know it"
NOBODY: Final = "nobody"

Store = SqliteEventStore | PostgresEventStore


def park(platform: Platform, *, summary: str = "") -> None:
    """Returns when both are shown. summary: what the signals of both hold."""
    revision = platform.get("/api/v1/fleet")["revision"]
    match platform:
        case Embedded():
            # Its log has one process at a time.
            platform.stop()
            blocking(_embedded(platform, revision, summary))
            platform.start()
        case Stack():
            blocking(_stack(platform, revision, summary))
    until(lambda: len(platform.get("/api/v1/deadletters")["items"]) == 2, "both are parked")


async def _embedded(platform: Embedded, revision: int, summary: str) -> None:
    store = SqliteEventStore.open(platform.data / "log.db", EVENT_TYPES)
    try:
        await _mended(store, revision, summary)
        store.save_position("inbox analyzer", await store.head())
        await _never(store, revision, summary)
    finally:
        await store.close()


async def _stack(platform: Stack, revision: int, summary: str) -> None:
    store = await PostgresEventStore.open(platform.services.database_url, EVENT_TYPES)
    try:
        await _mended(store, revision, summary)
        await _never(store, revision, summary)
    finally:
        await store.close()


async def _mended(store: Store, revision: int, summary: str) -> None:
    event = await _append(store, f"default.signal-{'ab' * 16}", _signal("worker", revision, summary))
    # Beside the partitions that the analyzer itself has.
    await _append(store, "default.deadletter-analyzer-99", letter_of("analyzer", event, MENDED))


async def _never(store: Store, revision: int, summary: str) -> None:
    """A signal for an agent that there is not."""
    await _append(store, f"default.signal-{'cd' * 16}", _signal(NOBODY, revision, summary))


async def _append(store: Store, stream: str, message: Any) -> Recorded:
    clock, ids = SystemClock(), UuidV7Ids()
    id = ids.new()
    event = new_event(id, message, Meta(clock.now(), About(text(id))))
    (outcome,) = await store.append([Append(stream, NO_STREAM, [event])])
    assert isinstance(outcome, Appended)
    (recorded,) = (await store.read_streams({stream: NO_STREAM}))[stream]
    return recorded


def _signal(target: str, fleet_revision: int, summary: str) -> SignalReceived:
    id = text(UuidV7Ids().new())
    content = Sealed(data=SignalContent(summary=summary).SerializeToString())
    told = Signal(id=id, source="trigger", kind="task", target=target, content=content, fleet_revision=fleet_revision)
    return SignalReceived(signal=told)
