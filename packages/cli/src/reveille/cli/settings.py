"""What `reveille up` and `reveille serve` can be told: by options, which win, and by REVEILLE_* variables."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reveille.adapters.settings import setting
from reveille.kernel.errors import Misconfigured


def _folders(value: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in value.split(os.pathsep) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpSettings:
    """event_store and views: "" is a place below `data`. agent_port and webhook_port: 0 is one and two above `port`."""

    data: Path = setting("REVEILLE_DATA", default=Path(".reveille"), aliases=("LOG_DIR",))
    fleet: Path | None = setting("REVEILLE_FLEET", default=None)
    host: str = setting("REVEILLE_HOST", default="127.0.0.1")
    port: int = setting("REVEILLE_PORT", default=3004, aliases=("ORCHESTRATOR_PORT",))
    agent_port: int = setting("REVEILLE_AGENT_PORT", default=0, aliases=("WEBSOCKET_PORT",))
    webhook_port: int = setting("REVEILLE_WEBHOOK_PORT", default=0)
    grpc_port: int = setting("REVEILLE_GRPC_PORT", default=0)
    event_store: str = setting("REVEILLE_EVENT_STORE", default="")
    bus: str = setting("REVEILLE_BUS", default="embedded")
    views: str = setting("REVEILLE_VIEWS", default="")
    grace: float = setting("REVEILLE_GRACE", default=5.0)
    watch: tuple[Path, ...] = setting("REVEILLE_WATCH", default=(), parse=_folders)
    log_level: str = setting("REVEILLE_LOG_LEVEL", default="warning", aliases=("LOG_LEVEL",))
    log_format: str = setting("REVEILLE_LOG_FORMAT", default="")
    otlp_endpoint: str = setting("OTEL_EXPORTER_OTLP_ENDPOINT", default="")

    @property
    def log_file(self) -> Path:
        if not self.event_store:
            return self.data / "log.db"
        if not self.event_store.startswith("sqlite:") or self.event_store == "sqlite:":
            raise Misconfigured(
                f"REVEILLE_EVENT_STORE begins with {self.event_store[:12]!r}, expected sqlite:PATH in embedded mode"
            )
        return Path(self.event_store.removeprefix("sqlite:"))

    def views_url(self, service: str) -> str:
        """A file for each service, so that none waits for another's transactions."""
        if not self.views:
            return f"sqlite:{self.data / 'views' / service}.db"
        if not self.views.startswith("sqlite:") or self.views == "sqlite:":
            raise Misconfigured(
                f"REVEILLE_VIEWS begins with {self.views[:12]!r}, expected sqlite:FOLDER in embedded mode"
            )
        return f"sqlite:{Path(self.views.removeprefix('sqlite:')) / service}.db"

    @property
    def ports(self) -> tuple[int, int, int]:
        return ports_from(self.port, self.agent_port, self.webhook_port)

    def check(self) -> None:
        if self.bus != "embedded":
            raise Misconfigured(f"REVEILLE_BUS is {self.bus!r}, expected embedded in embedded mode")
        check_ports(*self.ports, self.grpc_port)


KINDS_OF_STORE: Final = ("postgresql://", "esdb://", "esdb+discover://")
POSTGRES: Final = "postgresql://"


def _brokers(value: str) -> str:
    """Older set-ups name the brokers alone."""
    return value if "://" in value else f"kafka://{value}"


def _key(value: str) -> bytes:
    try:
        key = bytes.fromhex(value)
    except ValueError:
        key = b""
    if len(key) < 32:
        raise ValueError("at least 32 bytes in hexadecimal digits")
    return key


# Services that make digests of what people wrote.
KEYED: Final = ("ingress", "planner")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """instance: what this replica is called; its own among the service's, and the same after a restart.

    redis: "" is none: then live events come by the log alone. bind: where gRPC and the admin port listen, host and
    port: where ingress's HTTP does. blobs: "" is where the views are. key: of ingress and the planner, the same on all
    their replicas for as long as the log lives.
    """

    event_store: str = setting("REVEILLE_EVENT_STORE", secret=True)
    bus: str = setting("REVEILLE_BUS", aliases=("KAFKA_BROKERS",), parse=_brokers)
    views: str = setting("REVEILLE_VIEWS", secret=True)
    blobs: str = setting("REVEILLE_BLOBS", default="", secret=True)
    redis: str = setting("REVEILLE_REDIS_URL", default="", aliases=("REDIS_URL",), secret=True)
    instance: str = setting("REVEILLE_INSTANCE", default="")
    topic_prefix: str = setting("REVEILLE_TOPIC_PREFIX", default="reveille")
    partitions: int = setting("REVEILLE_PARTITIONS", default=12)
    replication: int = setting("REVEILLE_REPLICATION", default=0)
    bind: str = setting("REVEILLE_BIND", default="127.0.0.1")
    grpc_port: int = setting("REVEILLE_GRPC_PORT", default=0)
    admin_port: int = setting("REVEILLE_ADMIN_PORT", default=0)
    host: str = setting("REVEILLE_HOST", default="127.0.0.1")
    port: int = setting("REVEILLE_PORT", default=3004, aliases=("ORCHESTRATOR_PORT",))
    agent_port: int = setting("REVEILLE_AGENT_PORT", default=0, aliases=("WEBSOCKET_PORT",))
    webhook_port: int = setting("REVEILLE_WEBHOOK_PORT", default=0)
    ingress: str = setting("REVEILLE_INGRESS", default="")
    analyzer: str = setting("REVEILLE_ANALYZER", default="")
    planner: str = setting("REVEILLE_PLANNER", default="")
    budget: str = setting("REVEILLE_BUDGET", default="")
    agent_runner: str = setting("REVEILLE_AGENT_RUNNER", default="")
    fleet: Path | None = setting("REVEILLE_FLEET", default=None)
    key: bytes = setting("REVEILLE_KEY", default=b"", secret=True, parse=_key)
    grace: float = setting("REVEILLE_GRACE", default=5.0)
    log_level: str = setting("REVEILLE_LOG_LEVEL", default="warning", aliases=("LOG_LEVEL",))
    log_format: str = setting("REVEILLE_LOG_FORMAT", default="")
    otlp_endpoint: str = setting("OTEL_EXPORTER_OTLP_ENDPOINT", default="")

    @property
    def name(self) -> str:
        return self.instance or socket.gethostname()

    @property
    def blobs_url(self) -> str:
        return self.blobs or self.views

    @property
    def ports(self) -> tuple[int, int, int]:
        return ports_from(self.port, self.agent_port, self.webhook_port)

    @property
    def asked(self) -> Mapping[str, str]:
        """Where ingress asks the other services."""
        return {
            "analyzer": self.analyzer,
            "planner": self.planner,
            "budget": self.budget,
            "agent-runner": self.agent_runner,
        }

    def check(self, service: str) -> None:
        """Raises Misconfigured, never with a URL's password in it."""
        if not self.event_store.startswith(KINDS_OF_STORE):
            raise Misconfigured(
                f"REVEILLE_EVENT_STORE begins with {self.event_store[:12]!r}, expected one of "
                + ", ".join(f"{kind}…" for kind in KINDS_OF_STORE)
            )
        for name, url in (("REVEILLE_VIEWS", self.views), ("REVEILLE_BLOBS", self.blobs_url)):
            if not url.startswith(POSTGRES):
                raise Misconfigured(f"{name} begins with {url[:12]!r}, expected {POSTGRES}…")
        if not 1 <= self.partitions <= 1000:
            raise Misconfigured(f"REVEILLE_PARTITIONS is {self.partitions}, expected 1 to 1000")
        check_ports(*self.ports, self.grpc_port, self.admin_port)
        if service == "agent-runner" and self.ingress:
            _check_address("REVEILLE_INGRESS", self.ingress, "ingress")
        if service in KEYED and not self.key:
            raise Misconfigured("REVEILLE_KEY is not set, expected at least 32 bytes in hexadecimal digits")
        if service == "ingress":
            for other, address in self.asked.items():
                _check_address(f"REVEILLE_{other.upper().replace('-', '_')}", address, other)


def _check_address(variable: str, address: str, other: str) -> None:
    if not address:
        raise Misconfigured(f"{variable} is not set, expected HOST:PORT of the {other}'s gRPC")
    for one in address.split(","):
        host, _, port = one.strip().rpartition(":")
        if not (host and port.isdigit()):
            raise Misconfigured(f"{variable} is {address!r}, expected HOST:PORT of the {other}'s gRPC")


def ports_from(port: int, agent_port: int, webhook_port: int) -> tuple[int, int, int]:
    """HTTP's, and where the same application also listens: 0 is one and two above it."""
    return port, agent_port or (port and port + 1), webhook_port or (port and port + 2)


def check_ports(*ports: int) -> None:
    for port in ports:
        if not 0 <= port <= 65535:
            raise Misconfigured(f"port {port} is none, expected 0 to 65535")
