"""Reading fleet files, and the blueprint files beside them, for whoever starts the platform."""

from contextlib import suppress
from pathlib import Path

from reveille.ingress.application.fleet_blueprints import Beside, Nearby
from reveille.ingress.application.fleet_document import Wrong
from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.fleet_sending import self_contained
from reveille.ingress.application.fleets import FleetMoved, Fleets
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet, with_blueprints
from reveille.kernel.errors import Misconfigured


def read_fleet(path: Path | None) -> WantedFleet:
    """None: the fleet that ships with the package. Raises Misconfigured, FleetFileInvalid with each mistake."""
    if path is None:
        return fleet_from(default_fleet(), file="the default fleet")
    return fleet_from(read_text(path), file=str(path), nearby=files_beside(path))


def for_sending(path: Path) -> str:
    """A fleet file that was read without a mistake, with the blueprints of the files that it names in it."""
    return self_contained(read_text(path), file=str(path), nearby=files_beside(path))


def files_beside(path: Path) -> Nearby:
    """The files in the folder of a fleet file, and in none that a link leads to."""
    folder = path.parent

    def nearby(name: str) -> Beside | None:
        place = folder / name
        try:
            if not place.is_file():
                return None
            leads_out = not place.resolve().is_relative_to(folder.resolve())
            if leads_out:
                raise Wrong(f"file {place} leads out of the folder of the fleet file, expected one that is in it")
            return Beside(str(place), read_text(place, what="blueprint"))
        except (OSError, Misconfigured) as error:
            raise Wrong(f"{error}, expected a file that can be read") from error

    return nearby


def missing_skills(wanted: WantedFleet) -> list[str]:
    """Of agents that this process could not run, why not. It imports their code."""
    from reveille.agents.skill import SkillNotFound, load_skill

    missing = []
    for agent in wanted.agents:
        try:
            if agent.skill:
                load_skill(agent.skill)
        except SkillNotFound as error:
            missing.append(f"agent {agent.name} cannot run here: {error}")
    return missing


async def put_in_force(fleets: Fleets, wanted: WantedFleet, *, named: bool) -> None:
    """named: somebody said that it is to be this one; else it only takes the place of none.

    A start without a file of its own must not undo what somebody has applied while it ran, or another replica has. What
    ships is in every fleet, also in one that was applied before it shipped.
    """
    await fleets.load()
    fleet = fleets.in_force(wanted.tenant).fleet
    if named or fleet.revision < 0:
        await fleets.apply(wanted)
    elif any(one.name not in fleet.blueprints for one in wanted.blueprints):
        # Another replica that does the same at this moment does it with the same outcome.
        with suppress(FleetMoved):
            await fleets.apply(with_blueprints(fleet, wanted), seen=fleet.revision)


def read_text(path: Path, *, what: str = "fleet") -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{what} file {path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"{what} file {path} cannot be read: it is no UTF-8") from error
