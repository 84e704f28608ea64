"""Promise 4 in plans: attempts follow each other, what is revoked is never used, what holds is not done again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import FAILURE_INTERRUPTED, RunCompleted, RunFailed
from reveille.contracts.budget.v1.events_pb2 import ReservationWithdrawn, TokensDenied
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCancelling,
    PlanUpdated,
    ResultDiscarded,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepRetryScheduled,
    StepRevoked,
)
from reveille.kernel.events import Recorded, tenant_of
from tests.simulation.blueprints import never_done
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.checker.plan_log import plan_log, read_by
from tests.simulation.scenes import is_rash

# An attempt whose owner vanished this often is given up.
MOST_INTERRUPTIONS: Final = 10
Run = tuple[str, str]


@dataclass(slots=True)
class Attempts:
    """Of one step. attempt: the latest one that ever was. open: it counts. held: what its result was done with."""

    planned: StepPlanned
    attempt: int = 0
    open: bool = False
    digest: str = ""
    held: str = ""
    failures: int = 0
    interruptions: int = 0
    retrying: bool = False


@dataclass(slots=True)
class Ends:
    """What became of runs, by tenant and id."""

    runs: dict[Run, RunCompleted | RunFailed] = field(default_factory=dict)
    denied: set[Run] = field(default_factory=set)
    withdrawn: set[Run] = field(default_factory=set)


def check(history: History) -> Iterator[Broken]:
    ends = _ends(history)
    for stream, events in history.executions(plans=True):
        for what in (*_steps(history, stream, events, ends), *_revoked(stream, events, ends), *_undone(stream, events)):
            yield Broken(promise=4, what=f"{stream} {what}")


def _ends(history: History) -> Ends:
    ends = Ends()
    for event in history.log:
        tenant = tenant_of(event.stream)
        match event.msg:
            case RunCompleted(work=work) | RunFailed(work=work):
                ends.runs[tenant, work.run_id] = event.msg
            case TokensDenied(reservation=asked):
                ends.denied.add((tenant, asked.run_id))
            case ReservationWithdrawn(run_id=run_id):
                ends.withdrawn.add((tenant, run_id))
    return ends


def _steps(history: History, stream: str, events: Sequence[Recorded], ends: Ends) -> Iterator[str]:
    steps: dict[str, Attempts] = {}
    latest: Counter[str] = Counter()
    ready: dict[tuple[str, int], StepReady] = {}
    over = cancelling = False
    for event in events:
        if over and not isinstance(event.msg, ResultDiscarded | PlanUpdated):
            yield f"goes on after its end with {event.type}"
        match event.msg:
            case StepPlanned(step=step):
                steps[step] = Attempts(event.msg, latest[step])
            case StepAdopted(completed=completed):
                steps[completed.step].held = completed.digest
            case StepReady(step=step, attempt=attempt) as begun:
                yield from _begun(steps[step], latest[step], begun)
                if cancelling and not begun.HasField("undoes"):
                    yield f"begins attempt {attempt} at {step}, and it is being cancelled"
                latest[step], ready[step, attempt] = attempt, begun
            case StepCompleted(step=step, attempt=attempt):
                if not steps[step].open or attempt != steps[step].attempt:
                    yield f"takes the result of attempt {attempt} at {step} in attempt {steps[step].attempt}"
                steps[step].open, steps[step].held = False, event.msg.digest
            case StepRetryScheduled(step=step, attempt=attempt):
                one = steps[step]
                if not one.open or attempt != one.attempt:
                    yield f"tries {step} again after attempt {attempt} in attempt {one.attempt}"
                one.open, one.retrying = False, True
                one.interruptions += event.msg.interrupted
                one.failures += not event.msg.interrupted
            case StepFailed(step=step, attempt=attempt):
                if not steps[step].open or attempt != steps[step].attempt:
                    yield f"fails {step} with attempt {attempt} in attempt {steps[step].attempt}"
                steps[step].open = False
                run = (tenant_of(stream), ready[step, attempt].run_id)
                yield from _had_to_fail(history, steps[step], ready[step, attempt], event.msg, ends.runs.get(run))
            case StepRevoked(step=step, attempt=attempt, agent=agent):
                if attempt != steps[step].attempt or agent != ready[step, attempt].agent:
                    yield f"revokes attempt {attempt} of {agent} at {step} in attempt {steps[step].attempt}"
                steps[step].open = False
            case ExecutionCancelling():
                cancelling = True
            case ExecutionCancelled():
                over = True


def _begun(one: Attempts, latest: int, begun: StepReady) -> Iterator[str]:
    if one.open or begun.attempt != latest + 1:
        yield f"makes attempt {begun.attempt} at {begun.step} ready in attempt {latest}"
    if begun.digest and begun.digest == one.held:
        yield f"does {begun.step} again with what it has the result of"
    if begun.digest != one.digest:
        one.failures = one.interruptions = 0
    one.attempt, one.open, one.digest, one.retrying = begun.attempt, True, begun.digest, False


def _had_to_fail(
    history: History, one: Attempts, ready: StepReady, failed: StepFailed, run: RunCompleted | RunFailed | None
) -> Iterator[str]:
    if failed.reason in ("budget", "rejected"):
        if not ready.tokens:
            yield f"fails {ready.step} for its budget, and it takes no tokens"
        return
    if isinstance(run, RunCompleted) and failed.reason == "error" and _is_rash(history, ready):
        return  # it has answered what its role must not answer
    if not isinstance(run, RunFailed):
        yield f"fails {ready.step} ({failed.reason}), and its run has not failed"
    elif run.reason == FAILURE_INTERRUPTED:
        if one.interruptions < MOST_INTERRUPTIONS:
            yield f"fails {ready.step} after {one.interruptions} interruptions"
    elif not run.retry:
        yield f"fails {ready.step} with a run that was not to be tried again: {failed.reason}"
    elif one.failures + 1 != one.planned.attempts:
        yield f"fails {ready.step} after {one.failures + 1} of {one.planned.attempts} attempts"


def never_completed(history: History) -> Iterator[Broken]:
    """What an agent can never do is not done."""
    for event, completed in history.all(StepCompleted):
        if completed.digest and ":" not in completed.step:
            ready = next(
                one.msg
                for one in reversed(history.streams[event.stream][: event.revision])
                if isinstance(one.msg, StepReady) and one.msg.step == completed.step
            )
            owner = completed.step.partition("[")[0]
            faulty = ready.agent.endswith("faulty") and never_done(owner, read_by(history, ready))
            if faulty or _is_rash(history, ready):
                yield Broken(promise=4, what=f"{event.stream} completes {completed.step}, which cannot be done")


def _is_rash(history: History, ready: StepReady) -> bool:
    return ready.agent.endswith("rash") and is_rash(ready.step, read_by(history, ready))


def _revoked(stream: str, events: Sequence[Recorded], ends: Ends) -> Iterator[str]:
    """Its run has ended or was never admitted, and what it came to is not used."""
    tenant = tenant_of(stream)
    discarded = Counter(one.msg.run_id for one in events if isinstance(one.msg, ResultDiscarded))
    revoked = Counter(one.msg.run_id for one in events if isinstance(one.msg, StepRevoked))
    used = {one.msg.run_id for one in events if isinstance(one.msg, StepCompleted)}
    for run_id, count in revoked.items():
        run = (tenant, run_id)
        if count > 1:
            yield f"revokes run {run_id} {count} times"
        if run_id in used:
            yield f"uses the result of run {run_id}, which it has revoked"
        ended = run in ends.runs or run in ends.denied
        if ended == (run in ends.withdrawn):
            yield f"has revoked run {run_id}, which was {'ended and' if ended else 'neither ended nor'} withdrawn"
        if discarded[run_id] != ended:
            yield f"has discarded revoked run {run_id} {discarded[run_id]} times, it has {'' if ended else 'not '}ended"
    for run_id in discarded.keys() - revoked.keys():
        yield f"discards run {run_id}, which it has not revoked"


def _undone(stream: str, events: Sequence[Recorded]) -> Iterator[str]:
    """A plan that was to be cancelled is, and each of its steps that can be undone was, once, the last one first."""
    log = plan_log(stream, events)
    if log.at_cancelling is None:
        return
    if not log.cancelled or log.updated[-1].status != "cancelled":
        yield f"was to be cancelled, and is {log.updated[-1].status}"
    right = []
    for step in reversed(log.defined.blueprint.steps):
        for name, node in reversed(log.at_cancelling.items()):
            done = node.status == "done" and node.completed is not None and not node.adopted
            if step.compensate and done and step.name in (name, node.planned.of):
                assert node.completed is not None
                right.append(node.completed.ref)
    undone = [ref for place, ref in enumerate(log.undone) if ref not in log.undone[:place]]
    if undone != right:
        yield f"undoes {[ref.stream for ref in undone]}, {[ref.stream for ref in right]} are right"
