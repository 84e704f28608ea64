"""Whatever an agent is offered, and is revoked of it: each is begun once or withdrawn once, and none is lost."""

from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.agent_runner.domain.agent import Command, Leave, Offer, Revoke, decider
from reveille.agent_runner.domain.agent_state import Agent
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentSlept,
    AgentWoken,
    RunLeft,
    RunQueued,
    Work,
    WorkRevoked,
)
from reveille.kernel.events import About
from tests.unit.manual_clock import NOON

# Offers, ends and revocations; which of those that there are.
OPS: Final = st.lists(st.tuples(st.sampled_from("oooerr"), st.integers(0, 20), st.integers(1, 3)), max_size=80)


@dataclass
class World:
    """What the events alone say. waiting: in the order in which they are to wake."""

    state: Agent = field(default_factory=Agent)
    waiting: list[Work] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    offered: int = 0

    def tell(self, command: Command) -> None:
        here = About("here")
        for decided in decider.decide(command, self.state):
            event, about = decided if isinstance(decided, tuple) else (decided, here)
            self.state = decider.evolve(self.state, event, about)
            self._take_in(event, about)
        assert set(self.state.running) == self.running
        assert sum(len(line.items) for line in self.state.lines.values()) == len(self.waiting)

    def _take_in(self, event: object, about: About) -> None:
        match event:
            case RunQueued(work=work):
                at = next((i for i, one in enumerate(self.waiting) if one.priority < work.priority), len(self.waiting))
                self.waiting.insert(at, work)
            case AgentWoken(work=work, waited=waited):
                assert not waited or self.waiting.pop(0) == work
                assert work.run_id not in self.running | self.ended | self.withdrawn
                assert len(self.running) < work.max_instances
                self.running.add(work.run_id)
            case WorkRevoked(work=work, queued=True):
                self.waiting.remove(work)
                self.withdrawn.add(work.run_id)
            case WorkRevoked(work=work):
                assert work.run_id in self.running - self.told
                self.told.add(work.run_id)
            case AgentSlept(run_id=run_id) | RunLeft(run_id=run_id):
                self.running.remove(run_id)
                self.ended.add(run_id)

    def happen(self, what: str, which: int, instances: int) -> None:
        known = [f"r{number}" for number in range(self.offered)]
        match what:
            case "o":
                priority = 1 + which % 4
                work = Work(run_id=f"r{self.offered}", agent="a", priority=priority, max_instances=instances)  # type: ignore[arg-type]
                self.offered += 1
                self.tell(Offer(now=NOON, work=work))
                self.tell(Offer(now=NOON, work=work))
            case "e" if self.running:
                self.tell(Leave(now=NOON, agent="a", run_id=sorted(self.running)[which % len(self.running)]))
                self.looked_at()
            case "r" if known:
                run_id = known[which % len(known)]
                waited = any(one.run_id == run_id for one in self.waiting)
                self.tell(Revoke(now=NOON, run_id=run_id))
                assert run_id in self.told | self.withdrawn | self.ended
                assert all(one.run_id != run_id for one in self.waiting)
                if waited:
                    self.looked_at()

    def looked_at(self) -> None:
        """Whoever waits cannot go, or one stands before him who cannot."""
        assert not self.waiting or len(self.running) >= self.waiting[0].max_instances


@given(ops=OPS)
@settings(max_examples=400)
def test_what_is_revoked_wakes_nobody_and_all_else_is_begun_in_its_order(ops: list[tuple[str, int, int]]) -> None:
    world = World()
    for what, which, instances in ops:
        world.happen(what, which, instances)
    while world.running:
        world.tell(Leave(now=NOON, agent="a", run_id=min(world.running)))
    assert not world.waiting
    assert world.ended | world.withdrawn == {f"r{number}" for number in range(world.offered)}
    assert not world.ended & world.withdrawn
    assert not world.state.lines
