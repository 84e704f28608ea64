"""What ingress can be told from outside, by environment variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from os import pathsep
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from reveille.adapters.settings import setting
from reveille.ingress.domain.flood import Rate
from reveille.ingress.domain.signing import SIGNING, signing_key

# Above what one client sends in a benchmark on one machine, and far below what a loop gone wild does.
DEFAULT_RATE: Final = Rate(20_000, 1)
SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}
MODES: Final[Mapping[str, bool]] = {"embedded": True, "cluster": False}


def _secrets(value: str) -> tuple[bytes, ...]:
    secrets = tuple(secret.strip().encode() for secret in value.split(",") if secret.strip())
    if not secrets:
        raise ValueError("one secret, or several parted by commas")
    return secrets


def _gitlab_secrets(value: str) -> tuple[bytes, ...]:
    secrets = _secrets(value)
    for secret in secrets:
        if secret.startswith(SIGNING):
            signing_key(secret)
    return secrets


def _agent_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    try:
        return _custom_secrets(value)
    except ValueError:
        raise ValueError("agent=key, several parted by commas; one agent may have two") from None


def _custom_secrets(value: str) -> tuple[tuple[str, bytes], ...]:
    found = []
    for part in value.split(","):
        name, given, secret = part.strip().partition("=")
        if not (name and given and secret):
            raise ValueError("name=secret, several parted by commas")
        found.append((name, secret.encode()))
    return tuple(found)


def _notification_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    try:
        return tuple((name, signing_key(secret)) for name, secret in _custom_secrets(value))
    except ValueError:
        raise ValueError("name=whsec_… and a key in base64, several parted by commas") from None


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


def _seconds(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value) or not float(value):
        raise ValueError("seconds, above 0")
    return float(value)


def _api(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query or url.fragment:
        raise ValueError("a URL like https://github.example.com/api/v3")
    return value.rstrip("/")


def _token(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,500}", value):
        raise ValueError("printable ASCII without a space")
    return value


def _folders(value: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in value.split(pathsep) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """embedded: all services are in this process. host: the address that HTTP is bound to.

    Of secrets and tokens all are valid, so that one can be changed without losing a delivery. custom_secrets: by the
    name of a source. notification_keys: by the name of a notification, what it is signed with. wake_tokens: of the
    doors of our own protocol. repos: the folders below which a push may name a clone. fleet_tokens: who has one may
    change the fleet, off loopback too. approval_tokens: who has one may decide on approvals. plan_tokens: who has one
    may begin and change plans. github_api, gitlab_api: who is asked for the files that a payload does not name; "" is
    nobody, unless there is a token, which is for the public one. socket_ping, socket_silence: seconds after which a
    socket is pinged, and closed where nothing is heard. socket_queue: events that wait at most for a client of live
    events. open_reads: answer the read API off loopback too, where whoever can connect is trusted. own_machine: all
    services are on this machine, and nobody else's programs are: on loopback their doors are as open as those of one
    process.
    """

    tenant: str = setting("REVEILLE_TENANT", default="default", parse=_tenant)
    embedded: bool = setting("REVEILLE_MODE", default=False, parse=_mode)
    host: str = setting("REVEILLE_HOST", default="127.0.0.1")
    github_secrets: tuple[bytes, ...] = setting(
        "REVEILLE_GITHUB_SECRET", default=(), aliases=("GITHUB_WEBHOOK_SECRET",), secret=True, parse=_secrets
    )
    approval_tokens: tuple[bytes, ...] = setting("REVEILLE_APPROVAL_TOKEN", default=(), secret=True, parse=_secrets)
    fleet_tokens: tuple[bytes, ...] = setting("REVEILLE_FLEET_TOKEN", default=(), secret=True, parse=_secrets)
    plan_tokens: tuple[bytes, ...] = setting("REVEILLE_PLAN_TOKEN", default=(), secret=True, parse=_secrets)
    github_api: str = setting("REVEILLE_GITHUB_API", default="", parse=_api)
    github_token: str = setting("REVEILLE_GITHUB_TOKEN", default="", secret=True, parse=_token)
    gitlab_api: str = setting("REVEILLE_GITLAB_API", default="", parse=_api)
    gitlab_token: str = setting("REVEILLE_GITLAB_TOKEN", default="", secret=True, parse=_token)
    gitlab_secrets: tuple[bytes, ...] = setting(
        "REVEILLE_GITLAB_SECRET", default=(), aliases=("GITLAB_WEBHOOK_SECRET",), secret=True, parse=_gitlab_secrets
    )
    jenkins_secrets: tuple[bytes, ...] = setting(
        "REVEILLE_JENKINS_SECRET", default=(), aliases=("JENKINS_WEBHOOK_SECRET",), secret=True, parse=_secrets
    )
    ci_secrets: tuple[bytes, ...] = setting("REVEILLE_CI_SECRET", default=(), secret=True, parse=_secrets)
    prometheus_secrets: tuple[bytes, ...] = setting(
        "REVEILLE_PROMETHEUS_SECRET", default=(), secret=True, parse=_secrets
    )
    agent_keys: tuple[tuple[str, bytes], ...] = setting(
        "REVEILLE_AGENT_KEYS", default=(), secret=True, parse=_agent_keys
    )
    custom_secrets: tuple[tuple[str, bytes], ...] = setting(
        "REVEILLE_CUSTOM_SECRETS", default=(), secret=True, parse=_custom_secrets
    )
    notification_keys: tuple[tuple[str, bytes], ...] = setting(
        "REVEILLE_NOTIFICATION_SECRETS", default=(), secret=True, parse=_notification_keys
    )
    wake_tokens: tuple[bytes, ...] = setting("REVEILLE_WAKE_TOKEN", default=(), secret=True, parse=_secrets)
    rate_limit: Rate = setting("REVEILLE_RATE_LIMIT", default=DEFAULT_RATE, parse=_rate)
    max_body: int = setting("REVEILLE_MAX_BODY", default=1024 * 1024, parse=_positive)
    max_in_flight: int = setting("REVEILLE_MAX_IN_FLIGHT", default=2_000, parse=_positive)
    socket_ping: float = setting("REVEILLE_SOCKET_PING", default=30.0, parse=_seconds)
    socket_silence: float = setting("REVEILLE_SOCKET_SILENCE", default=60.0, parse=_seconds)
    socket_queue: int = setting("REVEILLE_SOCKET_QUEUE", default=1_000, parse=_positive)
    repos: tuple[Path, ...] = setting("REVEILLE_REPOS", default=(), parse=_folders)
    open_reads: bool = setting("REVEILLE_OPEN_READS", default=False)
    own_machine: bool = setting("REVEILLE_OWN_MACHINE", default=False)

    def secrets_of(self, source: str) -> tuple[bytes, ...]:
        return tuple(secret for name, secret in self.custom_secrets if name == source)

    def keys_of(self, notification: str) -> tuple[bytes, ...]:
        return tuple(key for name, key in self.notification_keys if name == notification)

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
