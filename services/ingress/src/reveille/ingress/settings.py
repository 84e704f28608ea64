"""What ingress can be told from outside, by environment variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from os import pathsep
from pathlib import Path
from typing import Final

from reveille.adapters.settings import setting
from reveille.ingress.domain.flood import Rate

# Above what one client sends in a benchmark on one machine, and far below what a loop gone wild does.
DEFAULT_RATE: Final = Rate(20_000, 1)
SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}
MODES: Final[Mapping[str, bool]] = {"embedded": True, "cluster": False}


def _secrets(value: str) -> tuple[bytes, ...]:
    secrets = tuple(secret.strip().encode() for secret in value.split(",") if secret.strip())
    if not secrets:
        raise ValueError("one secret, or several parted by commas")
    return secrets


def _mode(value: str) -> bool:
    if value not in MODES:
        raise ValueError("embedded or cluster")
    return MODES[value]


def _tenant(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,63}", value):
        raise ValueError("at most 63 of a-z, 0-9 and _")
    return value


def _rate(value: str) -> Rate:
    found = re.fullmatch(r"([1-9][0-9]{0,8})/(second|minute|hour)", value)
    if not found:
        raise ValueError("a number per second, minute or hour, like 100/second")
    return Rate(int(found[1]), SECONDS[found[2]])


def _positive(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,11}", value):
        raise ValueError("a whole number above 0")
    return int(value)


def _folders(value: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in value.split(pathsep) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """embedded: all services are in this process. host: the address that HTTP is bound to.

    github_secrets: all are valid, so that one can be changed without losing a delivery. repos: the folders below which
    a push may name a clone. open_reads: answer the read API off loopback too, where whoever can connect is trusted.
    own_machine: all services are on this machine, and nobody else's programs are: on loopback their doors are as open
    as those of one process.
    """

    tenant: str = setting("REVEILLE_TENANT", default="default", parse=_tenant)
    embedded: bool = setting("REVEILLE_MODE", default=False, parse=_mode)
    host: str = setting("REVEILLE_HOST", default="127.0.0.1")
    github_secrets: tuple[bytes, ...] = setting(
        "REVEILLE_GITHUB_SECRET", default=(), aliases=("GITHUB_WEBHOOK_SECRET",), secret=True, parse=_secrets
    )
    rate_limit: Rate = setting("REVEILLE_RATE_LIMIT", default=DEFAULT_RATE, parse=_rate)
    max_body: int = setting("REVEILLE_MAX_BODY", default=1024 * 1024, parse=_positive)
    max_in_flight: int = setting("REVEILLE_MAX_IN_FLIGHT", default=2_000, parse=_positive)
    repos: tuple[Path, ...] = setting("REVEILLE_REPOS", default=(), parse=_folders)
    open_reads: bool = setting("REVEILLE_OPEN_READS", default=False)
    own_machine: bool = setting("REVEILLE_OWN_MACHINE", default=False)

    @property
    def on_loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def local(self) -> bool:
        """Every service sees this machine's files."""
        return self.embedded or self.own_machine

    @property
    def trusting(self) -> bool:
        """A door without a secret accepts, as only this machine's own programs can reach it."""
        return self.local and self.on_loopback


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
