"""How much of a plan is decided without asking people, by the words that they say it with."""

from collections.abc import Mapping
from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import Autopilot

AUTOPILOTS: Final[Mapping[str, Autopilot]] = {
    "manual": Autopilot.AUTOPILOT_MANUAL,
    "assisted": Autopilot.AUTOPILOT_ASSISTED,
    "auto": Autopilot.AUTOPILOT_AUTO,
}
