"""What somebody who does things to a platform under load has in his hands, whichever kind of platform it is."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from deploy.native.server import Server
from reveille.kernel.errors import Misconfigured
from tests.chaos.outside import Outside
from tests.chaos.story import Story
from tests.chaos.verdict import Verdict
from tests.chaos.watching import Watch

RATE: Final = 50.0
# What is accepted before the first fault, so that faults meet a platform at work.
WARM: Final = 50
# The promise is 30 s on a machine that does nothing else, and the run says how long it took: what ends it is that
# nothing goes on any more.
STANDSTILL: Final = 120.0
# Of a process that gives up while what it needs is busy.
STARTS: Final = 5
QUIET_SECONDS: Final = 2.0


@dataclass(slots=True, kw_only=True)
class Ongoing:
    """seconds: how long it goes on."""

    outside: Outside
    watch: Watch
    story: Story
    chance: random.Random
    seconds: float
    began: float = field(default_factory=time.monotonic)
    faults: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def ends_at(self) -> float:
        return self.began + self.seconds

    @property
    def going_on(self) -> bool:
        return time.monotonic() < self.ends_at

    def tell(self, line: str) -> None:
        self.story.tell(line)

    def fault(self, line: str) -> None:
        self.faults += 1
        self.tell(line)

    def expect(self, holds: bool, line: str) -> None:
        if not holds:
            self.problems.append(line)
            self.tell(f"[red]{line}[/red]")

    def until(self, holds: Callable[[], bool], what: str, seconds: float = STANDSTILL) -> bool:
        met = self.watch.until(holds, seconds)
        self.expect(met, f"after {seconds:g} s still not: {what}")
        return met

    def until_completed(self, count: int) -> None:
        """However long it takes, for as long as it goes on."""
        before = -1
        while before < self.watch.completed < count:
            before = self.watch.completed
            self.watch.until(lambda: self.watch.completed >= count, STANDSTILL)
        self.expect(
            self.watch.completed >= count, f"{self.watch.completed} of {count} are completed, and no more follow"
        )

    def pause(self, low: float, high: float) -> None:
        """A moment that the seed chooses, but not beyond the run's end."""
        time.sleep(max(0.0, min(self.chance.uniform(low, high), self.ends_at - time.monotonic())))

    def kill_and_start(self, one: Server, *, away: float = 0.0) -> None:
        self.fault(f"SIGKILL {one.name}")
        one.kill()
        time.sleep(away)
        self.start(one)

    def start(self, one: Server) -> None:
        """As a supervisor does: what gives up because something is not there yet is started again."""
        for _ in range(STARTS - 1):
            try:
                one.start()
                break
            except Misconfigured as error:
                self.tell(f"[yellow]{one.name} gave up: {str(error).splitlines()[-1].strip()}[/yellow]")
        else:
            one.start()
        self.tell(f"{one.name} is back")

    def warm_up(self, *urls: str) -> None:
        self.story.counting(lambda: (self.outside.accepted_count, self.watch.completed))
        self.outside.begin(*urls)
        assert self.watch.until(lambda: self.watch.completed >= WARM, STANDSTILL), "nothing is completed at first"
        self.began = time.monotonic()

    def finish(self, verdict: Verdict) -> None:
        """Nothing new is sent; whatever is under way comes to its end, and is on the topics."""
        healed = time.monotonic()
        self.tell("nothing more is done to it")
        self.outside.finish()
        self.until_completed(self.outside.accepted_count)
        verdict.backlog_seconds = time.monotonic() - healed
        self.tell(f"the backlog is gone after {verdict.backlog_seconds:.1f} s")
        self.until(lambda: self.watch.is_quiet(QUIET_SECONDS), "the log is at rest")
