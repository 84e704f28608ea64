"""One run: a platform, the outside that sends to it, and somebody who does things to it meanwhile."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.native.server import Server
from deploy.native.servers import Servers
from deploy.native.services import Services
from reveille.kernel.errors import Misconfigured
from tests.chaos.outside import Outside
from tests.chaos.recorded import read_log, read_topics, remove_topics, topics_of
from tests.chaos.stack import REPLICAS, prefix_of, services_on
from tests.chaos.story import Story
from tests.chaos.verdict import Verdict, judge
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
class Run:
    """What a scenario has in its hands. seconds: how long it goes on."""

    servers: Servers
    services: Services
    outside: Outside
    watch: Watch
    story: Story
    chance: random.Random
    seconds: float
    began: float = field(default_factory=time.monotonic)
    faults: int = 0
    problems: list[str] = field(default_factory=list)
    # What it has written to inboxes itself, by event id, and how much of it must be parked.
    foreign: set[str] = field(default_factory=set)
    must_park: int = 0

    @property
    def prefix(self) -> str:
        return prefix_of(self.services)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """seconds: of a run that nobody asked to be longer. nameless: each start of a replica has a name of its own.

    idle: the services are not started, and nobody sends; what counts is only what the scenario itself expects.
    """

    name: str
    what: str
    faults: Callable[[Run], None]
    seconds: float
    replicas: Mapping[str, int] = field(default_factory=lambda: REPLICAS)
    nameless: bool = False
    idle: bool = False


def run(scenario: Scenario, servers: Servers, folder: Path, *, seed: int, seconds: float, story: Story) -> Verdict:
    """Does what the scenario does under load, ends the load, waits until all is done, and judges."""
    outside = Outside(folder, rate=RATE)
    services = services_on(
        servers,
        folder / "services",
        effects_file=outside.effects_file,
        replicas=scenario.replicas,
        nameless=scenario.nameless,
    )
    watch = Watch(services.database_url)
    going = Run(
        servers=servers,
        services=services,
        outside=outside,
        watch=watch,
        story=story,
        chance=random.Random(seed),
        seconds=seconds,
    )
    verdict = Verdict(scenario=scenario.name)
    story.begin(scenario.name, f"{scenario.what} (seed {seed})")
    if scenario.idle:
        services.prepare()
        scenario.faults(going)
    else:
        _begin(services, story)
        with services, outside, watch:
            _under_load(scenario, going, verdict)
    # A broker that is killed again looks through all that it holds before it is back.
    asyncio.run(remove_topics(servers.kafka.address, topics_of(going.prefix)))
    verdict.add("expected", going.problems)
    verdict.faults = going.faults
    story.tell("judged")
    story.end(verdict)
    return verdict


def _under_load(scenario: Scenario, going: Run, verdict: Verdict) -> None:
    servers, services, outside, watch, story = going.servers, going.services, going.outside, going.watch, going.story
    story.counting(lambda: (outside.accepted_count, watch.completed))
    story.tell(f"up: {', '.join(one.name for one in services)}; {RATE:g} webhooks a second")
    outside.begin(services.url)
    assert watch.until(lambda: watch.completed >= WARM, STANDSTILL), "nothing is completed before the first fault"
    going.began = time.monotonic()
    scenario.faults(going)
    _finish(going, verdict)
    judge(
        verdict,
        accepted=outside.accepted,
        effects=outside.effects,
        log=asyncio.run(read_log(services.database_url)),
        topics=asyncio.run(read_topics(servers.kafka.address, topics_of(going.prefix))),
        prefix=going.prefix,
        foreign=going.foreign,
        may_park=going.must_park,
    )


def _begin(services: Services, story: Story) -> None:
    for _ in range(STARTS - 1):
        try:
            return services.start()
        except Misconfigured as error:
            story.tell(f"[yellow]the platform gave up: {str(error).splitlines()[-1].strip()}[/yellow]")
    return services.start()


def _finish(going: Run, verdict: Verdict) -> None:
    """Nothing new is sent; whatever is under way comes to its end, and is on the topics."""
    outside, watch = going.outside, going.watch
    healed = time.monotonic()
    going.tell("nothing more is done to it")
    outside.finish()
    accepted = outside.accepted_count
    going.until_completed(accepted)
    verdict.backlog_seconds = time.monotonic() - healed
    going.tell(f"the backlog is gone after {verdict.backlog_seconds:.1f} s")
    going.until(lambda: watch.is_quiet(QUIET_SECONDS), "the log is at rest")
