"""What is done to the platform."""

from collections.abc import Mapping
from typing import Final

from tests.chaos import kills
from tests.chaos.running import Scenario

ALL: Final[Mapping[str, Scenario]] = {
    one.name: one
    for one in (
        Scenario(
            name="services",
            what="SIGKILL of each service at random, started again at once under its name",
            faults=kills.services,
            seconds=20,
        ),
    )
}
