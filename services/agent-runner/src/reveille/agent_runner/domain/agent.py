"""When an agent wakes for work that the ledger has released, and when it sleeps again. Stream: agent-<id>."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.agent_runner.domain.agent_state import Agent, evolve, is_remote, rank
from reveille.agent_runner.domain.connections import Connections
from reveille.contracts.agent_runner.v1.events_pb2 import (
    HIBERNATION_BUDGET,
    HIBERNATION_IDLE,
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
from reveille.kernel.clock import SECOND
from reveille.kernel.decider import Decided, Decider
from reveille.kernel.errors import Rejected
from reveille.kernel.events import About
from reveille.kernel.timestamps import timestamp

# An agent that nothing has woken for a whole day has no daily work either: whoever looks through a fleet for agents
# that nobody needs finds it by that.
IDLE_AFTER: Final = 24 * 3600 * SECOND
# A client that lost its connection is back within a few seconds, a machine that restarts within half a minute.
RECONNECT_WITHIN: Final = 30 * SECOND
# Each is looked at when work is given out.
MAX_SESSIONS: Final = 64


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """Nobody wants the run's result any more."""

    now: int
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    now: int
    agent: str
    session: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    now: int
    agent: str
    session: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveOut:
    """A connection has come: it takes what has lost its own, and what waits."""

    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """No connection came back for the run in time."""

    now: int
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhaust:
    """Its budget is spent until then."""

    now: int
    agent: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Nothing has woken it for long."""

    now: int
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rouse:
    """What it hibernated for is over."""

    now: int
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """No connection of this agent will come any more. removed: the fleet has no agent of that name at all."""

    now: int
    agent: str
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate:
    """It may connect."""

    now: int
    agent: str


Command = Offer | Leave | Revoke | Connect | Disconnect | GiveOut | GiveUp | Exhaust | Idle | Rouse | Retire | Reinstate


def decide(command: Command, state: Agent) -> list[Decided]:
    match command:
        case Offer(work=work) if work.run_id in state.running or state.queued(work.run_id):
            return []
        case Offer(work=work):
            seated = None if _others_first(work, state) else _seated(work, state)
            return [RunQueued(work=work)] if seated is None else [*_begun(AgentWoken(work=seated), state)]
        case Leave(run_id=run_id) if run_id not in state.running:
            return []
        case Leave():
            return _leave(command, state)
        case Revoke(run_id=run_id):
            return _revoke(run_id, state)
        case Connect(session=session) if session in state.connections.sessions:
            return []
        case Connect(agent=agent) if len(state.connections.sessions) >= MAX_SESSIONS:
            raise Rejected(f"agent {agent} has {MAX_SESSIONS} connections, more are not taken")
        case Connect():
            return [AgentConnected(agent=command.agent, session=command.session, capacity=command.capacity)]
        case Disconnect(session=session) if session not in state.connections.sessions:
            return []
        case Disconnect():
            return _disconnect(command, state)
        case GiveOut():
            return list(_given_out(state))
        case GiveUp(run_id=run_id) if not state.connections.is_adrift(run_id):
            return []
        case GiveUp(run_id=run_id):
            taken = state.connections.runs[run_id]
            return [(RunAbandoned(work=Work.FromString(taken.work)), taken.about)]
        case Exhaust():
            return _exhaust(command, state)
        case Idle() if state.running or state.hibernates is not None:
            return []
        case Idle():
            return [AgentHibernated(agent=command.agent, reason=HIBERNATION_IDLE)]
        case Rouse() if not state.hibernates or command.now < state.hibernates:
            return []
        case Rouse():
            return [AgentRoused(agent=command.agent, idle_at=timestamp(command.now + IDLE_AFTER))]
        case Retire(removed=removed):
            return _retire(command, state) if not state.retired and (removed or _connects(state)) else []
        case Reinstate():
            return [AgentReinstated(agent=command.agent)] if state.retired else []
        case _:
            assert_never(command)


def _others_first(work: Work, state: Agent) -> bool:
    """What waits for the same place goes before what comes."""
    return any(work.remote == is_remote(line) for line in state.lines) or (
        work.remote and bool(state.connections.of(""))
    )


def _seated(work: Work, state: Agent) -> Work | None:
    """The work as it can start now; a remote agent's with the connection that takes it."""
    if len(state.running) >= max(1, work.max_instances):
        return None
    if work.remote and state.retired:
        return work
    return _with_session(work, state.connections) if work.remote else work


def _begun(woken: AgentWoken, state: Agent) -> Sequence[Message]:
    """What no connection will take is begun all the same, so that it fails as a run and its tokens come back."""
    if woken.work.remote and state.retired:
        return [woken, RunAbandoned(work=woken.work, retired=True)]
    return [woken]


def _connects(state: Agent) -> bool:
    return bool(state.connections.sessions or state.connections.runs) or any(map(is_remote, state.lines))


def _retire(command: Retire, state: Agent) -> list[Decided]:
    retired = AgentRetired(agent=command.agent)
    return [retired, *_given_out(evolve(state, retired, About("")))]


def _with_session(work: Work, connections: Connections) -> Work | None:
    session = connections.free()
    if session is None:
        return None
    seated = Work()
    seated.CopyFrom(work)
    seated.session = session
    return seated


def _leave(command: Leave, state: Agent) -> list[Decided]:
    """Its place goes to whoever waits longest with the highest priority; that one keeps what it is about."""
    adrift = command.run_id in state.connections.runs and not state.connections.runs[command.run_id].session
    left = RunLeft(agent=command.agent, run_id=command.run_id, adrift=adrift)
    rest = evolve(state, left, About(""))
    follows = list(_given_out(rest))
    if follows or rest.running:
        return [left, *follows]
    idle_at = timestamp(command.now + IDLE_AFTER)
    slept = AgentSlept(agent=command.agent, run_id=command.run_id, idle_at=idle_at, adrift=adrift)
    if state.spent > command.now:
        return [slept, _hibernated(command.agent, state.spent)]
    return [slept]


def _revoke(run_id: str, state: Agent) -> list[Decided]:
    """Of a run that goes on the end is told by its own stream; its place comes free then."""
    if queued := state.queued(run_id):
        revoked = WorkRevoked(work=Work.FromString(queued.work), queued=True)
        # Its fleet may let the agent have fewer runs than theirs lets those behind it have.
        return [(revoked, queued.about), *_given_out(evolve(state, revoked, queued.about))]
    begun = state.running.get(run_id)
    if begun is None or begun.revoked:
        return []
    taken = state.connections.runs.get(run_id)
    return [(WorkRevoked(work=Work.FromString(taken.work if taken else begun.work)), begun.about)]


def _disconnect(command: Disconnect, state: Agent) -> list[Decided]:
    """What it had goes to another connection at once, where one has room, and else waits for one to come."""
    gone = AgentDisconnected(agent=command.agent, session=command.session, reason=command.reason)
    lost = [id for id, _ in state.connections.of(command.session)]
    rest = evolve(state, gone, About(""))
    resumed = list(_resumed(rest))
    taken = {event.work.run_id for event, _ in resumed}
    if waiting := [id for id in lost if id not in taken]:
        gone.run_ids.extend(waiting)
        gone.until.CopyFrom(timestamp(command.now + RECONNECT_WITHIN))
    return [gone, *resumed]


def _exhaust(command: Exhaust, state: Agent) -> list[Decided]:
    if command.until <= command.now:
        return []
    if state.running:
        if state.spent >= command.until:
            return []
        return [AgentBudgetSpent(agent=command.agent, until=timestamp(command.until))]
    if state.hibernates is not None and state.hibernates >= command.until:
        return []
    return [_hibernated(command.agent, command.until)]


def _hibernated(agent: str, until: int) -> AgentHibernated:
    return AgentHibernated(agent=agent, reason=HIBERNATION_BUDGET, until=timestamp(until))


def _given_out(state: Agent) -> Iterator[Decided]:
    """Runs that lost their connection go before those that have not begun."""
    for resumed in _resumed(state):
        yield resumed
        state = evolve(state, *resumed)
    yield from _woken(state)


def _resumed(state: Agent) -> Iterator[tuple[RunResumed, About]]:
    if state.retired or not state.connections.runs:
        return
    for _, taken in state.connections.of(""):
        work = _with_session(Work.FromString(taken.work), state.connections)
        if work is None:
            return
        resumed = RunResumed(work=work)
        yield resumed, taken.about
        state = evolve(state, resumed, taken.about)


def _woken(state: Agent) -> Iterator[Decided]:
    """Local and remote work wait in lines of their own: an agent may have been made the other by its fleet."""
    shut: set[bool] = set()
    while names := [name for name in state.lines if is_remote(name) not in shut]:
        queued = state.lines[max(names, key=rank)].head()
        work = Work.FromString(queued.work)
        seated = _seated(work, state)
        if seated is None:
            shut.add(work.remote)
            continue
        for event in _begun(AgentWoken(work=seated, waited=True), state):
            yield event, queued.about
            state = evolve(state, event, queued.about)


decider: Final = Decider(
    category="agent", initial=Agent(), decide=decide, evolve=evolve, snapshot_every=10_000, version=4
)
