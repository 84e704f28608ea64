"""Reading fleet files for whoever starts the platform."""

from pathlib import Path

from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.kernel.errors import Misconfigured


def read_fleet(path: Path | None) -> WantedFleet:
    """None: the fleet that ships with the package."""
    try:
        return fleet_from(default_fleet() if path is None else read_text(path), file=str(path or "the default fleet"))
    except FleetFileInvalid as error:
        raise Misconfigured(str(error)) from error


async def put_in_force(fleets: Fleets, wanted: WantedFleet, *, named: bool) -> None:
    """named: somebody said that it is to be this one; else it only takes the place of none.

    A start without a file of its own must not undo what somebody has applied while it ran, or another replica has.
    """
    await fleets.load()
    if named or fleets.in_force(wanted.tenant).fleet.revision < 0:
        await fleets.apply(wanted)


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"fleet file {path} cannot be read: {error}") from error
