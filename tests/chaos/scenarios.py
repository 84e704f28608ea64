"""What is done to the platform."""

from collections.abc import Mapping
from typing import Final

from tests.chaos import away, full, kills, one_name, poison, starting
from tests.chaos.alone import ALONE, AloneScenario
from tests.chaos.running import Scenario

_SCENARIOS: Final = (
    Scenario(
        name="kills",
        what="SIGKILL of each service, the broker, the database and Redis, at random",
        faults=kills.everything,
        seconds=120,
    ),
    Scenario(name="broker", what="the broker is away", faults=away.broker, seconds=60),
    Scenario(name="database", what="the database is away", faults=away.database, seconds=10),
    Scenario(
        name="disk",
        what="the disk of broker, database and Redis is full for a while",
        faults=full.disk,
        seconds=20,
        megabytes=full.MEGABYTES,
    ),
    Scenario(
        name="stopped",
        what="SIGSTOP of a replica beyond its session, and SIGCONT",
        faults=kills.stop_and_continue,
        seconds=40,
    ),
    Scenario(
        name="churn",
        what="replicas come and go",
        faults=kills.churn,
        seconds=30,
        replicas={"planner": 3, "agent-runner": 2},
    ),
    Scenario(
        name="nameless",
        what="replicas come and go, under a new name each time",
        faults=kills.churn,
        seconds=30,
        nameless=True,
    ),
    Scenario(name="poison", what="records that can never be handled", faults=poison.write_to_an_inbox, seconds=30),
    Scenario(
        name="start-up",
        what="what a service needs is not there when it starts",
        faults=starting.without_what_it_needs,
        seconds=0,
        idle=True,
    ),
    Scenario(name="one-name", what="two processes with one name", faults=one_name.twins, seconds=0, idle=True),
)

ALL: Final[Mapping[str, Scenario | AloneScenario]] = {one.name: one for one in (*_SCENARIOS, *ALONE)}
