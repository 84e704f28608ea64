"""What an agent's stream knows: its runs, its lines, its connections; and how its events change that."""

from dataclasses import dataclass, field

from google.protobuf.message import Message
from immutables import Map

from reveille.agent_runner.domain.connections import Connections
from reveille.agent_runner.domain.line import Line, Queued
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentBudgetSpent,
    AgentConnected,
    AgentDisconnected,
    AgentHibernated,
    AgentReinstated,
    AgentRetired,
    AgentRoused,
    AgentSlept,
    AgentWoken,
    RunAbandoned,
    RunLeft,
    RunQueued,
    RunResumed,
    Work,
    WorkRevoked,
)
from reveille.kernel.events import About
from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True)
class Begun:
    """Work that the agent has been woken for, as it was then. revoked: nobody wants its result any more."""

    work: bytes
    about: About
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """running: by run id. lines: by priority and who can take it (see `_line_of`); an empty line is left out.

    hibernates: until then; 0 is for good, None that it does not. spent: its budget is, until then. retired: the fleet
    has no such remote agent.
    """

    running: Map[str, Begun] = field(default_factory=Map)
    lines: Map[str, Line] = field(default_factory=Map)
    connections: Connections = field(default_factory=Connections)
    hibernates: int | None = None
    spent: int = 0
    retired: bool = False

    def queued(self, run_id: str) -> Queued | None:
        return next((one for line in self.lines.values() if (one := line.get(run_id))), None)


def line_of(work: Work) -> str:
    return f"{work.priority}r" if work.remote else str(work.priority)


def is_remote(line: str) -> bool:
    return line.endswith("r")


def rank(line: str) -> tuple[int, bool]:
    return int(line.removesuffix("r")), is_remote(line)


def evolve(state: Agent, event: Message, about: About) -> Agent:
    match event:
        case AgentWoken(work=work, waited=waited):
            begun = Begun(work.SerializeToString(), about)
            state = replace(state, running=state.running.set(work.run_id, begun))
            if state.hibernates is not None:
                state = replace(state, hibernates=None)
            if work.remote:
                state = replace(state, connections=state.connections.taking(work, about))
            return _without(state, work) if waited else state
        case RunQueued(work=work):
            key = line_of(work)
            line = state.lines.get(key) or Line()
            queued = Queued(work.run_id, work.SerializeToString(), about)
            return replace(state, lines=state.lines.set(key, line.with_last(queued)))
        case AgentSlept(run_id=run_id) | RunLeft(run_id=run_id) if run_id in state.running:
            state = replace(state, running=state.running.delete(run_id))
            if run_id in state.connections.runs:
                state = replace(state, connections=state.connections.without(run_id))
            return state
        case AgentConnected(session=session, capacity=capacity):
            return replace(state, connections=state.connections.opened(session, capacity))
        case AgentDisconnected(session=session):
            return replace(state, connections=state.connections.closed(session))
        case RunResumed(work=work):
            return replace(state, connections=state.connections.moved(work))
        case WorkRevoked(work=work, queued=True):
            return _without(state, work)
        case WorkRevoked(work=work) if work.run_id in state.running:
            begun = replace(state.running[work.run_id], revoked=True)
            state = replace(state, running=state.running.set(work.run_id, begun))
            return replace(state, connections=state.connections.keeping(work.run_id))
        case RunAbandoned(work=work):
            return replace(state, connections=state.connections.giving_up(work.run_id))
        case AgentBudgetSpent():
            return replace(state, spent=event.until.ToMicroseconds())
        case AgentHibernated():
            return replace(state, hibernates=event.until.ToMicroseconds(), spent=0)
        case AgentRoused():
            return replace(state, hibernates=None)
        case AgentRetired() | AgentReinstated():
            return replace(state, retired=isinstance(event, AgentRetired))
    return state


def _without(state: Agent, work: Work) -> Agent:
    name = line_of(work)
    line = state.lines.get(name)
    if line is None:
        return state
    rest = line.without(work.run_id)
    return replace(state, lines=state.lines.set(name, rest) if rest.items else state.lines.delete(name))
