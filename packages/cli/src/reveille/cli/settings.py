"""What `reveille up` and `reveille serve` can be told: by options, which win, and by REVEILLE_* variables."""

import math
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reveille.adapters.kafka_security import FILES as KAFKA_FILES
from reveille.adapters.kafka_security import Kind, Mechanism
from reveille.adapters.settings import setting
from reveille.adapters.tls import Pem, check_url
from reveille.kernel.errors import Misconfigured

HTTP_FILES: Final = ("REVEILLE_TLS_CERT", "REVEILLE_TLS_KEY", "REVEILLE_TLS_CLIENT_CA")
GRPC_FILES: Final = ("REVEILLE_GRPC_CERT", "REVEILLE_GRPC_KEY", "REVEILLE_GRPC_CA")


def _share(value: str) -> float:
    if not 0 <= (share := _number(value)) <= 1:
        raise ValueError("a number from 0 to 1")
    return share


def _seconds(value: str) -> float:
    if not 0 <= (seconds := _number(value)) < math.inf:
        raise ValueError("seconds, 0 or more")
    return seconds


def _number(value: str) -> float:
    """Not a number where it is none."""
    try:
        return float(value)
    except ValueError:
        return math.nan


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
    grpc_reflection: bool = setting("REVEILLE_GRPC_REFLECTION", default=False)
    event_store: str = setting("REVEILLE_EVENT_STORE", default="")
    bus: str = setting("REVEILLE_BUS", default="embedded")
    views: str = setting("REVEILLE_VIEWS", default="")
    tls_cert: Path | None = setting("REVEILLE_TLS_CERT", default=None)
    tls_key: Path | None = setting("REVEILLE_TLS_KEY", default=None)
    tls_client_ca: Path | None = setting("REVEILLE_TLS_CLIENT_CA", default=None)
    encryption_keys: str = setting("REVEILLE_ENCRYPTION_KEYS", default="", secret=True)
    encryption_file: Path | None = setting("REVEILLE_ENCRYPTION_KEYS_FILE", default=None)
    grace: float = setting("REVEILLE_GRACE", default=5.0)
    watch: tuple[Path, ...] = setting("REVEILLE_WATCH", default=(), parse=_folders)
    log_level: str = setting("REVEILLE_LOG_LEVEL", default="warning", aliases=("LOG_LEVEL",))
    log_format: str = setting("REVEILLE_LOG_FORMAT", default="")
    otlp_endpoint: str = setting("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
    trace_sample: float = setting("REVEILLE_TRACE_SAMPLE", default=1.0, parse=_share)
    trace_slow: float = setting("REVEILLE_TRACE_SLOW", default=10.0, parse=_seconds)

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

    @property
    def http_pem(self) -> Pem:
        return Pem(cert=self.tls_cert, key=self.tls_key, ca=self.tls_client_ca, names=HTTP_FILES)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """instance: what this replica is called; its own among the service's, and the same after a restart.

    redis: "" is none: then live events come by the log alone. bind: where gRPC and the admin port listen, host and
    port: where ingress's HTTP does. blobs: "" is where the views are. key: the same on all replicas of all
    services for as long as the log lives. grpc_reflection: say to whoever can connect what is served there.
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
    grpc_reflection: bool = setting("REVEILLE_GRPC_REFLECTION", default=False)
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
    tls_cert: Path | None = setting("REVEILLE_TLS_CERT", default=None)
    tls_key: Path | None = setting("REVEILLE_TLS_KEY", default=None)
    tls_client_ca: Path | None = setting("REVEILLE_TLS_CLIENT_CA", default=None)
    grpc_cert: Path | None = setting("REVEILLE_GRPC_CERT", default=None)
    grpc_key: Path | None = setting("REVEILLE_GRPC_KEY", default=None)
    grpc_ca: Path | None = setting("REVEILLE_GRPC_CA", default=None)
    grpc_name: str = setting("REVEILLE_GRPC_NAME", default="")
    kafka_security: Kind = setting("REVEILLE_KAFKA_SECURITY", default="plaintext")
    kafka_ca: Path | None = setting("REVEILLE_KAFKA_CA", default=None)
    kafka_cert: Path | None = setting("REVEILLE_KAFKA_CERT", default=None)
    kafka_key: Path | None = setting("REVEILLE_KAFKA_KEY", default=None)
    kafka_sasl: Mechanism | None = setting("REVEILLE_KAFKA_SASL", default=None)
    kafka_user: str = setting("REVEILLE_KAFKA_USER", default="")
    kafka_password: str = setting("REVEILLE_KAFKA_PASSWORD", default="", secret=True)
    encryption_keys: str = setting("REVEILLE_ENCRYPTION_KEYS", default="", secret=True)
    encryption_file: Path | None = setting("REVEILLE_ENCRYPTION_KEYS_FILE", default=None)
    grace: float = setting("REVEILLE_GRACE", default=5.0)
    log_level: str = setting("REVEILLE_LOG_LEVEL", default="warning", aliases=("LOG_LEVEL",))
    log_format: str = setting("REVEILLE_LOG_FORMAT", default="")
    otlp_endpoint: str = setting("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
    trace_sample: float = setting("REVEILLE_TRACE_SAMPLE", default=1.0, parse=_share)
    trace_slow: float = setting("REVEILLE_TRACE_SLOW", default=10.0, parse=_seconds)

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
    def http_pem(self) -> Pem:
        return Pem(cert=self.tls_cert, key=self.tls_key, ca=self.tls_client_ca, names=HTTP_FILES)

    @property
    def grpc_pem(self) -> Pem | None:
        """None: no TLS. Raises Misconfigured where a part is missing: each side shows its own certificate."""
        files = (self.grpc_cert, self.grpc_key, self.grpc_ca)
        if not any(files):
            if self.grpc_name:
                raise Misconfigured(f"REVEILLE_GRPC_NAME is set and {GRPC_FILES[0]} is not, expected both or none")
            return None
        for name, file in zip(GRPC_FILES, files, strict=True):
            if file is None:
                raise Misconfigured(f"{name} is not set, expected all of {', '.join(GRPC_FILES)} or none")
        return Pem(cert=self.grpc_cert, key=self.grpc_key, ca=self.grpc_ca, names=GRPC_FILES)

    @property
    def kafka_pem(self) -> Pem:
        return Pem(cert=self.kafka_cert, key=self.kafka_key, ca=self.kafka_ca, names=KAFKA_FILES)

    @property
    def asked(self) -> Mapping[str, str]:
        """Where ingress asks the other services."""
        return {
            "analyzer": self.analyzer,
            "planner": self.planner,
            "budget": self.budget,
            "agent-runner": self.agent_runner,
        }

    def check_places(self) -> None:
        """What it rests on, whichever service it is. Raises Misconfigured, never with a URL's password in it."""
        if not self.event_store.startswith(KINDS_OF_STORE):
            raise Misconfigured(
                f"REVEILLE_EVENT_STORE begins with {self.event_store[:12]!r}, expected one of "
                + ", ".join(f"{kind}…" for kind in KINDS_OF_STORE)
            )
        for name, url in (("REVEILLE_VIEWS", self.views), ("REVEILLE_BLOBS", self.blobs_url)):
            if not url.startswith(POSTGRES):
                raise Misconfigured(f"{name} begins with {url[:12]!r}, expected {POSTGRES}…")
        for name, url in (
            ("REVEILLE_EVENT_STORE", self.event_store),
            ("REVEILLE_VIEWS", self.views),
            ("REVEILLE_BLOBS", self.blobs),
            ("REVEILLE_REDIS_URL", self.redis),
        ):
            check_url(name, url)
        if not 1 <= self.partitions <= 1000:
            raise Misconfigured(f"REVEILLE_PARTITIONS is {self.partitions}, expected 1 to 1000")

    def check(self, service: str) -> None:
        self.check_places()
        check_ports(*self.ports, self.grpc_port, self.admin_port)
        if service == "agent-runner" and self.ingress:
            _check_address("REVEILLE_INGRESS", self.ingress, "ingress")
        if not self.key:
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
