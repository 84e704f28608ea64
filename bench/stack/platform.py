"""The five services as processes on Kafka and PostgreSQL, under measurement."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.deliveries import SECRET
from bench.running import PATIENCE, PYTHON, REST_SECONDS, REST_SHARE, REVEILLE, ROOT, BenchFailed
from bench.stack.cpu import cpu_seconds
from deploy.native.servers import Servers
from deploy.native.service import INGRESS
from deploy.native.services import Services

SERVE: Final = (REVEILLE, "serve")


@dataclass(frozen=True, slots=True)
class Platform:
    """A database and topics of its own on servers that others of the same invocation use before and after it."""

    servers: Servers
    services: Services

    @property
    def port(self) -> int:
        port = urlsplit(self.services.url).port
        assert port is not None
        return port

    @property
    def pids(self) -> dict[str, int]:
        """Of the services and of the servers under them."""
        servers = (self.servers.kafka, self.servers.postgres)
        return {**self._of_services(), **{one.name: one.pid for one in servers}}

    def rss_mb(self) -> dict[str, float]:
        return {name: _rss_mb(pid) for name, pid in self.pids.items()}

    def cpu(self) -> dict[str, float]:
        return cpu_seconds(self.pids)

    def settle(self) -> None:
        """Return when every service is at rest: what was still to do must not fall into the next run."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.check()
            before = cpu_seconds(self._of_services())
            time.sleep(REST_SECONDS)
            after = cpu_seconds(self._of_services())
            if all(after[name] - before[name] <= REST_SECONDS * REST_SHARE for name in after):
                return
        raise BenchFailed(f"port {self.port}: a service is still busy after {PATIENCE:g} s, expected all at rest")

    def check(self) -> None:
        for one in self.services:
            if not one.running and one.pid:
                raise BenchFailed(f"{one.name} ended: {one.tail()}")

    def _of_services(self) -> dict[str, int]:
        return {one.program.kind: one.pid for one in self.services if one.pid}


@contextmanager
def platform(
    servers: Servers,
    folder: Path,
    fleet: str,
    *,
    profile: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Platform]:
    """profile: the folder into which each service writes its profile at its end."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "fleet.yaml"
    file.write_text(fleet)
    command: Sequence[str] = SERVE
    if profile:
        command = (PYTHON, "-m", "bench.profiled", str(profile), "serve")
    # The agents of the bench are imported from the project's folder.
    environment = {"PYTHONPATH": str(ROOT), **(settings or {})}
    name = f"bench_{folder.name}"
    services = Services(
        servers.addresses,
        folder / "services",
        database=name,
        prefix=name,
        environment=environment,
        of_service={INGRESS: {"REVEILLE_FLEET": str(file), "REVEILLE_GITHUB_SECRET": SECRET}},
        command=command,
    )
    with services:
        yield Platform(servers, services)


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise BenchFailed(f"process {pid} has no VmRSS, expected a live process on Linux")
