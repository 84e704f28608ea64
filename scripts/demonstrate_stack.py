"""The demo on a cluster on this machine: seven processes on Kafka, PostgreSQL and Redis, made for it and ended with it.

Needs what `python -m deploy.native` needs. With all three addresses it uses servers that run, with a database and
topics of its own that stay there.
"""

import argparse
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.native.places import temporary_folder
from deploy.native.servers import Addresses, Servers
from deploy.native.services import Services
from deploy.native.together import each
from reveille.cli import demonstration, demonstration_party, demonstration_scene
from reveille.cli.demonstration_platform import FLEET, SECRET
from reveille.kernel.errors import Misconfigured

REPLICAS: Final = {"planner": 2, "agent-runner": 2}
KILLED: Final = ("planner", "agent-runner")
SHOWS: Final = {
    "waking": demonstration.show_waking,
    "party": demonstration_party.show,
    "scene": demonstration_scene.show,
}


class Cluster:
    """The demo's platform. What is killed is whoever plans and whoever runs agents; the door stays open."""

    what = "five services in seven processes, on Kafka, PostgreSQL and Redis"
    crash = "a SIGKILL of both planners and both agent-runners"

    def __init__(self, folder: Path, addresses: Addresses) -> None:
        name = f"reveille_demo_{uuid4().hex[:8]}"
        self._services = Services(
            addresses,
            folder / "services",
            replicas=REPLICAS,
            database=name,
            prefix=name,
            environment={"REVEILLE_OWN_MACHINE": "true"},
            of_service={
                "ingress": {
                    "REVEILLE_GITHUB_SECRET": SECRET,
                    "REVEILLE_REPOS": str(folder),
                    "REVEILLE_FLEET": str(FLEET),
                }
            },
        )

    @property
    def url(self) -> str:
        return self._services.url

    def start(self) -> None:
        self._services.start()

    def kill(self) -> None:
        each([replica.kill for kind in KILLED for replica in self._services.replicas(kind)])

    def stop(self) -> None:
        self._services.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("journey", nargs="?", choices=[*SHOWS], default="waking")
    parser.add_argument("--postgres", metavar="URL", help="of its maintenance database, as who may make databases")
    parser.add_argument("--kafka", metavar="HOST:PORT")
    parser.add_argument("--redis", metavar="URL")
    given = parser.parse_args()
    named = [given.postgres, given.kafka, given.redis]
    if any(named) and not all(named):
        parser.error("expected --postgres, --kafka and --redis together, or none of them")
    # Whoever ends it half-way ends what it has started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            if all(named):
                addresses = Addresses(postgres=given.postgres, kafka=given.kafka, redis=given.redis)
            else:
                addresses = stack.enter_context(_own_servers())
            return demonstration.run(lambda folder: Cluster(folder, addresses), show=SHOWS[given.journey])
    except Misconfigured as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


@contextmanager
def _own_servers() -> Iterator[Addresses]:
    folder = temporary_folder("reveille-demo-servers-")
    try:
        with Servers(folder, say=lambda line: print(line, file=sys.stderr, flush=True)) as servers:
            yield servers.addresses
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
