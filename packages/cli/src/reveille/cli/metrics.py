"""What every process and every service tells Prometheus; what is one service's own, that service names."""

import asyncio
import os
import platform
import resource
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeVar

from reveille.adapters.measured_store import CONFLICT, UNAVAILABLE, UNKNOWN
from reveille.adapters.prometheus import Metric, Sample
from reveille.adapters.telemetry import Telemetry
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import EventStore
from reveille.kernel.measuring import Histogram
from reveille.kernel.service import Service

T = TypeVar("T")

# Whoever asks for figures is not kept waiting by a log or a broker that is away: what it says is left out.
PATIENCE: Final = 2.0
LOOP_SECONDS: Final = 1.0
# Full names are the platform's own; `reveille.budget.v1.TokensReserved` is told of as TokensReserved.
OF_TYPE: Final = "type"

BUILD_INFO: Final = Metric("reveille_build_info", "gauge", "always 1", ("version", "python"))
READY: Final = Metric("reveille_ready", "gauge", "1 where nothing keeps it from its work")
CPU: Final = Metric("process_cpu_seconds_total", "counter", "user and system")
MEMORY: Final = Metric("process_resident_memory_bytes", "gauge", "resident memory")
BEGAN: Final = Metric("process_start_time_seconds", "gauge", "since 1970")
FILES: Final = Metric("process_open_fds", "gauge", "open files, sockets among them")
LOOP_LAG: Final = Metric(
    "reveille_loop_lag_seconds", "histogram", "how much later than wanted the event loop woke a task"
)
SPANS_EXPORTED: Final = Metric("reveille_spans_exported_total", "counter", "taken by the collector")
SPANS_DROPPED: Final = Metric(
    "reveille_spans_dropped_total", "counter", "lost: the queue was full, or the collector did not take them"
)

APPENDED: Final = Metric(
    "reveille_events_appended_total", "counter", "events that this process has appended", (OF_TYPE,)
)
APPEND: Final = Metric("reveille_store_append_seconds", "histogram", "from an append's beginning until it is durable")
REFUSED: Final = Metric("reveille_store_append_failures_total", "counter", "appends that did not succeed", ("reason",))
LOG: Final = Metric("reveille_log_position", "gauge", "the log's head")
RELAY: Final = Metric(
    "reveille_relay_position", "gauge", "how far the service's relay has published; the same on every replica"
)
RELAY_LAG: Final = Metric(
    "reveille_relay_lag_seconds",
    "gauge",
    "age of the oldest event that the relay has not passed; 0: it has passed all. The same on every replica",
)
INBOX: Final = Metric(
    "reveille_inbox_messages_total",
    "counter",
    "messages of the inbox that this process has answered, each once; `retried` counts attempts",
    ("outcome",),
)
HANDLING: Final = Metric(
    "reveille_inbox_handling_seconds",
    "histogram",
    "from receiving a message to having answered it; what a batch takes counts for each of its messages",
)
LAG_MESSAGES: Final = Metric(
    "reveille_inbox_lag_messages",
    "gauge",
    "messages of a partition that wait for this member: its end less what is answered",
    ("topic", "partition"),
)
LAG_SECONDS: Final = Metric(
    "reveille_inbox_lag_seconds",
    "gauge",
    "age of the oldest message that is not answered; 0: there is none",
    ("topic", "partition"),
)
DESK: Final = Metric("reveille_desk_waiting", "gauge", "messages, timers and reports that wait to be decided on")
VIEW: Final = Metric("reveille_view_position", "gauge", "how far the views have taken in the log")
VIEW_LAG: Final = Metric(
    "reveille_view_lag_seconds",
    "gauge",
    "age of the oldest event that the views have not taken in; 0: they have taken in all",
)
FANOUT_LOST: Final = Metric(
    "reveille_fanout_lost_total",
    "counter",
    "live messages that Redis did not take in time; whoever looks on reads them from the log",
)


class ProcessMetrics:
    """`run` measures the loop; what else there is costs nothing until somebody asks."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._began = time.time()
        self._loop = Histogram()

    async def run(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(LOOP_SECONDS)
            self._loop.observe(time.perf_counter() - before - LOOP_SECONDS)

    def samples(self, *, ready: bool) -> list[Sample]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return [
            BUILD_INFO.of(1, version("reveille"), platform.python_version()),
            READY.of(ready),
            CPU.of(usage.ru_utime + usage.ru_stime),
            *_of_proc(),
            BEGAN.of(self._began),
            LOOP_LAG.of(self._loop),
            SPANS_EXPORTED.of(self._telemetry.exported),
            SPANS_DROPPED.of(self._telemetry.dropped),
        ]


async def service_samples(
    service: Service,
    *,
    topic: str,
    relayed: Callable[[], Awaitable[Mapping[str, int]]] | None,
    lost: Callable[[], int] | None,
) -> list[Sample]:
    """topic: of its inbox. relayed: how far relays have come; None: nothing is relayed. lost: None without a fanout."""
    measures, clock, store = service.ports.measures, service.ports.clock, service.ports.store
    head = await _answered(store.head)
    samples = [
        *(APPENDED.of(count, type.rpartition(".")[2]) for type, count in sorted(measures.appended.items())),
        APPEND.of(measures.append),
        *(REFUSED.of(measures.refused[reason], reason) for reason in (CONFLICT, UNAVAILABLE, UNKNOWN)),
        DESK.of(service.desk.waiting),
        VIEW.of(service.follower.position),
        *([LOG.of(head)] if head is not None else []),
        *await _age(VIEW_LAG, store, clock, service.follower.position),
        *await _of_inbox(service, topic),
    ]
    if relayed is not None and (positions := await _answered(relayed)) is not None:
        at = positions.get(service.name, 0)
        samples += [RELAY.of(at), *await _age(RELAY_LAG, store, clock, at)]
    if lost is not None:
        samples.append(FANOUT_LOST.of(lost()))
    return samples


async def _of_inbox(service: Service, topic: str) -> list[Sample]:
    processing = service.processing
    if processing is None:
        return []
    counted = processing.counted.of()
    outcomes = {"delivered": counted.delivered, "parked": counted.parked, "retried": counted.failed}
    now, lags = service.ports.clock.now(), await _answered(processing.lag) or {}
    return [
        *(INBOX.of(count, outcome) for outcome, count in outcomes.items()),
        HANDLING.of(service.ports.measures.handling),
        *(LAG_MESSAGES.of(lag.messages, topic, str(at)) for at, lag in sorted(lags.items())),
        *(
            LAG_SECONDS.of(max(0, now - lag.since) / SECOND if lag.since else 0, topic, str(at))
            for at, lag in sorted(lags.items())
        ),
    ]


async def _age(metric: Metric, store: EventStore, clock: Clock, position: int) -> list[Sample]:
    """Of the first event after a position."""
    found = await _answered(lambda: store.read_all(position, 1))
    if found is None:
        return []
    return [metric.of(max(0, clock.now() - found[0].meta.time) / SECOND if found else 0)]


async def _answered(ask: Callable[[], Awaitable[T]]) -> T | None:
    """None where there is no answer now."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except (Transient, TimeoutError):
        return None


def _of_proc() -> list[Sample]:
    """Nothing where the system has no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        files = len(os.listdir("/proc/self/fd"))
    except OSError:
        return []
    return [MEMORY.of(pages * os.sysconf("SC_PAGE_SIZE")), FILES.of(files)]
