"""One attempt at a step: what it may use, what it used, how it ended. Stream: run-<id>."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_INTERRUPTED,
    AgentThinking,
    Failure,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    ToolCalled,
    ToolReturned,
    Work,
)
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.decider import Decider
from reveille.kernel.errors import Rejected
from reveille.kernel.events import About
from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun:
    now: int
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Something that the run tells of itself while it goes on. `number`: of its reports, from 0."""

    now: int
    number: int
    event: AgentThinking | ToolCalled | ToolReturned


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
    now: int
    result: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    now: int
    reason: Failure
    error: Sealed
    retry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupt:
    """Whoever ran it is gone."""

    now: int


Command = StartRun | Report | CallModel | TakeAnswer | Complete | Fail | Interrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """calls: the caps of model calls without an answer. used: by the answered ones. reports: how many there are."""

    work: Work | None = None
    ended: bool = False
    calls: Mapping[int, int] = field(default_factory=dict)
    used: int = 0
    reports: int = 0

    @property
    def charged(self) -> int:
        """What an end now would charge: a call in flight counts with its cap."""
        return self.used + sum(self.calls.values())

    @property
    def left(self) -> int:
        return 0 if self.work is None else max(0, self.work.tokens - self.charged)


def decide(command: Command, state: Run) -> list[Message]:
    match command:
        case StartRun(work=work):
            return [] if state.work else [RunStarted(work=work)]
        case _ if state.work is None:
            raise Rejected("a run that never started cannot go on")
        case TakeAnswer(answer=answer):
            return _answered(answer, state, state.work)
        case Complete() | Fail() | Interrupt() if state.ended:
            return []
        case _ if state.ended:
            raise Rejected(f"run {state.work.run_id} has ended")
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
            return [RunCompleted(work=state.work, tokens_used=state.charged, result=result)]
        case Fail():
            return [_failed(state, state.work, command.reason, command.error, command.retry)]
        case Interrupt():
            return [_failed(state, state.work, FAILURE_INTERRUPTED, Sealed(data=b"its owner is gone"), True)]
        case _:
            assert_never(command)


def _failed(state: Run, work: Work, reason: Failure, error: Sealed, retry: bool) -> RunFailed:
    return RunFailed(work=work, tokens_used=state.charged, reason=reason, error=error, retry=retry)


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
        case AgentThinking() | ToolCalled() | ToolReturned():
            return replace(state, reports=state.reports + 1)
        case RunCompleted() | RunFailed():
            return replace(state, ended=True)
    return state


decider: Final = Decider(category="run", initial=Run(), decide=decide, evolve=evolve, opening=(StartRun,))
