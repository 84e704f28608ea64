"""What must hold of a run, whatever was done to it. Each check gives one line for each thing that does not."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from reveille.adapters.kafka_topics import PARTITIONS
from reveille.cli.catalogue import ROUTES
from reveille.kernel.event_bus import partition_of
from reveille.kernel.events import Recorded, service_of
from reveille.kernel.ids import text
from tests.chaos.executions import Execution, Run, Told
from tests.chaos.outside import Accepted, Effect
from tests.chaos.recorded import Published

# Of each accepted delivery exactly one, and of each of its executions; of a plan of many steps one to a step.
ONE_EACH: Final = ("ExecutionStarted", "StepPlanned", "StepCompleted", "ExecutionCompleted")
# Of each attempt exactly one, in this order; then RunCompleted or RunFailed.
STAGES: Final = ("StepReady", "TokensReserved", "AgentWoken", "RunStarted")
ENDS: Final = ("RunCompleted", "RunFailed")
BOOKS: Final = ("TokensSettled", "TokensReleased")
PARKED: Final = "reveille.common.v1.MessageParked"


def lost(told: Told, accepted: Sequence[Accepted], effects: Sequence[Effect]) -> Iterator[str]:
    """Of what got a 2xx: it is in the log, has woken its agent, and its work is done, for the log and outside."""
    acted = {effect.run for effect in effects}
    for one in accepted:
        executions = told.by_signal.get(one.signal, [])
        completed = [event for execution in executions for event in execution.events["StepCompleted"]]
        if not told.received.get(one.signal):
            yield f"delivery {one.delivery} was accepted as signal {one.signal}, which the log does not hold"
        elif not told.fired.get(one.signal):
            yield f"signal {one.signal} has woken nobody"
        elif not executions:
            yield f"signal {one.signal} has led to no execution"
        elif not any(execution.events["ExecutionCompleted"] for execution in executions):
            stood = {name: len(events) for name, events in executions[0].events.items()}
            yield f"execution {executions[0].id} of signal {one.signal} is not completed: {stood}"
        elif not any(event.msg.run_id in acted for event in completed):  # type: ignore[union-attr]
            yield f"execution {executions[0].id} is completed, and its agent has done nothing"


def doubled(told: Told, accepted: Sequence[Accepted], effects: Sequence[Effect]) -> Iterator[str]:
    for delivery, count in Counter(one.delivery for one in accepted).items():
        if count > 1:
            yield f"delivery {delivery} was accepted {count} times"
    for signal, times in Counter(one.signal for one in accepted).items():
        if times > 1:
            yield f"signal {signal} stands for {times} deliveries"
    for what, by_signal in (("received", told.received), ("fired a trigger", told.fired)):
        for signal, events in by_signal.items():
            if len(events) > 1:
                yield f"signal {signal} has {what} {len(events)} times"
    known = {one.signal for one in accepted}
    for signal in told.received:
        if signal not in known:
            yield f"signal {signal} is in the log, and nobody was told that it was accepted"
    for signal, executions in told.by_signal.items():
        if len(executions) > 1:
            yield f"signal {signal} has led to {len(executions)} executions"
    for execution in told.executions.values():
        for name in ONE_EACH if execution.signal else ONE_EACH[:1]:
            if len(execution.events[name]) > 1:
                yield f"execution {execution.id} has {len(execution.events[name])} times {name}"
        attempts = Counter((event.msg.step, event.msg.attempt) for event in execution.events["StepReady"])  # type: ignore[union-attr]
        for (step, attempt), count in attempts.items():
            if count > 1:
                yield f"execution {execution.id} has made attempt {attempt} of {step} ready {count} times"
    for run in told.runs.values():
        for name in (*STAGES, *BOOKS):
            if len(run.events[name]) > 1:
                yield f"run {run.id} has {len(run.events[name])} times {name}"
        ends = sum(len(run.events[name]) for name in ENDS)
        if ends > 1:
            yield f"run {run.id} has ended {ends} times"
    for run_id, count in Counter(effect.run for effect in effects).items():
        if count > 1:
            yield f"run {run_id} has done its work {count} times"


def unsettled(told: Told) -> Iterator[str]:
    """What was reserved is released, what was begun has ended."""
    for run in told.runs.values():
        if left := _left_of(run):
            yield f"run {run.id} has reserved tokens that nobody has settled or released: {left}"
        if run.events["RunStarted"] and not any(run.events[name] for name in ENDS):
            yield f"run {run.id} has started and not ended"
        if run.events["AgentWoken"] and not (run.events["AgentSlept"] or run.events["RunLeft"]):
            yield f"run {run.id} has woken its agent, and its agent is busy with it still"


def _left_of(run: Run) -> int:
    """Tokens; also where nothing was reserved, that is to be said."""
    if not run.events["TokensReserved"]:
        return 0
    reserved = sum(event.msg.reservation.tokens for event in run.events["TokensReserved"])  # type: ignore[union-attr]
    settled = sum(event.msg.used - event.msg.overrun for event in run.events["TokensSettled"])  # type: ignore[union-attr]
    released = sum(event.msg.tokens for event in run.events["TokensReleased"])  # type: ignore[union-attr]
    ended = run.events["TokensSettled"] or run.events["TokensReleased"]
    return reserved - settled - released if ended else max(1, reserved)


def failed(told: Told) -> Iterator[str]:
    for execution in told.executions.values():
        for name in ("StepFailed", "ExecutionFailed"):
            for event in execution.events[name]:
                yield f"execution {execution.id} has {name}: {event.msg}".replace("\n", " ")


def out_of_order(told: Told, log: Sequence[Recorded]) -> Iterator[str]:
    yield from _disordered_log(log)
    for execution in told.executions.values():
        if execution.signal:
            yield from _disordered_execution(told, execution)


def _disordered_log(log: Sequence[Recorded]) -> Iterator[str]:
    """Positions have no hole, revisions none; a stream answers each sender's messages in the order they were sent."""
    revisions: dict[str, int] = {}
    answered: dict[tuple[str, str, int], int] = {}
    for number, event in enumerate(log, 1):
        if event.position != number:
            yield f"position {event.position} of the log is its {number}th event"
            return
        if event.revision != revisions.get(event.stream, -1) + 1:
            yield f"revision {event.revision} of {event.stream} follows {revisions.get(event.stream, -1)}"
        revisions[event.stream] = event.revision
        origin = event.meta.origin
        if not origin.sender:
            continue
        place = event.stream, origin.sender, origin.partition
        if origin.position < answered.get(place, 0):
            yield f"{event.stream} answers {origin.sender}'s {origin.position} after {answered[place]}"
        answered[place] = origin.position
        cause = log[origin.position - 1] if 0 < origin.position < number else None
        if cause is None or cause.id != origin.cause or service_of(cause.type) != origin.sender:
            yield f"{event.stream} revision {event.revision} names a cause that is not at position {origin.position}"


def _disordered_execution(told: Told, execution: Execution) -> Iterator[str]:
    chain = [*told.received.get(execution.signal, [])[:1], *told.fired.get(execution.signal, [])[:1]]
    chain += [events[0] for name in ("ExecutionStarted", "StepPlanned") if (events := execution.events[name])]
    outcomes = sorted(
        (event for name in ("StepRetryScheduled", "StepCompleted") for event in execution.events[name]),
        key=lambda event: event.position,
    )
    for ready, outcome in zip(execution.events["StepReady"], outcomes, strict=False):
        run = told.run(ready.msg.run_id)  # type: ignore[union-attr]
        chain += [events[0] for name in STAGES if (events := run.events[name])]
        chain += [events[0] for name in ENDS if (events := run.events[name])]
        chain.append(outcome)
    chain += execution.events["ExecutionCompleted"]
    positions = [event.position for event in chain]
    if positions != sorted(positions):
        names = [f"{event.type.rpartition('.')[2]}@{event.position}" for event in chain]
        yield f"execution {execution.id} went {' → '.join(names)}"


def unpublished(
    log: Sequence[Recorded], topics: Mapping[str, Sequence[Published]], prefix: str, foreign: Collection[str]
) -> Iterator[str]:
    """Every event is on its service's public topic, and in each inbox that it is for; and nothing else is."""
    due: dict[str, set[tuple[str, int]]] = {topic: set() for topic in topics}
    for event in log:
        if event.type == PARKED:
            continue
        id = text(event.id)
        service = service_of(event.type)
        due[f"{prefix}.{service}.events.v1"].add((id, partition_of(event.stream, PARTITIONS)))
        for to, key_of in ROUTES.get(event.type, {}).items():
            if (key := key_of(event)) is not None:
                due[f"{prefix}.{to}.inbox.v1"].add((id, partition_of(key, PARTITIONS)))
    for topic, expected in due.items():
        if ".deadletter." in topic:
            continue
        found = {(record.headers.get("ce_id", ""), record.partition) for record in topics[topic] if _is_placed(record)}
        if missing := expected - found:
            yield f"{topic} lacks {len(missing)} of {len(expected)} events, such as {sorted(missing)[:3]}"
        if strange := {(id, partition) for id, partition in found - expected if id not in foreign}:
            yield f"{topic} holds {len(strange)} records that the log does not, such as {sorted(strange)[:3]}"


def disordered_topics(topics: Mapping[str, Sequence[Published]], foreign: Collection[str]) -> Iterator[str]:
    """Without repetitions, per key revisions rise without a hole, and per partition and sender positions rise."""
    for topic, records in topics.items():
        if ".deadletter." in topic:
            continue
        seen: set[str] = set()
        revisions: dict[bytes, int] = {}
        positions: dict[tuple[int, str], int] = {}
        for record in records:
            id = record.headers.get("ce_id", "")
            if id in seen or id in foreign or not _is_placed(record):
                continue
            seen.add(id)
            place, position = (record.partition, record.headers["ce_source"]), int(record.headers["ce_position"])
            if position <= positions.get(place, 0):
                yield f"{topic} partition {record.partition} has position {position} after {positions[place]}"
            positions[place] = position
            if ".events." in topic:
                revision = int(record.headers["ce_streamrevision"])
                # Other services' events in a stream, such as dead letters, are on other topics.
                before = revisions.get(record.key, -1)
                if revision != before + 1:
                    yield f"{topic} has revision {revision} of {record.key.decode()} after {before}"
                revisions[record.key] = revision


def _is_placed(record: Published) -> bool:
    """In its key's partition; what is elsewhere is nobody's, and counts as not being there."""
    return partition_of(record.key.decode(errors="replace"), PARTITIONS) == record.partition


def repeated_in(topics: Mapping[str, Sequence[Published]]) -> int:
    """Records that were there already: allowed, and told apart by their id."""
    return sum(
        len(ids) - len(set(ids))
        for topic, records in topics.items()
        if ".deadletter." not in topic and (ids := [id for record in records if (id := record.headers.get("ce_id"))])
    )
