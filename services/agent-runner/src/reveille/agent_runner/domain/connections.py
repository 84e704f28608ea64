"""The connections of a remote agent, and which of its runs each has."""

from collections import Counter
from dataclasses import dataclass, field

from immutables import Map

from reveille.contracts.agent_runner.v1.events_pb2 import Work
from reveille.kernel.events import About
from reveille.kernel.replacing import replace


@dataclass(frozen=True, slots=True)
class Session:
    """number: counts what has come, so that an order is the same wherever it is looked at."""

    capacity: int
    number: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that goes on. session: "" while no connection has it. given_up: none is to have it any more."""

    work: bytes
    about: About
    number: int
    session: str
    given_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """sessions: by id. runs: by id, of those that a connection has, or had."""

    sessions: Map[str, Session] = field(default_factory=Map)
    runs: Map[str, Taken] = field(default_factory=Map)
    counted: int = 0

    def free(self) -> str | None:
        """The session with the fewest runs of those that can take one more; of equals the one that came first."""
        busy = Counter(taken.session for taken in self.runs.values())
        free = [(busy[id], session.number, id) for id, session in self.sessions.items() if busy[id] < session.capacity]
        return min(free)[2] if free else None

    def of(self, session: str) -> list[tuple[str, Taken]]:
        """What it has, in the order in which it came; of "" what waits for a connection."""
        found = [(id, taken) for id, taken in self.runs.items() if taken.session == session and not taken.given_up]
        return sorted(found, key=lambda pair: pair[1].number)

    def is_adrift(self, run_id: str) -> bool:
        taken = self.runs.get(run_id)
        return taken is not None and not taken.session and not taken.given_up

    def opened(self, session: str, capacity: int) -> "Connections":
        one = Session(max(1, capacity), self.counted)
        return replace(self, sessions=self.sessions.set(session, one), counted=self.counted + 1)

    def closed(self, session: str) -> "Connections":
        runs = self.runs
        for id, taken in self.of(session):
            runs = runs.set(id, replace(taken, session=""))
        sessions = self.sessions.delete(session) if session in self.sessions else self.sessions
        return replace(self, sessions=sessions, runs=runs)

    def taking(self, work: Work, about: About) -> "Connections":
        taken = Taken(work.SerializeToString(), about, self.counted, work.session)
        return replace(self, runs=self.runs.set(work.run_id, taken), counted=self.counted + 1)

    def moved(self, work: Work) -> "Connections":
        taken = self.runs.get(work.run_id)
        if taken is None:
            return self
        changed = replace(taken, work=work.SerializeToString(), session=work.session)
        return replace(self, runs=self.runs.set(work.run_id, changed))

    def giving_up(self, run_id: str) -> "Connections":
        taken = self.runs.get(run_id)
        if taken is None:
            return self
        return replace(self, runs=self.runs.set(run_id, replace(taken, session="", given_up=True)))

    def keeping(self, run_id: str) -> "Connections":
        """Whoever has it has it until its end, and nobody else is to have it any more."""
        taken = self.runs.get(run_id)
        return self if taken is None else replace(self, runs=self.runs.set(run_id, replace(taken, given_up=True)))

    def without(self, run_id: str) -> "Connections":
        return replace(self, runs=self.runs.delete(run_id)) if run_id in self.runs else self
