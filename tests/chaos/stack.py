"""The five services under fire, on servers that may be killed: a database, topics and names of their own each time."""

import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.native.process import Process
from deploy.native.servers import Servers
from deploy.native.service import COMMAND, Service
from deploy.native.services import Services
from tests.e2e.github import SECRET

HERE: Final = Path(__file__).parent
# The shell becomes the service, and its pid is new each time.
NAMELESS: Final = (
    "/bin/sh",
    "-c",
    f'REVEILLE_INSTANCE="$REVEILLE_INSTANCE-$$" exec {shlex.join(COMMAND)} "$1"',
    "sh",
)
REPLICAS: Final[Mapping[str, int]] = {"planner": 2, "agent-runner": 2}


def services_on(
    servers: Servers,
    folder: Path,
    *,
    effects_file: Path,
    replicas: Mapping[str, int] = REPLICAS,
    nameless: bool = False,
) -> Services:
    """Not started yet. nameless: nothing is called what it was called before it was started again."""
    name = f"chaos_{secrets.token_hex(4)}"
    told = {
        "PYTHONPATH": str(HERE / "skills"),
        "REVEILLE_TEST_EFFECTS": str(effects_file),
        "REVEILLE_GITHUB_SECRET": SECRET,
        "REVEILLE_OWN_MACHINE": "true",
        "REVEILLE_FLEET": str(HERE / "fleet.yaml"),
    }
    return Services(
        servers.addresses,
        folder,
        replicas=replicas,
        database=name,
        prefix=name,
        environment=told,
        command=NAMELESS if nameless else COMMAND,
    )


def prefix_of(services: Services) -> str:
    """Of its topics."""
    return services.shared_settings["REVEILLE_TOPIC_PREFIX"]


Replica = Process[Service]
