"""Each replica in turn, as a supervisor renews them: SIGTERM, its grace, the next version, ready, and the next one."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from deploy.native.service import SERVICES
from tests.chaos.running import Run
from tests.chaos.stack import Replica
from tests.rehearsal.figures import Phase

# Ingress first: it asks all others, and whoever asks must know how the one who is asked is asked. Then against the
# stream: who is to understand an event is there before who makes it.
ORDER: Final = ("ingress", "agent-runner", "budget", "planner", "analyzer")


class Rolling:
    """phases: what was done so far, and when."""

    def __init__(self, run: Run) -> None:
        self.phases: list[Phase] = []
        self._run = run

    @contextmanager
    def phase(self, name: str) -> Iterator[Phase]:
        self._run.tell(f"[bold]{name}[/bold]")
        phase = Phase(name=name, began=time.time())
        self.phases.append(phase)
        try:
            yield phase
        finally:
            phase.ended = time.time()

    def steady(self, name: str, seconds: float) -> None:
        with self.phase(name):
            time.sleep(seconds)

    def renew(
        self, kind: str, name: str, *, change: Callable[[Replica], None] = lambda one: None, beside: float = 0.0
    ) -> None:
        """All replicas of a service. beside: seconds for which the renewed one and the other work side by side."""
        with self.phase(name) as phase:
            for one in self._run.services.replicas(kind):
                phase.stops.append(self._end(one))
                change(one)
                self._run.start(one)
                time.sleep(beside)

    def _end(self, one: Replica) -> float:
        began = time.monotonic()
        self._run.fault(f"SIGTERM {one.name}")
        one.stop()
        code = one.exit_code
        self._run.expect(code == 0, f"{one.name} has ended with exit code {code}, expected 0: {_named(code)}")
        return time.monotonic() - began


def order() -> Sequence[str]:
    assert sorted(ORDER) == sorted(SERVICES)
    return ORDER


def _named(code: int | None) -> str:
    return signal.Signals(-code).name if code and code < 0 else "see its log"
