"""One attempt at a step: what it may use, what it used, how it ended. Stream: run-<id>."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    FAILURE_INTERRUPTED,
    FAILURE_TIMEOUT,
    AgentThinking,
    Failure,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunAcknowledged,
    RunCompleted,
    RunFailed,
    RunStarted,
    TokensGranted,
    TokensRefused,
    TokensRequested,
    ToolCalled,
    ToolReturned,
    UsageReported,
    Work,
    WorkHandedOn,
)
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.decider import Decider
from reveille.kernel.errors import Rejected
from reveille.kernel.events import About
from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun:
    """deadline: of a remote agent's run; 0 is none, for the pool keeps to a time-out by itself."""

    now: int
    work: Work
    deadline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Something that the run tells of itself while it goes on. `number`: of its reports, from 0."""

    now: int
    number: int
    event: AgentThinking | ToolCalled | ToolReturned | WorkHandedOn


@dataclass(frozen=True, slots=True, kw_only=True)
class CallModel:
    now: int
    call: int
    model: str
    cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAnswer:
    now: int
    answer: ModelAnswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """tokens: what a remote agent says that it has used in all. partial: what it had when its tokens were spent.

    dropped: see RunCompleted, and so for Fail.
    """

    now: int
    result: Sealed
    tokens: int = 0
    partial: bool = False
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    now: int
    reason: Failure
    error: Sealed
    retry: bool
    tokens: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """Whoever ran it is gone."""

    now: int
    error: str = "its owner is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Nobody wants its result any more. queued: it has not been begun, and is not to be."""

    now: int
    work: Work
    queued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """The remote agent has its task."""

    now: int
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUsage:
    """What a remote agent has used so far, in all."""

    now: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """A remote agent's time is up."""

    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The run asks the ledger for more tokens. `request` counts what it asks, from 1."""

    now: int
    request: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The ledger has reserved what the run asked for."""

    now: int
    request: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    now: int
    request: int
    left: int


Command = (
    StartRun
    | Report
    | CallModel
    | TakeAnswer
    | Complete
    | Fail
    | Interrupt
    | Cancel
    | Acknowledge
    | ReportUsage
    | Expire
    | Ask
    | Grant
    | Refuse
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """calls: the caps of model calls without an answer. used: by the answered ones. reports: how many there are."""

    work: Work | None = None
    ended: bool = False
    calls: Mapping[int, int] = field(default_factory=dict)
    used: int = 0
    reports: int = 0
    # Of a remote agent: what it said that it has used in all, and the connection that said it has the task.
    reported: int = 0
    session: str = ""
    # What it got besides what it started with, and how many of its requests were made and answered.
    granted: int = 0
    asked: int = 0
    answered: int = 0

    @property
    def charged(self) -> int:
        """What an end now would charge: a call in flight counts with its cap."""
        return self.used + self.reported + sum(self.calls.values())

    @property
    def left(self) -> int:
        return 0 if self.work is None else max(0, self.work.tokens + self.granted - self.charged)


def decide(command: Command, state: Run) -> list[Message]:
    match command:
        case StartRun(work=work):
            return [] if state.work else [_started(work, command.deadline)]
        case Cancel(work=work, queued=True) if state.work is None:
            return [_cancelled(state, work)]
        case _ if state.work is None:
            raise Rejected("a run that never started cannot go on")
        case TakeAnswer(answer=answer):
            return _answered(answer, state, state.work)
        case Complete(tokens=tokens) | Fail(tokens=tokens) | ReportUsage(tokens=tokens) if state.ended:
            return _used_late(tokens, state, state.work)
        case Interrupt() | Cancel() | Expire() | Acknowledge() if state.ended:
            return []
        case Grant(request=request) | Refuse(request=request) if state.ended or request <= state.answered:
            return []  # what an ended run was granted, its settlement releases
        case _ if state.ended:
            raise Rejected(f"run {state.work.run_id} has ended")
        case Ask(request=request) if request <= state.asked:
            return []  # told again after an unknown outcome
        case Ask():
            return [TokensRequested(work=state.work, request=command.request, tokens=command.tokens)]
        case Grant():
            return [TokensGranted(run_id=state.work.run_id, request=command.request, tokens=command.tokens)]
        case Refuse():
            return [TokensRefused(run_id=state.work.run_id, request=command.request, left=command.left)]
        case Report(number=number) if number < state.reports:
            return []  # told again after an unknown outcome
        case Report(event=event):
            return [event]
        case CallModel(call=call) if call in state.calls:
            return []  # told again after an unknown outcome: its cap is charged already
        case CallModel(cap=cap) if cap > state.left:
            raise Rejected(f"run {state.work.run_id} has {state.left} tokens left, the call may use {cap}")
        case CallModel():
            return [ModelCalled(run_id=state.work.run_id, call=command.call, model=command.model, cap=command.cap)]
        case Complete(result=result):
            used = max(state.charged, command.tokens)
            completed = RunCompleted(work=state.work, tokens_used=used, result=result, partial=command.partial)
            completed.dropped = command.dropped
            return [completed]
        case Fail():
            failed = _failed(state, state.work, command.reason, command.error, command.retry, command.tokens)
            failed.dropped = command.dropped
            return [failed]
        case Interrupt():
            return [_failed(state, state.work, FAILURE_INTERRUPTED, Sealed(data=command.error.encode()), True)]
        case Cancel():
            return [_cancelled(state, state.work)]
        case Acknowledge(session=session):
            if session == state.session:
                return []
            return [RunAcknowledged(run_id=state.work.run_id, session=session)]
        case ReportUsage(tokens=tokens):
            return [UsageReported(run_id=state.work.run_id, tokens_used=tokens)] if tokens > state.reported else []
        case Expire():
            error = Sealed(data=b"no result by its deadline")
            return [_failed(state, state.work, FAILURE_TIMEOUT, error, True)]
        case _:
            assert_never(command)


def _started(work: Work, deadline: int) -> RunStarted:
    started = RunStarted(work=work)
    if deadline:
        started.deadline.FromMicroseconds(deadline)
    return started


def _failed(state: Run, work: Work, reason: Failure, error: Sealed, retry: bool, tokens: int = 0) -> RunFailed:
    return RunFailed(work=work, tokens_used=max(state.charged, tokens), reason=reason, error=error, retry=retry)


def _cancelled(state: Run, work: Work) -> RunFailed:
    return _failed(state, work, FAILURE_CANCELLED, Sealed(data=b"nobody wants its result any more"), False)


def _used_late(tokens: int, state: Run, work: Work) -> list[Message]:
    """A report after the end changes nothing but what the end had not charged."""
    if not work.remote or tokens <= state.charged:
        return []
    used = UsageReported(run_id=work.run_id, tokens_used=tokens)
    return [used, LateUsageFound(work=work, tokens=tokens - state.charged)]


def _answered(answer: ModelAnswered, state: Run, work: Work) -> list[Message]:
    """An answer after the end adds only what exceeds the cap that the end had charged."""
    if answer.call not in state.calls:
        return []
    more = answer.input_tokens + answer.output_tokens - state.calls[answer.call]
    if state.ended and more > 0:
        return [answer, LateUsageFound(work=work, tokens=more)]
    return [answer]


def evolve(state: Run, event: Message, about: About) -> Run:
    match event:
        case RunStarted(work=work):
            return replace(state, work=work)
        case ModelCalled(call=call, cap=cap):
            return replace(state, calls={**state.calls, call: cap})
        case ModelAnswered(call=call):
            calls = {key: cap for key, cap in state.calls.items() if key != call}
            return replace(state, calls=calls, used=state.used + event.input_tokens + event.output_tokens)
        case AgentThinking() | ToolCalled() | ToolReturned() | WorkHandedOn():
            return replace(state, reports=state.reports + 1)
        case TokensRequested(request=request):
            return replace(state, asked=request)
        case TokensGranted(request=request, tokens=tokens):
            return replace(state, granted=state.granted + tokens, answered=request)
        case TokensRefused(request=request):
            return replace(state, answered=request)
        case RunAcknowledged(session=session):
            return replace(state, session=session)
        case UsageReported(tokens_used=tokens):
            return replace(state, reported=tokens)
        case RunCompleted(work=work, tokens_used=tokens) | RunFailed(work=work, tokens_used=tokens):
            # One that was never begun has its end for a beginning.
            ended = replace(state, work=state.work or work, ended=True)
            return replace(ended, reported=tokens) if work.remote else ended
    return state


decider: Final = Decider(category="run", initial=Run(), decide=decide, evolve=evolve, opening=(StartRun,))
