"""Promise 8: from recorded causes, in recorded order, each stream's events follow again, from fresh code."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from reveille.adapters import cel, cron, patterns
from reveille.adapters.inline_store import InlineEventStore
from reveille.agent_runner.application import timers as runner_timers
from reveille.agent_runner.application.handling import reactors as runner_reactors
from reveille.agent_runner.domain import agent, run
from reveille.analyzer.application import timers as analyzer_timers
from reveille.analyzer.application.analyzing import Analyzing
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.handling import Waking
from reveille.analyzer.domain import analysis, pattern, watch
from reveille.budget.application import timers as ledger_timers
from reveille.budget.application.handling import Accounting
from reveille.budget.domain import estimate, ledger
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_INTERRUPTED,
    AgentConnected,
    AgentDisconnected,
    AgentThinking,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunAcknowledged,
    RunCompleted,
    RunFailed,
    TokensRequested,
    ToolCalled,
    ToolReturned,
    UsageReported,
    WorkHandedOn,
)
from reveille.kernel.decider import Command, Decider
from reveille.kernel.errors import Poison, Rejected
from reveille.kernel.events import Recorded, category_of
from reveille.kernel.facts import Facts
from reveille.kernel.processing import Reactor
from reveille.kernel.timers import Due
from reveille.planner.application import timers as execution_timers
from reveille.planner.bootstrap import digests_of, planning
from reveille.planner.domain import execution
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History, together
from tests.simulation.services import KEY

TIMERS: Final[Mapping[str, Any]] = {
    "ledger": ledger_timers,
    "execution": execution_timers,
    "watch": analyzer_timers,
    "pattern": analyzer_timers,
    "agent": runner_timers,
    "run": runner_timers,
}
# A report that is in the log was new.
ALL_BEFORE: Final = 1 << 30


class _Code:
    """Deciders and reactors as a process that starts now has them."""

    def __init__(self, store: InlineEventStore, key: bytes) -> None:
        facts, digests = Facts(store), digests_of(key)
        rules = Rules(facts, where=cel.where, paths=lambda names: patterns.paths(tuple(names)))
        self.deciders: Mapping[str, Decider] = {
            decider.category: decider
            for decider in (
                watch.decider,
                pattern.decider(cron.next_time),
                analysis.decider,
                execution.decider(digests),
                ledger.decider,
                estimate.decider,
                agent.decider,
                run.decider,
            )
        }
        self.reactors: Mapping[str, Mapping[str, Reactor]] = {
            "watch": Waking(facts, rules).reactors(),
            "pattern": Waking(facts, rules).reactors(),
            "analysis": Analyzing(store, facts).reactors(),
            "execution": planning(facts, digests).reactors(),
            "ledger": Accounting(facts).reactors(),
            "estimate": Accounting(facts).reactors(),
            "agent": runner_reactors(facts),
            "run": runner_reactors(facts),
        }


async def check(history: History, store: InlineEventStore, *, key: bytes = KEY) -> list[Broken]:
    """key: what the platform whose history it is makes digests with."""
    code = _Code(store, key)
    broken = []
    for stream, events in history.streams.items():
        if category_of(stream) in code.deciders:
            broken += [Broken(promise=8, what=what) async for what in _stream(history, code, stream, events)]
    return broken


async def _stream(history: History, code: _Code, stream: str, events: Sequence[Recorded]) -> Any:
    decider = code.deciders[category_of(stream)]
    state = decider.initial
    for group in _decisions(events):
        wrong: list[str] = []
        try:
            # A cause may have set several timers; one of them is this one's.
            for command in await _commands(history, code, stream, group):
                what = _compare(history, group, list(decider.decide(command, state)))
                if not what:
                    wrong.clear()
                    break
                wrong.append(what)
        except (Poison, Rejected, LookupError) as error:
            yield f"{stream} revision {group[0].revision}: {type(error).__name__}: {error}"
            return
        if wrong:
            yield f"{stream} revision {group[0].revision}: {wrong[0]}"
        for event in group:
            assert event.msg is not None
            state = decider.evolve(state, event.msg, event.meta.about)


def _decisions(events: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """What was decided at once. Reports of one run share their cause and are decisions of their own."""
    for group in together(events):
        if group[0].meta.origin.sender or category_of(group[0].stream) not in ("run", "agent"):
            yield group
            continue
        if category_of(group[0].stream) == "agent":
            # Neither does a connection that comes have a cause; what it leaves behind follows it.
            yield from _each_with_what_follows(group)
            continue
        reports: list[list[Recorded]] = []
        for event in group:
            if isinstance(event.msg, LateUsageFound) and reports:
                reports[-1].append(event)
            else:
                reports.append([event])
        yield from reports


def _each_with_what_follows(group: Sequence[Recorded]) -> list[list[Recorded]]:
    said: list[list[Recorded]] = []
    for event in group:
        if not said or isinstance(event.msg, AgentConnected | AgentDisconnected):
            said.append([])
        said[-1].append(event)
    return said


async def _commands(history: History, code: _Code, stream: str, group: Sequence[Recorded]) -> list[Command]:
    origin, now, category = group[0].meta.origin, group[0].meta.time, category_of(stream)
    if not origin.sender and (category == "run" or isinstance(group[0].msg, AgentConnected | AgentDisconnected)):
        return [_report(group[0].msg, now)]
    cause = history.by_id[origin.cause]
    if origin.sender:
        commands = dict(await code.reactors[category][cause.type](cause, now))
        return [commands[stream]]
    timers = TIMERS[category]
    assert cause.msg is not None
    return [
        timers.fires(Due(stream, timer.name, timer.due, cause.meta.about, cause.id), now)
        for timer in timers.SETS[cause.type](cause.msg)
        if timer.due is not None
    ]


def _report(msg: Message | None, now: int) -> Command:
    """What a run, or an agent that connects, told, taken as recorded; what follows from it is decided again."""
    match msg:
        case ModelCalled() as called:
            return run.CallModel(now=now, call=called.call, model=called.model, cap=called.cap)
        case ModelAnswered() as answer:
            return run.TakeAnswer(now=now, answer=answer)
        case AgentConnected() as came:
            return agent.Connect(now=now, agent=came.agent, session=came.session, capacity=came.capacity)
        case AgentDisconnected() as left:
            return agent.Disconnect(now=now, agent=left.agent, session=left.session, reason=left.reason)
        case RunAcknowledged(session=session):
            return run.Acknowledge(now=now, session=session)
        case UsageReported(tokens_used=tokens):
            return run.ReportUsage(now=now, tokens=tokens)
        case TokensRequested() as asked:
            return run.Ask(now=now, request=asked.request, tokens=asked.tokens)
        case RunCompleted(result=result) as completed:
            tokens = completed.tokens_used if completed.work.remote else 0
            return run.Complete(now=now, result=result, tokens=tokens, partial=completed.partial)
        case RunFailed(reason=reason) if reason == FAILURE_INTERRUPTED:
            return run.Interrupt(now=now)
        case RunFailed() as failed:
            tokens = failed.tokens_used if failed.work.remote else 0
            return run.Fail(now=now, reason=failed.reason, error=failed.error, retry=failed.retry, tokens=tokens)
        case AgentThinking() | ToolCalled() | ToolReturned() | WorkHandedOn() as said:
            return run.Report(now=now, number=ALL_BEFORE, event=said)
    raise LookupError(f"{msg!r} is no report of a run")


def _compare(history: History, group: Sequence[Recorded], decided: Sequence[Any]) -> str:
    cause = history.by_id.get(group[0].meta.origin.cause, group[0])  # an agent that connects has none
    about = cause.meta.about
    again = [one if isinstance(one, tuple) else (one, about) for one in decided]
    if [event.msg for event in group] != [msg for msg, _ in again]:
        return f"decided {_names(event.msg for event in group)}, now {_names(msg for msg, _ in again)}"
    for event, (_, its) in zip(group, again, strict=True):
        if event.meta.about.correlation != its.correlation:
            return f"{event.type} is about {event.meta.about.correlation}, now about {its.correlation}"
    return ""


def _names(messages: Any) -> str:
    return "; ".join(f"{type(msg).__name__}({str(msg)[:200]})".replace("\n", " ") for msg in messages)
