"""What is done to the platform."""

from collections.abc import Mapping
from typing import Final

from tests.chaos import away, kills, one_name, poison, starting
from tests.chaos.running import Scenario

_SCENARIOS: Final = (
    Scenario(
        name="kills",
        what="SIGKILL of each service at random, and of broker and database in turn",
        faults=kills.everything,
        seconds=60,
    ),
    Scenario(
        name="services",
        what="SIGKILL of each service at random, started again at once under its name",
        faults=kills.services,
        seconds=20,
    ),
    Scenario(
        name="servers", what="SIGKILL of the broker, the database and Redis in turn", faults=kills.servers, seconds=20
    ),
    Scenario(name="broker", what="the broker is away", faults=away.broker, seconds=40),
    Scenario(name="database", what="the database is away", faults=away.database, seconds=10),
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

ALL: Final[Mapping[str, Scenario]] = {one.name: one for one in _SCENARIOS}
