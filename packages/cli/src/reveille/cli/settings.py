"""What `reveille up` can be told: by options, which win, and by REVEILLE_* variables."""

from dataclasses import dataclass
from pathlib import Path

from reveille.adapters.settings import setting
from reveille.kernel.errors import Misconfigured


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
        port = self.port
        return port, self.agent_port or (port and port + 1), self.webhook_port or (port and port + 2)

    def check(self) -> None:
        if self.bus != "embedded":
            raise Misconfigured(f"REVEILLE_BUS is {self.bus!r}, expected embedded in embedded mode")
        for port in self.ports:
            if not 0 <= port <= 65535:
                raise Misconfigured(f"port {port} is none, expected 0 to 65535")
