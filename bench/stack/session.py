"""What the figures of the stack share besides folders and rounds: the servers that all of them run on."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.session import Session
from bench.stack.platform import Platform, platform
from deploy.native.servers import Servers


@dataclass(slots=True, kw_only=True)
class StackSession(Session):
    servers: Servers

    def stack(self, fleet: str, settings: Mapping[str, str] | None = None) -> AbstractContextManager[Platform]:
        """Five fresh services, on a database and topics of their own."""
        return platform(self.servers, self.fresh(), fleet, profile=self.profile, settings=settings)
