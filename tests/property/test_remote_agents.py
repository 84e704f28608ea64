"""Whatever becomes of a remote agent's connections: each run is with one of them at most, and none is lost."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.agent_runner.domain.agent import (
    Command,
    Connect,
    Disconnect,
    GiveOut,
    GiveUp,
    Leave,
    Offer,
    Revoke,
    decider,
)
from reveille.agent_runner.domain.agent_state import Agent
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentConnected,
    AgentDisconnected,
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
from tests.unit.manual_clock import NOON

INSTANCES = 4
OPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 3)), max_size=80)


@dataclass
class World:
    """What the events alone say, kept in another way than the decider keeps it."""

    state: Agent = field(default_factory=Agent)
    capacity: dict[str, int] = field(default_factory=dict)
    # By run: its connection; "" while it waits for one. Only runs that go on.
    with_whom: dict[str, str] = field(default_factory=dict)
    queued: list[str] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    offered: int = 0
    connected: int = 0

    def tell(self, command: Command) -> None:
        about = About(f"c{self.offered}")
        for decided in decider.decide(command, self.state):
            event, its = decided if isinstance(decided, tuple) else (decided, about)
            self.state = decider.evolve(self.state, event, its)
            self._take_in(event)
        self._check()

    def _take_in(self, event: object) -> None:
        match event:
            case AgentConnected(session=session, capacity=capacity):
                assert session not in self.capacity
                self.capacity[session] = capacity
                self.tell(GiveOut(now=NOON))
            case AgentDisconnected(session=session):
                del self.capacity[session]
                lost = [run for run, its in self.with_whom.items() if its == session]
                self.with_whom |= dict.fromkeys(lost, "")
                assert set(event.run_ids) <= set(lost) - self.revoked
            case AgentWoken(work=work, waited=waited):
                assert work.run_id not in self.with_whom
                assert work.session in self.capacity
                assert work.run_id not in self.revoked
                if waited:
                    self.queued.remove(work.run_id)
                self.with_whom[work.run_id] = work.session
            case RunQueued(work=work):
                self.queued.append(work.run_id)
            case RunResumed(work=work):
                assert self.with_whom[work.run_id] == ""
                assert work.session in self.capacity
                assert work.run_id not in self.revoked
                self.with_whom[work.run_id] = work.session
            case WorkRevoked(work=work, queued=queued):
                assert work.run_id not in self.revoked
                self.revoked.add(work.run_id)
                if queued:
                    self.queued.remove(work.run_id)
                else:
                    assert work.run_id in self.with_whom
                    self.given_up.add(work.run_id)
            case RunAbandoned(work=work):
                assert work.run_id not in self.revoked
                assert self.with_whom[work.run_id] == ""
                self.given_up.add(work.run_id)
            case AgentSlept(run_id=run_id) | RunLeft(run_id=run_id):
                del self.with_whom[run_id]

    def _check(self) -> None:
        busy = Counter(self.with_whom.values())
        assert all(busy[session] <= capacity for session, capacity in self.capacity.items())
        assert set(self.with_whom.values()) <= {*self.capacity, ""}
        assert len(self.with_whom) <= INSTANCES

    def is_settled(self) -> bool:
        """Nobody who could take something waits for nothing."""
        busy = Counter(self.with_whom.values())
        room = any(busy[session] < capacity for session, capacity in self.capacity.items())
        adrift = [run for run, its in self.with_whom.items() if not its and run not in self.given_up]
        return not room or not (adrift or (self.queued and len(self.with_whom) < INSTANCES))


def happen(world: World, op: tuple[int, int, int]) -> None:
    kind, which, much = op
    match kind:
        case 0 | 1 | 2:
            work = Work(
                run_id=f"r{world.offered}",
                agent="a",
                remote=True,
                max_instances=INSTANCES,
                priority=1 + which % 4,  # type: ignore[arg-type]
            )
            world.offered += 1
            world.tell(Offer(now=NOON, work=work))
        case 3 | 4:
            world.connected += 1
            world.tell(Connect(now=NOON, agent="a", session=f"s{world.connected}", capacity=much))
        case 5 | 6:
            if world.capacity:
                session = sorted(world.capacity)[which % len(world.capacity)]
                world.tell(Disconnect(now=NOON, agent="a", session=session, reason="gone"))
        case 7:
            adrift = sorted(run for run, its in world.with_whom.items() if not its)
            if adrift:
                world.tell(GiveUp(now=NOON, run_id=adrift[which % len(adrift)]))
        case 8:
            known = sorted([*world.with_whom, *world.queued])
            if known:
                run_id = known[which % len(known)]
                world.tell(Revoke(now=NOON, run_id=run_id))
                assert run_id in world.revoked
                assert run_id not in world.queued
        case _:
            if world.with_whom:
                run_id = sorted(world.with_whom)[which % len(world.with_whom)]
                world.tell(Leave(now=NOON, agent="a", run_id=run_id))


@given(ops=OPS)
@settings(max_examples=400)
def test_a_run_is_with_one_connection_and_a_connection_has_what_it_can_take(
    ops: list[tuple[int, int, int]],
) -> None:
    world = World()
    for op in ops:
        happen(world, op)
        assert world.is_settled(), f"after {op}: {world}"


@given(ops=OPS)
@settings(max_examples=200)
def test_with_enough_connections_everything_that_was_offered_is_done(ops: list[tuple[int, int, int]]) -> None:
    world = World()
    for op in ops:
        happen(world, op)
    world.tell(Connect(now=NOON, agent="a", session="last", capacity=INSTANCES))
    done = 0
    while world.with_whom:
        world.tell(Leave(now=NOON, agent="a", run_id=min(world.with_whom)))
        done += 1
    assert not world.queued
    assert not world.state.running
    assert not world.state.connections.runs
    assert not world.state.lines
