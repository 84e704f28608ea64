"""The same faults where the platform is one process on one file, as far as they can happen there."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.chaos import doors
from tests.chaos.disk import Disk
from tests.chaos.ongoing import RATE, STARTS, Ongoing
from tests.chaos.outside import Outside
from tests.chaos.stack import HERE
from tests.chaos.story import Story
from tests.chaos.verdict import Verdict, judge
from tests.chaos.watching import SqliteFile, Watch
from tests.e2e.embedded import Embedded
from tests.e2e.github import SECRET
from tests.e2e.running import NotStarted

MEGABYTES: Final = 48
STOPPED_SECONDS: Final = 3.0
# A probe asks every two seconds, and the machine may be busy.
SAYING_SECONDS: Final = 60.0


@dataclass(slots=True, kw_only=True)
class Alone(Ongoing):
    """disk: what its data is on, where that is small."""

    platform: Embedded
    disk: Disk | None = None

    def restart(self) -> None:
        """As a supervisor does: what cannot start yet is started again."""
        for _ in range(STARTS - 1):
            try:
                self.platform.start()
                break
            except NotStarted as error:
                self.tell(f"[yellow]it gave up: {error}[/yellow]")
        else:
            self.platform.start()
        self.tell("it is back")

    @property
    def running(self) -> bool:
        return self.platform.process is not None and self.platform.process.poll() is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AloneScenario:
    name: str
    what: str
    faults: Callable[[Alone], None]
    seconds: float
    megabytes: int = 0


def run_alone(
    scenario: AloneScenario, folder: Path, *, seed: int, seconds: float, story: Story, rate: float = RATE
) -> Verdict:
    with _platform(scenario, folder) as (platform, disk):
        outside = Outside(folder, rate=rate)
        going = Alone(
            platform=platform,
            disk=disk,
            outside=outside,
            watch=Watch(SqliteFile(platform.data / "log.db")),
            story=story,
            chance=random.Random(seed),
            seconds=seconds,
        )
        story.begin(scenario.name, f"{scenario.what} (seed {seed})")
        verdict = Verdict(scenario=scenario.name)
        platform.start()
        with outside, going.watch:
            going.tell(f"up in one process; {rate:g} webhooks a second")
            going.warm_up(platform.url)
            scenario.faults(going)
            going.finish(verdict)
        going.expect(platform.stop() == 0, "it has not ended in order")
        judge(verdict, accepted=outside.accepted, effects=outside.effects, log=platform.recorded())
        verdict.add("expected", going.problems)
        verdict.faults = going.faults
        story.end(verdict)
        return verdict


@contextmanager
def _platform(scenario: AloneScenario, folder: Path) -> Iterator[tuple[Embedded, Disk | None]]:
    settings = {"PYTHONPATH": str(HERE / "skills"), "REVEILLE_GITHUB_SECRET": SECRET}
    folder.mkdir(parents=True, exist_ok=True)
    platform = Embedded(folder, fleet=HERE / "fleet.yaml", settings=settings)
    try:
        if scenario.megabytes:
            with Disk(platform.data, megabytes=scenario.megabytes) as disk:
                yield platform, disk
        else:
            yield platform, None
    finally:
        platform.close()


def kill(run: Alone) -> None:
    while True:
        run.fault("SIGKILL")
        run.platform.kill()
        run.restart()
        run.pause(0.5, 4)
        if not run.going_on:
            return


def stop_and_continue(run: Alone) -> None:
    while True:
        assert run.platform.process is not None
        run.fault("SIGSTOP")
        run.platform.process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        run.platform.process.send_signal(signal.SIGCONT)
        run.tell("SIGCONT")
        run.pause(2, 6)
        if not run.going_on:
            return


def full_disk(run: Alone) -> None:
    """Nothing is accepted that cannot be kept; with room again it goes on, and by itself."""
    assert run.disk is not None
    run.fault("the disk is full")
    until = time.monotonic() + run.seconds
    run.disk.fill()
    run.until(lambda: _takes_nothing(run), "nothing is accepted any more", SAYING_SECONDS)
    run.tell("nothing is accepted any more")
    while time.monotonic() < until:
        run.disk.fill()
        time.sleep(0.5)
    run.disk.free()
    run.tell("there is room again")
    run.expect(run.running, f"it has ended, expected it to live through this: {run.platform.errors[-500:]}")
    if not run.running:
        run.restart()


def _takes_nothing(run: Alone) -> bool:
    before = run.outside.accepted_count
    assert run.disk is not None
    run.disk.fill()
    time.sleep(1)
    return run.outside.accepted_count == before


def poison(run: Alone) -> None:
    doors.knock(run, run.platform.url)


ALONE: Final = (
    AloneScenario(name="embedded-kills", what="SIGKILL of the only process", faults=kill, seconds=30),
    AloneScenario(
        name="embedded-stopped", what="SIGSTOP of the only process, and SIGCONT", faults=stop_and_continue, seconds=20
    ),
    AloneScenario(
        name="embedded-disk", what="the disk is full for a while", faults=full_disk, seconds=10, megabytes=MEGABYTES
    ),
    AloneScenario(name="embedded-poison", what="requests that nobody should send", faults=poison, seconds=10),
)
