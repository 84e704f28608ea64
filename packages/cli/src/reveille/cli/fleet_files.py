"""Reading fleet files for whoever starts the platform."""

from pathlib import Path

from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.kernel.errors import Misconfigured


def read_fleet(path: Path | None) -> WantedFleet:
    """None: the fleet that ships with the package."""
    try:
        text = default_fleet() if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"fleet file {path} cannot be read: {error}") from error
    try:
        return fleet_from(text, file=str(path or "the default fleet"))
    except FleetFileInvalid as error:
        raise Misconfigured(str(error)) from error
