"""A fleet's decisions on signals of the past, under the times at which they came: nothing is written."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from reveille.analyzer.domain.meaning import Meaning, of_fleet
from reveille.analyzer.domain.pattern import TimeUp
from reveille.analyzer.domain.watch import LookAt
from reveille.contracts.analyzer.v1.events_pb2 import (
    GATHERING_BATCH,
    PatternDetected,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.kernel.decider import Command, Decider
from reveille.kernel.errors import Poison
from reveille.kernel.events import About, category_of, key_of
from reveille.kernel.fleet import Fleet
from reveille.kernel.signals import content_of


@dataclass(frozen=True, slots=True)
class Past:
    """A signal, where it stands, and when it was decided on."""

    signal: Signal
    ref: EventRef
    about: About
    at: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a signal for an agent: a reason as Explain has it, and the rule."""

    reason: str
    rule: str


@dataclass(slots=True)
class Replay:
    """`take` signals in the order of their times, each after `passed` has come to its time.

    wakes: by agent, and by plan that begins; outcomes: by signal and either.
    """

    tenant: str
    fleet: Fleet
    meaning: Meaning
    deciders: Mapping[str, Decider]
    wakes: dict[str, int] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    _states: dict[str, Any] = field(default_factory=dict)
    _due: list[tuple[int, str]] = field(default_factory=list)

    def begin(self, now: int) -> None:
        for stream, command in of_fleet(self.tenant, Fleet(), self.fleet, now):
            self._decide(stream, command, About(""))

    def take(self, past: Past) -> None:
        try:
            commands: Sequence[tuple[str, Command]] = self.meaning.of_signal(
                past.signal, content_of(past.signal), past.ref, past.about, past.at
            )
        except Poison:  # its sender names an agent that this fleet has not
            return
        for stream, command in commands:
            self._decide(stream, command, past.about)

    def passed(self, until: int, most: int) -> bool:
        """Fire what comes due until then, in order; False where there was more than so much of it."""
        for _ in range(most):
            if not self._due or self._due[0][0] > until:
                return True
            due, stream = heapq.heappop(self._due)
            if self._due_of(stream) != due:
                continue
            command: Command
            if category_of(stream) == "watch":
                command = LookAt(now=due, due=due)
            else:
                command = TimeUp(now=due, stream=stream, rule=key_of(stream), due=due)
            self._decide(stream, command, About(""))
        return False

    def _due_of(self, stream: str) -> int:
        state = self._states[stream]
        due: int = state.look_at if category_of(stream) == "watch" else state.due
        return due

    def _decide(self, stream: str, command: Command, about: About) -> None:
        decider = self.deciders[category_of(stream)]
        state = self._states.get(stream, decider.initial)
        decided = [one if isinstance(one, tuple) else (one, about) for one in decider.decide(command, state)]
        for event, its in decided:
            state = decider.evolve(state, event, its)
            self._note(key_of(stream), event)
        self._states[stream] = state
        if decided and (due := self._due_of(stream)):
            heapq.heappush(self._due, (due, stream))
        for event, its in decided:
            if isinstance(event, PatternDetected):
                self._decide(*self.meaning.of_detection(event, its, command.now), its)

    def _note(self, watcher: str, event: Message) -> None:
        match event:
            case TriggerFired():
                self.wakes[watcher] = self.wakes.get(watcher, 0) + 1
                for number, signal_id in enumerate(event.signal_ids):
                    self._is(signal_id, watcher, Outcome("batched" if number else "woke", event.rule))
            case TriggerGathered():
                reason = "batched" if event.reason == GATHERING_BATCH else "cooldown"
                for signal_id in event.signal_ids:
                    self._is(signal_id, watcher, Outcome(reason, event.rule))
            case TriggerSuppressed():
                for signal_id in event.signal_ids:
                    self._is(signal_id, watcher, Outcome("loop", event.rule))

    def _is(self, signal_id: str, watcher: str, outcome: Outcome) -> None:
        """That a signal has woken an agent is told, whatever other rules do with it later."""
        known = self.outcomes.get((signal_id, watcher))
        if known is None or known.reason != "woke":
            self.outcomes[signal_id, watcher] = outcome
