"""An event store that counts what one service appends, and tells of it as spans where somebody traces."""

from collections.abc import Awaitable, Mapping, Sequence
from time import perf_counter
from typing import Final, TypeVar

from reveille.kernel import trace_context
from reveille.kernel.errors import Transient, Unknown
from reveille.kernel.event_store import Append, Appended, Conflict, EventStore
from reveille.kernel.events import Recorded
from reveille.kernel.measuring import Measures
from reveille.kernel.spans import NoSpans, Spans, Value, of_batch

T = TypeVar("T")

CONFLICT: Final = "conflict"
UNAVAILABLE: Final = "unavailable"
# Nobody knows whether it was written: it is sent again.
UNKNOWN: Final = "unknown"


class MeasuredStore:
    def __init__(self, store: EventStore, measures: Measures, spans: Spans, *, system: str) -> None:
        """system: what the log is, such as `sqlite`."""
        self._store = store
        self._measures = measures
        self._spans = spans
        self._system = system
        traced = not isinstance(spans, NoSpans)
        self.append = self._traced_append if traced else self._append
        # Nothing lies between the log and those that follow it, nor those that read it while nobody traces.
        self.read_streams = self._read_streams if traced else store.read_streams
        self.read_backwards = self._read_backwards if traced else store.read_backwards
        self.read_one = self._read_one if traced else store.read_one
        self.read_at = self._read_at if traced else store.read_at
        self.read_all = store.read_all
        self.wait = store.wait
        self.head = store.head
        self.snapshot = store.snapshot
        self.save_snapshot = store.save_snapshot

    async def _read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        return await self._read("read_streams", self._store.read_streams(after))

    async def _read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return await self._read("read_backwards", self._store.read_backwards(stream, limit))

    async def _read_one(self, stream: str, revision: int) -> Recorded:
        return await self._read("read_one", self._store.read_one(stream, revision))

    async def _read_at(self, positions: Sequence[int]) -> list[Recorded]:
        return await self._read("read_at", self._store.read_at(positions))

    async def _append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        measures, began = self._measures, perf_counter()
        try:
            outcomes = await self._store.append(batch)
        except Transient as error:
            measures.refused[UNKNOWN if isinstance(error, Unknown) else UNAVAILABLE] += 1
            raise
        measures.append.observe(perf_counter() - began)
        for append, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Appended):
                # Repeated ones too: those are this process's own, whose first outcome nobody knew.
                for event in append.events:
                    measures.appended[event.type] += 1
            else:
                measures.refused[CONFLICT] += 1
        return outcomes

    async def _traced_append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        events = [event for append in batch for event in append.events]
        attributes: dict[str, Value] = {
            "db.system.name": self._system,
            "db.operation.name": "append",
            "db.operation.batch.size": len(batch),
            "reveille.events": len(events),
        }
        abouts = (event.meta.about for event in events)
        span = of_batch(self._spans, "append log", abouts, attributes, kind="client")
        error: Exception | None = None
        try:
            return await self._append(batch)
        except Exception as raised:
            error = raised
            raise
        finally:
            span.end(error)

    async def _read(self, operation: str, reading: Awaitable[T]) -> T:
        parent = trace_context.traceparent.get()
        if not parent:
            return await reading
        attributes: dict[str, Value] = {"db.system.name": self._system, "db.operation.name": operation}
        span = self._spans.start("read log", parent, attributes, kind="client")
        error: Exception | None = None
        try:
            return await reading
        except KeyError:  # what is not there is an answer
            raise
        except Exception as raised:
            error = raised
            raise
        finally:
            span.end(error)
