"""What ingress can be told from outside, by environment variables."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from os import pathsep
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from reveille.adapters.settings import setting
from reveille.ingress.domain.flood import Rate
from reveille.ingress.domain.signing import SIGNING, signing_key
from reveille.kernel.errors import Misconfigured

# Above what one client sends in a benchmark on one machine, and far below what a loop gone wild does.
DEFAULT_RATE: Final = Rate(20_000, 1)
SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600}
# Of others, with a secret of their own; besides them custom/ and the name of a source.
DOORS: Final = ("github", "gitlab", "jenkins", "ci", "prometheus")
MODES: Final[Mapping[str, bool]] = {"embedded": True, "cluster": False}
AUTH: Final[Mapping[str, bool]] = {"on": True, "off": False}
# None that checks with what it signs with: what checks here is public.
ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)


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


@dataclass(frozen=True, slots=True)
class TenantSecret:
    """door: github, gitlab, jenkins, ci or prometheus, or custom/ and the name of a source."""

    tenant: str
    door: str
    secret: bytes = field(repr=False)


_TENANT_SECRET: Final = re.compile(
    r"([a-z0-9_]{1,63})/(github|gitlab|jenkins|ci|prometheus|custom/[^/=,\s]{1,100})=([^\s,]+)"
)


def _tenant_secrets(value: str) -> tuple[TenantSecret, ...]:
    found = []
    for part in value.split(","):
        told = _TENANT_SECRET.fullmatch(part.strip())
        if not told:
            raise ValueError(
                "tenant/door=secret, several parted by commas, like acme/github=… or acme/custom/billing=…"
            )
        if told[2] == "gitlab" and told[3].encode().startswith(SIGNING):
            signing_key(told[3].encode())
        found.append(TenantSecret(told[1], told[2], told[3].encode()))
    return tuple(found)


def _origins(value: str) -> frozenset[str]:
    found = frozenset(part.strip().lower().rstrip("/") for part in value.split(",") if part.strip())
    for one in found:
        if not re.fullmatch(r"https?://[a-z0-9.\-\[\]:]+", one):
            raise ValueError("origins like https://page.example, parted by commas")
    return found


def _proxies(value: str) -> tuple[str, ...]:
    """Not everybody: whoever is taken at his word can be any address that he likes."""
    wanted = "addresses and networks of proxies, like 10.0.0.7,10.1.0.0/16, and not all addresses"
    try:
        found = [ip_network(part.strip()) for part in value.split(",")]
    except ValueError:
        raise ValueError(wanted) from None
    if not all(network.prefixlen for network in found):
        raise ValueError(wanted)
    return tuple(str(network) for network in found)


def _notification_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    try:
        return tuple((name, signing_key(secret)) for name, secret in _custom_secrets(value))
    except ValueError:
        raise ValueError("name=whsec_… and a key in base64, several parted by commas") from None


def _tenants(value: str) -> frozenset[str]:
    found = frozenset(part.strip() for part in value.split(",") if part.strip())
    if not found or not all(re.fullmatch(r"\*|[a-z0-9_]{1,63}", one) for one in found):
        raise ValueError("names of tenants, parted by commas, or * for all")
    return found


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


def _auth(value: str) -> bool:
    if value not in AUTH:
        raise ValueError("on or off")
    return AUTH[value]


def _admin_key(value: str) -> bytes:
    if not re.fullmatch(r"[\x21-\x7e]{32,500}", value):
        raise ValueError("at least 32 characters of printable ASCII without a space")
    return value.encode()


def _algorithms(value: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    if not found or not set(found) <= ALGORITHMS:
        raise ValueError(f"some of {', '.join(sorted(ALGORITHMS))}, with commas: only such as sign with a private key")
    return found


def _claim(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", value):
        raise ValueError("the name of a claim")
    return value


def _leeway(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", value):
        raise ValueError("seconds, below 1000")
    return float(value)


def _folders(value: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in value.split(pathsep) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """embedded: all services are in this process. host: the address that HTTP is bound to.

    Of secrets and tokens all are valid, so that one can be changed without losing a delivery. custom_secrets: by the
    name of a source. notification_keys: by the name of a notification, or tenant/name, what it is signed with.
    wake_tokens: of the doors of our own protocol. repos: the folders below which a push may name a clone. fleet_tokens:
    who has one may change the fleet, off loopback too. approval_tokens: who has one may decide on approvals.
    plan_tokens: who has one may begin and change plans. github_api, gitlab_api: who is asked for the files that a
    payload does not name; "" is nobody, unless there is a token, which is for the public one. socket_ping,
    socket_silence: seconds after which a socket is pinged, and closed where nothing is heard. socket_queue: events that
    wait at most for a client of live events. own_machine: all services are on this machine, and nobody else's programs
    are: on loopback their doors are as open as those of one process. auth: whether all have to say who they are; None:
    wherever others can connect. admin_key: who has it may issue the first key. jwt_*: of tokens, whose keys are at
    jwt_jwks, a URL or a path. notify_private: tenants beside the own one whose webhooks may go to private addresses; *
    is all. tenant_secrets: of senders of other tenants. allowed_origins: of pages elsewhere that may open sockets with
    a key. trusted_proxies: whose X-Forwarded-For says who asks.
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
    notify_private: frozenset[str] = setting("REVEILLE_NOTIFY_PRIVATE", default=frozenset(), parse=_tenants)
    wake_tokens: tuple[bytes, ...] = setting("REVEILLE_WAKE_TOKEN", default=(), secret=True, parse=_secrets)
    tenant_secrets: tuple[TenantSecret, ...] = setting(
        "REVEILLE_TENANT_SECRETS", default=(), secret=True, parse=_tenant_secrets
    )
    trusted_proxies: tuple[str, ...] = setting("REVEILLE_TRUSTED_PROXIES", default=(), parse=_proxies)
    rate_limit: Rate = setting("REVEILLE_RATE_LIMIT", default=DEFAULT_RATE, parse=_rate)
    key_rate_limit: Rate = setting("REVEILLE_KEY_RATE_LIMIT", default=Rate(5_000, 1), parse=_rate)
    tenant_rate_limit: Rate = setting("REVEILLE_TENANT_RATE_LIMIT", default=DEFAULT_RATE, parse=_rate)
    sockets_per_address: int = setting("REVEILLE_SOCKETS_PER_ADDRESS", default=2_000, parse=_positive)
    sockets_per_key: int = setting("REVEILLE_SOCKETS_PER_KEY", default=1_000, parse=_positive)
    sockets_per_tenant: int = setting("REVEILLE_SOCKETS_PER_TENANT", default=5_000, parse=_positive)
    allowed_origins: frozenset[str] = setting("REVEILLE_ALLOWED_ORIGINS", default=frozenset(), parse=_origins)
    max_body: int = setting("REVEILLE_MAX_BODY", default=1024 * 1024, parse=_positive)
    max_in_flight: int = setting("REVEILLE_MAX_IN_FLIGHT", default=2_000, parse=_positive)
    socket_ping: float = setting("REVEILLE_SOCKET_PING", default=30.0, parse=_seconds)
    socket_silence: float = setting("REVEILLE_SOCKET_SILENCE", default=60.0, parse=_seconds)
    socket_queue: int = setting("REVEILLE_SOCKET_QUEUE", default=1_000, parse=_positive)
    repos: tuple[Path, ...] = setting("REVEILLE_REPOS", default=(), parse=_folders)
    own_machine: bool = setting("REVEILLE_OWN_MACHINE", default=False)
    auth: bool | None = setting("REVEILLE_AUTH", default=None, parse=_auth)
    admin_key: bytes = setting("REVEILLE_ADMIN_KEY", default=b"", secret=True, parse=_admin_key)
    jwt_jwks: str = setting("REVEILLE_JWT_JWKS", default="")
    jwt_issuer: str = setting("REVEILLE_JWT_ISSUER", default="")
    jwt_audience: str = setting("REVEILLE_JWT_AUDIENCE", default="")
    jwt_leeway: float = setting("REVEILLE_JWT_LEEWAY", default=30.0, parse=_leeway)
    jwt_algorithms: tuple[str, ...] = setting(
        "REVEILLE_JWT_ALGORITHMS", default=("RS256", "ES256", "EdDSA"), parse=_algorithms
    )
    jwt_roles_claim: str = setting("REVEILLE_JWT_ROLES_CLAIM", default="roles", parse=_claim)
    jwt_tenant_claim: str = setting("REVEILLE_JWT_TENANT_CLAIM", default="tenant", parse=_claim)

    def secrets_at(self, door: str) -> dict[str, tuple[bytes, ...]]:
        """Who sends there, by tenant. Raises Misconfigured where one secret is two tenants'."""
        own = self._own_secrets(door)
        found = {self.tenant: own} if own else {}
        for one in self.tenant_secrets:
            if one.door == door:
                found[one.tenant] = (*found.get(one.tenant, ()), one.secret)
        _check_apart(door, found)
        return found

    @property
    def sources(self) -> frozenset[str]:
        """Those of any tenant's that have a secret."""
        theirs = {one.door.removeprefix("custom/") for one in self.tenant_secrets if one.door.startswith("custom/")}
        return frozenset({name for name, _ in self.custom_secrets} | theirs)

    def _own_secrets(self, door: str) -> tuple[bytes, ...]:
        if door.startswith("custom/"):
            return self.secrets_of(door.removeprefix("custom/"))
        return {
            "github": self.github_secrets,
            "gitlab": self.gitlab_secrets,
            "jenkins": self.jenkins_secrets,
            "ci": self.ci_secrets,
            "prometheus": self.prometheus_secrets,
        }[door]

    def secrets_of(self, source: str) -> tuple[bytes, ...]:
        return tuple(secret for name, secret in self.custom_secrets if name == source)

    def keys_of(self, tenant: str, notification: str) -> tuple[bytes, ...]:
        """Without a tenant's name before it, it is this platform's own tenant's."""
        names = {f"{tenant}/{notification}", *([notification] if tenant == self.tenant else [])}
        return tuple(key for name, key in self.notification_keys if name in names)

    def may_tell_inside(self, tenant: str) -> bool:
        """Whoever runs the platform writes his own tenant's fleet; others would have it ask its own network."""
        return tenant == self.tenant or not self.notify_private.isdisjoint({tenant, "*"})

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

    @property
    def authenticates(self) -> bool:
        """All who come in have to say who they are; where not, it is this machine's owner."""
        return not self.trusting if self.auth is None else self.auth

    def check(self) -> None:
        """Raises Misconfigured where everybody could come in, or nobody."""
        if not self.authenticates and not self.trusting:
            raise Misconfigured(
                f"REVEILLE_AUTH is off and REVEILLE_HOST {self.host}, expected on: it can be off only where all "
                "services are on one machine and listen on loopback"
            )
        if self.authenticates and not (self.jwt_jwks or self.admin_key):
            raise Misconfigured(
                f"nobody could come in on {self.host}: set REVEILLE_ADMIN_KEY (at least 32 characters, it issues the "
                "first keys), or REVEILLE_JWT_JWKS"
            )
        if self.jwt_jwks and not (self.jwt_issuer and self.jwt_audience):
            missing = "REVEILLE_JWT_AUDIENCE" if self.jwt_issuer else "REVEILLE_JWT_ISSUER"
            raise Misconfigured(f"{missing} is not set, expected what REVEILLE_JWT_JWKS's tokens name")
        for door in (*DOORS, *(f"custom/{name}" for name in self.sources)):
            self.secrets_at(door)


def _check_apart(door: str, by_tenant: Mapping[str, Collection[bytes]]) -> None:
    owners: dict[bytes, str] = {}
    for tenant, secrets in by_tenant.items():
        for secret in secrets:
            if owners.setdefault(secret, tenant) != tenant:
                raise Misconfigured(
                    f"tenants {owners[secret]} and {tenant} have one secret at door {door} (REVEILLE_TENANT_SECRETS), "
                    "expected one of its own for each"
                )


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
