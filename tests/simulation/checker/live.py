"""Promise 7: of each execution there is one sequence of live events, and whoever watches it anywhere gets it."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from random import Random
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1 import events_pb2 as runs
from reveille.contracts.planner.v1 import events_pb2 as plans
from reveille.ingress.application.live_entries import Entries
from reveille.ingress.application.live_history import History as LiveHistory
from reveille.ingress.domain.live.fold import Fold
from reveille.ingress.domain.live.moments import Moment
from reveille.kernel.events import Recorded, category_of, key_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.watchers import Watched
from tests.simulation.world import World

CUTS: Final = 2
Execution = tuple[str, str]
# One event of the log comes to one live event, but for plans that fail.
_TOLD: Final[dict[type[Message], str]] = {
    plans.ExecutionStarted: "orchestration-start",
    plans.DepartmentStarted: "department-start",
    plans.DepartmentCompleted: "department-complete",
    plans.QualityChecked: "quality-check",
    plans.WorkReviewed: "review-status",
    plans.ExecutionCompleted: "orchestration-complete",
    plans.ExecutionFailed: "orchestration-complete",
    plans.ExecutionCancelled: "orchestration-complete",
    runs.RunStarted: "agent-start",
    runs.AgentThinking: "agent-thinking",
    runs.ToolCalled: "tool-call",
    runs.ToolReturned: "tool-result",
    runs.RunCompleted: "agent-complete",
    runs.RunFailed: "agent-complete",
}
_OF_RUNS: Final = ("agent-start", "agent-thinking", "tool-call", "tool-result", "agent-complete")


async def check(history: History, world: World) -> list[Broken]:
    executions = _executions(history)
    broken = [
        Broken(promise=7, what=f"execution {execution_id} of {tenant} {what}")
        for (tenant, execution_id), events in executions.items()
        for what in _execution(execution_id, events)
    ]
    for execution, events in executions.items():
        broken += [Broken(promise=7, what=what) async for what in _cut(world, execution, events)]
    for watcher in world.watchers:
        broken += [Broken(promise=7, what=f"who watches is told {error!r}") for error in watcher.errors]
        for watched in watcher.watched:
            broken += [Broken(promise=7, what=what) async for what in _watched(world, watched)]
    return broken


def _executions(history: History) -> dict[Execution, list[Recorded]]:
    """The events of each, and of its runs, in the order of the log."""
    found: dict[Execution, list[Recorded]] = defaultdict(list)
    owners: dict[Execution, str] = {}
    for event in history.log:
        tenant, key, category = tenant_of(event.stream), key_of(event.stream), category_of(event.stream)
        if isinstance(event.msg, plans.StepReady):
            owners[tenant, event.msg.run_id] = key
        if category == "execution":
            found[tenant, key].append(event)
        elif category == "run" and (tenant, key) in owners:
            found[tenant, owners[tenant, key]].append(event)
    return found


def _execution(execution_id: str, events: Sequence[Recorded]) -> Iterator[str]:
    told, ended = [], False
    fold = Fold(execution_id)
    for event in events:
        moment = fold.take(event)
        if moment is not None:
            told.append(moment)
            if ended and moment.type not in _OF_RUNS:
                yield f"goes on after its end with {moment.type}"
            ended = fold.ended
    if [one.sequence for one in told] != list(range(1, len(told) + 1)):
        yield f"has the live events {[one.sequence for one in told]}"
    right = list(_expected(events))
    if _seen(told) != right:
        yield f"has live events {_seen(told)}, {right} are right"
    if [one.type for one in told].count("orchestration-start") != 1 or told[0].type != "orchestration-start":
        yield f"does not begin with its start, once: {[one.type for one in told]}"
    yield from _runs(events, told)


def _expected(events: Sequence[Recorded]) -> Iterator[tuple[int, str]]:
    failed = False
    for event in events:
        match event.msg:
            case plans.PlanUpdated(status=status):
                if status == "failed" and not failed:
                    yield event.position, "orchestration-complete"
                failed = status == "failed"
            case _ if type(event.msg) in _TOLD:
                assert event.msg is not None
                yield event.position, _TOLD[type(event.msg)]


def _runs(events: Sequence[Recorded], told: Sequence[Moment]) -> Iterator[str]:
    started = {key_of(event.stream) for event in events if isinstance(event.msg, runs.RunStarted)}
    starts = Counter(one.run.id for one in told if one.type == "agent-start" and one.run is not None)
    ends = Counter(one.run.id for one in told if one.type == "agent-complete" and one.run is not None)
    if set(starts) != started or set(starts.values()) - {1}:
        yield f"tells of the starts {starts}, {started} have started"
    if set(ends.values()) - {1}:
        yield f"tells of the ends {ends}"


async def _cut(world: World, execution: Execution, events: Sequence[Recorded]) -> AsyncIterator[str]:
    """However far it is read at a time, it comes to the same."""
    tenant, execution_id = execution
    head, random, right = await world.store.head(), Random(repr(execution)), list(_expected(events))
    entries = Entries(world.store, world.blobs)
    history = LiveHistory(tenant, execution_id, store=world.store, entries=entries)
    for upto in (*sorted(random.randint(0, head) for _ in range(CUTS)), head):
        await history.read(upto)
        then = [one for one in right if one[0] <= upto]
        if _seen(history.moments) != then:
            yield f"execution {execution_id} of {tenant}, read up to {upto}, has {_seen(history.moments)}, not {then}"


async def _watched(world: World, watched: Watched) -> AsyncIterator[str]:
    if watched.begin is None:
        return
    tenant, execution_id = watched.tenant, watched.execution_id
    entries = Entries(world.store, world.blobs)
    history = LiveHistory(tenant, execution_id, store=world.store, entries=entries)
    await history.read(await world.store.head())
    whole = [(one.sequence, one.position, one.text) for one in await history.entries(tuple(history.moments))]
    right = whole[watched.begin :]
    if watched.got != (right if watched.open else right[: len(watched.got)]):
        numbers = [sequence for sequence, _, _ in watched.got]
        yield (
            f"who watched execution {execution_id} of {tenant} from {watched.begin} on saw {numbers}"
            f"{' to the end' if watched.open else ''}, there are {len(whole)} live events"
        )


def _seen(moments: Sequence[Moment]) -> list[tuple[int, str]]:
    return [(one.position, one.type) for one in moments]
