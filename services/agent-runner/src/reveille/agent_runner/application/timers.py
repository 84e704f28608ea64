"""The agent-runner's timers: when an agent has been idle for long, what hibernation ends with, how long a run waits."""

from collections.abc import Mapping, Sequence
from typing import Final

from google.protobuf.message import Message

from reveille.agent_runner.domain.agent import GiveUp, Idle, Rouse
from reveille.agent_runner.domain.run import Expire
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentDisconnected,
    AgentHibernated,
    AgentRoused,
    AgentSlept,
    RunAbandoned,
    RunCompleted,
    RunFailed,
    RunLeft,
    RunResumed,
    RunStarted,
)
from reveille.kernel.decider import Command
from reveille.kernel.events import key_of
from reveille.kernel.timers import Due, SetsTimers, Timer

IDLE: Final = "idle"
ROUSE: Final = "rouse"
DEADLINE: Final = "deadline"
# Of a run without a connection: its name and the run's id.
WAIT: Final = "wait"
_WOKEN: Final = (Timer(IDLE, None), Timer(ROUSE, None))
_NEVER_MIND: Final = (Timer(DEADLINE, None),)


def _woken(event: Message) -> Sequence[Timer]:
    return _WOKEN


def _slept(event: Message) -> Sequence[Timer]:
    assert isinstance(event, AgentSlept)
    idle = [Timer(IDLE, event.idle_at.ToMicroseconds())] if event.HasField("idle_at") else []
    return [*idle, _off(event.run_id)] if event.adrift else idle


def _left(event: Message) -> Sequence[Timer]:
    assert isinstance(event, RunLeft)
    return [_off(event.run_id)] if event.adrift else ()


def _hibernated(event: Message) -> Sequence[Timer]:
    assert isinstance(event, AgentHibernated)
    until = event.until.ToMicroseconds() if event.HasField("until") else None
    return [Timer(ROUSE, until), Timer(IDLE, None)]


def _roused(event: Message) -> Sequence[Timer]:
    assert isinstance(event, AgentRoused)
    return [Timer(IDLE, event.idle_at.ToMicroseconds()), Timer(ROUSE, None)]


def _disconnected(event: Message) -> Sequence[Timer]:
    assert isinstance(event, AgentDisconnected)
    return [Timer(f"{WAIT} {run_id}", event.until.ToMicroseconds()) for run_id in event.run_ids]


def _settled(event: Message) -> Sequence[Timer]:
    assert isinstance(event, RunResumed | RunAbandoned)
    return [_off(event.work.run_id)]


def _started(event: Message) -> Sequence[Timer]:
    assert isinstance(event, RunStarted)
    return [Timer(DEADLINE, event.deadline.ToMicroseconds())] if event.HasField("deadline") else ()


def _ended(event: Message) -> Sequence[Timer]:
    assert isinstance(event, RunCompleted | RunFailed)
    return _NEVER_MIND if event.work.remote else ()


def _off(run_id: str) -> Timer:
    return Timer(f"{WAIT} {run_id}", None)


SETS: Final[Mapping[str, SetsTimers]] = {
    "reveille.agent_runner.v1.AgentWoken": _woken,
    "reveille.agent_runner.v1.AgentSlept": _slept,
    "reveille.agent_runner.v1.RunLeft": _left,
    "reveille.agent_runner.v1.AgentHibernated": _hibernated,
    "reveille.agent_runner.v1.AgentRoused": _roused,
    "reveille.agent_runner.v1.AgentDisconnected": _disconnected,
    "reveille.agent_runner.v1.RunResumed": _settled,
    "reveille.agent_runner.v1.RunAbandoned": _settled,
    "reveille.agent_runner.v1.RunStarted": _started,
    "reveille.agent_runner.v1.RunCompleted": _ended,
    "reveille.agent_runner.v1.RunFailed": _ended,
}


def fires(due: Due, now: int) -> Command:
    name, _, run_id = due.name.partition(" ")
    match name:
        case "idle":
            return Idle(now=now, agent=key_of(due.stream))
        case "rouse":
            return Rouse(now=now, agent=key_of(due.stream))
        case "wait":
            return GiveUp(now=now, run_id=run_id)
        case "deadline":
            return Expire(now=now)
    raise LookupError(f"the agent-runner has no timer {due.name}")
