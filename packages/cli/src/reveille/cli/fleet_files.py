"""Reading fleet files for whoever starts the platform."""

from pathlib import Path

from reveille.ingress.application.fleet_file import default_fleet
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet
from reveille.kernel.errors import Misconfigured


def read_fleet(path: Path | None) -> WantedFleet:
    """None: the fleet that ships with the package. Raises Misconfigured, FleetFileInvalid with each mistake."""
    return fleet_from(default_fleet() if path is None else read_text(path), file=str(path or "the default fleet"))


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

    A start without a file of its own must not undo what somebody has applied while it ran, or another replica has.
    """
    await fleets.load()
    if named or fleets.in_force(wanted.tenant).fleet.revision < 0:
        await fleets.apply(wanted)


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"fleet file {path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"fleet file {path} cannot be read: it is no UTF-8") from error
