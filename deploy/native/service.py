"""One replica of one of the five services, as a process: `reveille serve <service>`."""

import http.client
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.native.ports import HOST, free_ports
from reveille.kernel.errors import Misconfigured

INGRESS: Final = "ingress"
# In the order in which what happens passes through them.
SERVICES: Final = (INGRESS, "analyzer", "planner", "budget", "agent-runner")
COMMAND: Final = (str(Path(sys.executable).with_name("reveille")), "serve")
PROBE_SECONDS: Final = 5.0
# What a service takes to end besides the grace that it gives its runs, ten times over: the machine may be busy.
ENDING_SECONDS: Final = 20.0
DEFAULT_GRACE: Final = 5.0
# The port of HTTP, of agents' sockets and of webhooks.
INGRESS_PORTS: Final = 3


class Service:
    """A `Program`. grpc and admin are its ports; http is ingress's, 0 of the others.

    settings: what it is told, besides where it listens, over which they win. inherited: what both win over.
    """

    def __init__(
        self,
        kind: str,
        number: int,
        settings: Mapping[str, str],
        *,
        command: Sequence[str],
        inherited: Mapping[str, str],
        http: int = 0,
    ) -> None:
        self.kind = kind
        self.number = number
        self._command = command
        self.grpc = free_ports(2)
        self.admin = self.grpc + 1
        self.http = (http or free_ports(INGRESS_PORTS)) if kind == INGRESS else 0
        self.settings: dict[str, str] = {**self._listening(), **settings}
        self._inherited = inherited

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def url(self) -> str:
        """Where people and pages ask it: ingress's HTTP, the others' health and metrics."""
        return f"http://{HOST}:{self.http or self.admin}"

    @property
    def admin_url(self) -> str:
        return f"http://{HOST}:{self.admin}"

    @property
    def grpc_address(self) -> str:
        return f"{HOST}:{self.grpc}"

    @property
    def ports(self) -> Sequence[int]:
        own = (self.grpc, self.admin)
        return (*own, *range(self.http, self.http + INGRESS_PORTS)) if self.http else own

    @property
    def about(self) -> Mapping[str, str]:
        return {"address": self.url, "admin": self.admin_url, "grpc": self.grpc_address}

    @property
    def stop_signal(self) -> signal.Signals:
        return signal.SIGTERM

    @property
    def grace(self) -> float:
        try:
            told = float(self.environment.get("REVEILLE_GRACE") or DEFAULT_GRACE)
        except ValueError:
            told = DEFAULT_GRACE  # It will say itself what is wrong with it.
        return told + ENDING_SECONDS

    @property
    def environment(self) -> Mapping[str, str]:
        return {**self._inherited, **self.settings}

    def prepare(self) -> None:
        if not Path(self._command[0]).exists():
            raise Misconfigured(f"{self._command[0]} is not there, expected the installed command: make install")

    def command(self) -> Sequence[str]:
        return [*self._command, self.kind]

    def answers(self) -> bool:
        return is_ready(self.admin_url)

    def _listening(self) -> dict[str, str]:
        told = {
            "REVEILLE_INSTANCE": self.name,
            "REVEILLE_GRPC_PORT": str(self.grpc),
            "REVEILLE_ADMIN_PORT": str(self.admin),
        }
        return {**told, "REVEILLE_HOST": HOST, "REVEILLE_PORT": str(self.http)} if self.http else told


def is_ready(admin_url: str) -> bool:
    """Whether its dependencies are there and it has caught up."""
    connection = http.client.HTTPConnection(admin_url.removeprefix("http://"), timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
