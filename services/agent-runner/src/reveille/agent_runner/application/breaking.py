"""Circuit breakers before models: a provider that does not answer is left alone for a while; no run waits for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from reveille.agents import Model, ModelAnswer, ModelRefused, ModelRequest, ModelUnavailable
from reveille.kernel.clock import SECOND, Clock

# Calls in a row without an answer; each has had its own attempts before it counts.
FAILURES: Final = 5
# Seconds without a call: doubled each time that the call after them fails too.
SHORTEST: Final = 10.0
LONGEST: Final = 300.0


class State(StrEnum):
    """closed: calls go through. open: none does. half_open: one is on its way, and decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Of one provider's model, in one process, for all tenants: whether to ask it is no matter of whose run it is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.failed = 0
        self._opened = 0
        self._seconds = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        if self._probing:
            return State.HALF_OPEN
        return State.OPEN if self._seconds else State.CLOSED

    @property
    def left(self) -> float:
        """Seconds until the next call is let through; 0.0: now."""
        # A clock that was set back makes nobody wait longer.
        elapsed = max(0, self._clock.now() - self._opened) / SECOND
        return max(0.0, self._seconds - elapsed) if self._seconds else 0.0

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Around one call. Raises ModelUnavailable, and nothing was sent, where the breaker lets none through."""
        if self._probing or self.left:
            told = f"{name} has not answered {self.failed} calls in a row and is left alone"
            raise ModelUnavailable(told, retry_after=max(1.0, self.left))
        probe = self._probing = self._seconds > 0
        try:
            yield
            self._close()
        except ModelRefused:
            self._close()  # no is an answer
            raise
        except ModelUnavailable as error:
            self._count(error.retry_after, probe)
            raise
        finally:
            if probe:  # also where its run was cancelled: the next call is the next probe
                self._probing = False

    def _close(self) -> None:
        self.failed, self._seconds = 0, 0.0

    def _count(self, retry_after: float, probe: bool) -> None:
        """Of calls that were under way when it opened, none prolongs it."""
        self.failed += 1
        if probe or (self.failed >= FAILURES and not self._seconds):
            self._seconds = min(LONGEST, max(SHORTEST, 2 * self._seconds, retry_after))
            self._opened = self._clock.now()


class GuardedModel:
    """A model behind its breaker."""

    def __init__(self, model: Model, breaker: Breaker) -> None:
        self._model = model
        self._breaker = breaker

    @property
    def name(self) -> str:
        return self._model.name

    def cap(self, request: ModelRequest) -> int:
        return self._model.cap(request)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        with self._breaker.call(self.name):
            return await self._model.complete(request)


class Breakers:
    """By the models' names: settings that come to the same model share its breaker."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, Breaker] = {}

    def guard(self, model: Model) -> Model:
        breaker = self._known.setdefault(model.name, Breaker(self._clock))
        return GuardedModel(model, breaker)

    def now(self) -> Mapping[str, State]:
        return {name: breaker.state for name, breaker in self._known.items()}

    def away(self) -> list[str]:
        """Those that are not closed."""
        return [name for name, state in self.now().items() if state is not State.CLOSED]
