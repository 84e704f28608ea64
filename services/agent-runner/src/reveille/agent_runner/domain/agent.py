"""When an agent wakes for work that the ledger has released, and when it sleeps again. Stream: agent-<id>."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, assert_never

from google.protobuf.message import Message
from immutables import Map

from reveille.contracts.agent_runner.v1.events_pb2 import AgentSlept, AgentWoken, RunLeft, RunQueued, Work
from reveille.kernel.decider import Decided, Decider
from reveille.kernel.events import About
from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Work whose tokens are reserved."""

    now: int
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A run of this agent ended."""

    now: int
    agent: str
    run_id: str


Command = Offer | Leave


@dataclass(frozen=True, slots=True)
class Queued:
    work: bytes
    about: About


@dataclass(frozen=True, slots=True)
class Line:
    """First in, first out; keys are numbers as text, so that a line can be written down."""

    items: Map[str, Queued] = field(default_factory=Map)
    first: int = 0
    behind: int = 0

    def with_last(self, queued: Queued) -> "Line":
        return Line(self.items.set(str(self.behind), queued), self.first, self.behind + 1)

    def without_first(self) -> "Line":
        return Line(self.items.delete(str(self.first)), self.first + 1, self.behind)

    def head(self) -> Queued:
        return self.items[str(self.first)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """running: run ids. lines: by priority (as text); an empty line is left out."""

    running: Map[str, bool] = field(default_factory=Map)
    lines: Map[str, Line] = field(default_factory=Map)


def decide(command: Command, state: Agent) -> list[Decided]:
    match command:
        case Offer(work=work) if work.run_id in state.running:
            return []
        case Offer(work=work):
            free = len(state.running) < max(1, work.max_instances)
            return [AgentWoken(work=work)] if free and not state.lines else [RunQueued(work=work)]
        case Leave(run_id=run_id) if run_id not in state.running:
            return []
        case Leave():
            return _leave(command, state)
        case _:
            assert_never(command)


def _leave(command: Leave, state: Agent) -> list[Decided]:
    """Its place goes to whoever waits longest with the highest priority; that one keeps what it is about."""
    left = RunLeft(agent=command.agent, run_id=command.run_id)
    rest = evolve(state, left, About(""))
    woken = list(_woken(rest))
    if woken or rest.running:
        return [left, *woken]
    return [AgentSlept(agent=command.agent, run_id=command.run_id)]


def _woken(state: Agent) -> Iterable[Decided]:
    while state.lines:
        queued = state.lines[_highest(state)].head()
        work = Work.FromString(queued.work)
        if len(state.running) >= max(1, work.max_instances):
            return
        woken = AgentWoken(work=work, waited=True)
        yield woken, queued.about
        state = evolve(state, woken, queued.about)


def _highest(state: Agent) -> str:
    return max(state.lines, key=int)


def evolve(state: Agent, event: Message, about: About) -> Agent:
    match event:
        case AgentWoken(work=work, waited=waited):
            state = replace(state, running=state.running.set(work.run_id, True))
            return _without_first(state, str(work.priority)) if waited else state
        case RunQueued(work=work):
            key = str(work.priority)
            line = state.lines.get(key) or Line()
            queued = Queued(work.SerializeToString(), about)
            return replace(state, lines=state.lines.set(key, line.with_last(queued)))
        case AgentSlept(run_id=run_id) | RunLeft(run_id=run_id) if run_id in state.running:
            return replace(state, running=state.running.delete(run_id))
    return state


def _without_first(state: Agent, priority: str) -> Agent:
    rest = state.lines[priority].without_first()
    return replace(state, lines=state.lines.set(priority, rest) if rest.items else state.lines.delete(priority))


decider: Final = Decider(category="agent", initial=Agent(), decide=decide, evolve=evolve, snapshot_every=10_000)
