"""One run of the stack: a platform, the outside that sends to it, and somebody who does things to it meanwhile."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.native.servers import Servers
from deploy.native.service import INGRESS
from deploy.native.services import Services
from reveille.kernel.errors import Misconfigured
from tests.chaos.disk import Disk
from tests.chaos.ongoing import RATE, STARTS, Ongoing
from tests.chaos.outside import Outside
from tests.chaos.recorded import read_log, read_topics, remove_topics, topics_of
from tests.chaos.stack import REPLICAS, prefix_of, services_on
from tests.chaos.story import Story
from tests.chaos.verdict import Verdict, judge
from tests.chaos.watching import PostgresLog, Watch


@dataclass(slots=True, kw_only=True)
class Run(Ongoing):
    """disk: of the servers, where they have a small one of their own."""

    servers: Servers
    services: Services
    disk: Disk | None = None
    # What it has written to inboxes itself, by event id, and how much of it must be parked.
    foreign: set[str] = field(default_factory=set)
    must_park: int = 0

    @property
    def prefix(self) -> str:
        return prefix_of(self.services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """seconds: of a run that nobody asked to be longer. nameless: each start of a replica has a name of its own.

    idle: the services are not started, and nobody sends; what counts is only what the scenario itself expects.
    before: what is done to the services before they start. megabytes: of a disk of the servers' own, 0 is none.
    """

    name: str
    what: str
    faults: Callable[[Run], None]
    seconds: float
    replicas: Mapping[str, int] = field(default_factory=lambda: REPLICAS)
    nameless: bool = False
    idle: bool = False
    before: Callable[[Services], None] = lambda services: None
    megabytes: int = 0


def run(
    scenario: Scenario,
    servers: Servers,
    folder: Path,
    *,
    seed: int,
    seconds: float,
    story: Story,
    rate: float = RATE,
) -> Verdict:
    """Does what the scenario does under load, ends the load, waits until all is done, and judges.

    rate: webhooks a second.
    """
    with _servers_for(scenario, servers, folder) as (chosen, disk):
        outside = Outside(folder, rate=rate)
        services = services_on(
            chosen,
            folder / "services",
            effects_file=outside.effects_file,
            replicas=scenario.replicas,
            nameless=scenario.nameless,
        )
        going = Run(
            servers=chosen,
            services=services,
            outside=outside,
            watch=Watch(PostgresLog(services.database_url)),
            story=story,
            chance=random.Random(seed),
            seconds=seconds,
            disk=disk,
        )
        story.begin(scenario.name, f"{scenario.what} (seed {seed})")
        verdict = _run(scenario, going)
        story.end(verdict)
        return verdict


def _run(scenario: Scenario, going: Run) -> Verdict:
    verdict = Verdict(scenario=scenario.name)
    if scenario.idle:
        going.services.prepare()
        scenario.faults(going)
    else:
        scenario.before(going.services)
        _begin(going.services, going.story)
        with going.services, going.outside, going.watch:
            _under_load(scenario, going, verdict)
    # A broker that is killed again looks through all that it holds before it is back.
    asyncio.run(remove_topics(going.servers.kafka.address, topics_of(going.prefix)))
    verdict.add("expected", going.problems)
    verdict.faults = going.faults
    going.tell("judged")
    return verdict


@contextmanager
def _servers_for(scenario: Scenario, servers: Servers, folder: Path) -> Iterator[tuple[Servers, Disk | None]]:
    """Those that are there, or some on a disk of their own."""
    if not scenario.megabytes:
        yield servers, None
        return
    with Disk(folder / "disk", megabytes=scenario.megabytes) as disk, Servers(disk.folder) as own:
        yield own, disk


def _under_load(scenario: Scenario, going: Run, verdict: Verdict) -> None:
    services, outside = going.services, going.outside
    going.tell(f"up: {', '.join(one.name for one in services)}; {outside.rate:g} webhooks a second")
    going.warm_up(*(one.program.url for one in services.replicas(INGRESS)))
    scenario.faults(going)
    going.finish(verdict)
    judge(
        verdict,
        accepted=outside.accepted,
        effects=outside.effects,
        log=asyncio.run(read_log(services.database_url)),
        topics=asyncio.run(read_topics(going.servers.kafka.address, topics_of(going.prefix))),
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
