"""A cluster in one folder that stays until it is ended: servers below `servers`, the five services below `services`."""

import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from deploy.native.kafka_jars import Say
from deploy.native.places import Hold, make_folder
from deploy.native.ports import expect_free
from deploy.native.record import Record, forget, records
from deploy.native.servers import Servers
from deploy.native.service import COMMAND, INGRESS, INGRESS_PORTS
from deploy.native.services import Services
from deploy.native.together import each
from reveille.kernel.errors import Misconfigured

SERVERS: Final = "servers"
SERVICES: Final = "services"
# A folder with shell lines: for all services in the file `shared`, else for the replica of that name. It is made when
# everything is up and removed when it is ended: what runs without it is left over from an `up` that died.
EXPORTS: Final = "env"
SHARED: Final = "shared"
# Told to nobody: each is one service, in a process of its own.
_NOT_INHERITED: Final = ("REVEILLE_MODE",)


def up(
    folder: Path,
    *,
    servers_only: bool,
    replicas: Mapping[str, int],
    port: int,
    settings: Mapping[str, str],
    inherited: Mapping[str, str],
    say: Say,
    command: Sequence[str] = COMMAND,
) -> None:
    """All or nothing. settings: ingress's own. Raises Misconfigured, also where something is up there already."""
    make_folder(folder)
    with _held(folder):
        if exports(folder) and any(one.running for one in processes(folder)):
            raise Misconfigured(f"{folder} is up already, expected nothing running there: {down_command(folder)}")
        _end(folder, lambda one, gently: say(f"ended {one.name}, left over from before"))
        if port and not servers_only:
            for each_port in range(port, port + INGRESS_PORTS):
                expect_free(each_port, INGRESS)
        servers = Servers(folder / SERVERS, say=say)
        services = Services(
            servers.addresses,
            folder / SERVICES,
            replicas=replicas,
            port=port,
            inherited={name: value for name, value in inherited.items() if name not in _NOT_INHERITED},
            # Loopback is all that it listens on; so its doors are as open as those of `reveille up`.
            of_service={INGRESS: {"REVEILLE_OWN_MACHINE": "true", **settings}},
            command=command,
        )
        try:
            say("starting Kafka, PostgreSQL and Redis")
            servers.start()
            services.prepare()
            if not servers_only:
                say(f"starting {', '.join(one.name for one in services)}")
                services.start()
            _write_exports(folder, services)
        except BaseException:
            services.kill()
            services.stop()
            servers.stop()
            raise
        services.leave()
        servers.leave()


def down(folder: Path, ended: Callable[[Record, bool], None]) -> None:
    """End what `up` started there, services first. Says of each what it was and whether it ended by itself.

    What has a pid on record and another start time is a stranger, and is not touched.
    """
    if folder.is_dir():
        with _held(folder):
            _end(folder, ended)


def processes(folder: Path) -> list[Record]:
    """Of everything that was started there and not ended in order: services, then servers."""
    return [*records(folder / SERVICES), *records(folder / SERVERS)]


def exports(folder: Path, name: str = SHARED) -> str:
    """Lines for a shell in which somebody starts a service by hand; nothing where the folder is not up.

    name: of a service or of one of its replicas, in whose place it is to be started.
    """
    for file in (folder / EXPORTS / name, folder / EXPORTS / f"{name}-1"):
        if file.is_file():
            return file.read_text()
    return ""


def down_command(folder: Path) -> str:
    return f"python -m deploy.native down --data {shlex.quote(str(folder))}"


def _end(folder: Path, ended: Callable[[Record, bool], None]) -> None:
    for part in (SERVICES, SERVERS):
        each([partial(_end_one, one, ended) for one in records(folder / part)])
    shutil.rmtree(folder / EXPORTS, ignore_errors=True)


def _end_one(one: Record, ended: Callable[[Record, bool], None]) -> None:
    if one.running:
        ended(one, one.end())
    forget(one.log.parent, one.name)


def _write_exports(folder: Path, services: Services) -> None:
    fresh = folder / f"{EXPORTS}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for name, settings in [(SHARED, services.shared_settings), *((one.name, one.program.settings) for one in services)]:
        lines = [f"export {variable}={shlex.quote(value)}\n" for variable, value in settings.items()]
        (fresh / name).write_text("".join(lines))
    fresh.rename(folder / EXPORTS)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    hold = Hold(folder / "lock")
    if not hold.take():
        raise Misconfigured(f"an up or down is at work in {folder}, expected to be the only one")
    try:
        yield
    finally:
        hold.let_go()
