"""given(*events).when(command).then(*events): what a decider decides, as a sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.kernel.decider import Command, Decided, Decider
from reveille.kernel.errors import Poison, Rejected
from reveille.kernel.events import About

# What every event is about that does not say otherwise.
HERE = About("here", "00-here", 0)


@dataclass(frozen=True, slots=True)
class Given:
    decider: Decider
    state: Any

    def when(self, command: Command) -> "When":
        return When(self, command)


@dataclass(frozen=True, slots=True)
class When:
    given: Given
    command: Command

    @property
    def events(self) -> Sequence[Decided]:
        return list(self.given.decider.decide(self.command, self.given.state))

    @property
    def state(self) -> Any:
        return evolved(self.given.decider, self.given.state, self.events)

    def when(self, command: Command) -> "When":
        """After that."""
        return When(Given(self.given.decider, self.state), command)

    def then(self, *expected: Decided) -> None:
        """A pair where the event is about something else than its cause is."""
        assert list(self.events) == list(expected)

    def then_rejected(self, match: str) -> None:
        with pytest.raises(Rejected, match=match):
            _ = self.events

    def then_poison(self, match: str) -> None:
        with pytest.raises(Poison, match=match):
            _ = self.events


def spec(decider: Decider) -> Callable[..., Given]:
    def given(*events: Decided) -> Given:
        return Given(decider, evolved(decider, decider.initial, events))

    return given


def evolved(decider: Decider, state: Any, events: Sequence[Decided]) -> Any:
    for decided in events:
        event, about = decided if isinstance(decided, tuple) else (decided, HERE)
        assert isinstance(event, Message)
        state = decider.evolve(state, event, about)
    return state
