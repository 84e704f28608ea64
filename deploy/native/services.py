"""The five services as processes on servers that run: a platform, of which several fit on one set of servers."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

from deploy.native import database
from deploy.native.places import keep_secret, make_folder
from deploy.native.process import Process
from deploy.native.servers import Addresses
from deploy.native.service import COMMAND, INGRESS, SERVICES, Service
from deploy.native.together import each, together
from reveille.kernel.errors import Misconfigured

T = TypeVar("T")

PLATFORM: Final = "reveille"
# Who nudges, and who is nudged, by Redis.
FANNING: Final = ("ingress", "planner", "agent-runner")
# What a program needs to be one, and nothing that says anything to a platform.
_INHERITED: Final = ("PATH", "HOME", "LANG", "TMPDIR")


class Services:
    """Its database, topics and key are its own. Used with `with` they start, and end with it.

    `services["planner-2"]` is a `Server` that can be killed and started again alone; its `program` knows its ports.

    replicas: of a service, 1 where it is not said. port: of the first ingress, and the two above; 0 is any free
    ones. inherited: the environment under what is set here; only the likes of PATH if it is not said.
    environment: for all services, over what is set here; of_service: for one, over all. command: what is given a
    service's name and is that service then, `reveille serve` or a profiler that runs it.
    """

    def __init__(
        self,
        addresses: Addresses,
        folder: Path,
        *,
        replicas: Mapping[str, int] | None = None,
        port: int = 0,
        database: str = PLATFORM,
        prefix: str = PLATFORM,
        inherited: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        of_service: Mapping[str, Mapping[str, str]] | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.folder = folder
        self.database = database
        self._addresses = addresses
        self._settings = _cluster_settings(addresses, database, prefix)
        self._inherited = _kept() if inherited is None else dict(inherited)
        self._environment = dict(environment or {})
        self._of_service = _check(of_service or {}, "settings")
        self._command = command
        self._key = folder / "key"
        wanted = _check(replicas or {}, "replicas")
        # Ingress is told where it finds the others.
        others = [self._process(kind, number) for kind in SERVICES[1:] for number in range(1, wanted.get(kind, 1) + 1)]
        peers: dict[str, list[str]] = {}
        for one in others:
            peers.setdefault(_variable(one.program.kind), []).append(one.program.grpc_address)
        self._peers = {variable: ",".join(addresses) for variable, addresses in peers.items()}
        doors = [
            self._process(INGRESS, number, http=port if number == 1 else 0)
            for number in range(1, wanted.get(INGRESS, 1) + 1)
        ]
        self._all = {one.name: one for one in (*doors, *others)}
        # And the agent-runner where agents look up what came in.
        asked = ",".join(one.program.grpc_address for one in doors)
        for one in self.replicas("agent-runner"):
            one.program.settings.setdefault(_variable(INGRESS), asked)

    @property
    def url(self) -> str:
        """The first ingress."""
        return self[f"{INGRESS}-1"].program.url

    @property
    def database_url(self) -> str:
        return self._settings["REVEILLE_EVENT_STORE"]

    @property
    def shared_settings(self) -> Mapping[str, str]:
        """What makes a service one of this platform, whichever it is."""
        return {**self._settings, **self._environment}

    def __getitem__(self, name: str) -> Process[Service]:
        return self._all[name]

    def replicas(self, kind: str) -> list[Process[Service]]:
        return [one for one in self._all.values() if one.program.kind == kind]

    def __iter__(self) -> Iterator[Process[Service]]:
        return iter(self._all.values())

    def prepare(self) -> None:
        """Make its database and its key, if they are not there."""
        make_folder(self.folder)
        keep_secret(self._key)
        database.create(self._addresses.postgres, self.database)

    def start(self) -> None:
        """All or none; returns when each is ready."""
        self.prepare()
        try:
            together(all_of=[one.start for one in self._all.values()], otherwise=self.kill)
        except BaseException:
            self.kill()
            self.stop()
            raise

    def stop(self) -> None:
        each([one.stop for one in self._all.values()])

    def kill(self) -> None:
        each([one.kill for one in self._all.values()])

    def leave(self) -> None:
        """Let them run on without this process."""
        for one in self._all.values():
            one.leave()

    def __enter__(self) -> "Services":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _process(self, kind: str, number: int, *, http: int = 0) -> Process[Service]:
        its_own = self._peers if kind == INGRESS else {}
        its_own = {**its_own, "REVEILLE_KEY_FILE": str(self._key)}
        if kind in FANNING:
            its_own = {**its_own, "REVEILLE_REDIS_URL": self._addresses.redis}
        told = {**self._settings, **its_own, **self._environment, **self._of_service.get(kind, {})}
        return Process(
            Service(kind, number, told, command=self._command, inherited=self._inherited, http=http), self.folder
        )


def _cluster_settings(addresses: Addresses, name: str, prefix: str) -> dict[str, str]:
    url = database.url_of(addresses.postgres, name)
    return {
        "REVEILLE_EVENT_STORE": url,
        "REVEILLE_VIEWS": url,
        "REVEILLE_BUS": f"kafka://{addresses.kafka}",
        "REVEILLE_TOPIC_PREFIX": prefix,
    }


def _check(given: Mapping[str, T], what: str) -> dict[str, T]:
    for kind in given:
        if kind not in SERVICES:
            raise Misconfigured(f"{what} are given for {kind!r}, expected one of {', '.join(SERVICES)}")
    return dict(given)


def _variable(kind: str) -> str:
    return f"REVEILLE_{kind.upper().replace('-', '_')}"


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}
