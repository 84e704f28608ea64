"""Before every route: who may ask at all, how much, how often; and after it: errors as problems."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from reveille.ingress.domain.flood import Buckets
from reveille.ingress.domain.refusals import Forbidden, Malformed, Refusal
from reveille.ingress.entrypoints.http.identity import Authenticator, keep_principal
from reveille.ingress.entrypoints.http.problems import Flooded, TooLarge, problem_of
from reveille.ingress.entrypoints.http.tracing import trace_id_of, trace_of
from reveille.ingress.settings import Settings, is_loopback
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids

logger = logging.getLogger(__name__)

# What asks for its own health must be answered under load too.
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
# Off loopback these show what tenants do, and nobody has to say who he is yet.
READS: Final = ("/api/", "/status", "/docs", "/openapi.json", "/assets/")
# The page that shows all of it.
PAGE: Final = "/"
# A door among them.
EVENTS: Final = "/api/v1/events"


class Guard:
    """signed: whether the senders at a path prove themselves, so that it does not matter which way they came."""

    def __init__(
        self,
        app: Any,
        *,
        settings: Settings,
        signed: Callable[[str], bool],
        authenticator: Authenticator,
        clock: Clock,
        ids: Ids,
        answers: Counter[tuple[str, int]],
    ) -> None:
        """answers: counted by door and status."""
        self._app = app
        self._answers = answers
        self._settings = settings
        self._signed = signed
        self._authenticator = authenticator
        self._clock = clock
        self._ids = ids
        self._buckets = Buckets(settings.rate_limit)
        self._in_flight = 0
        self._on_loopback = settings.on_loopback

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        door = door_of(scope["path"])
        status = 0

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._in_flight += 1
        try:
            self._check(scope, door)
            keep_principal(scope, await self._authenticator.principal(scope))
            await self._app(scope, receive, sending)
        except Exception as error:
            if status:
                raise  # half an answer is sent: the server can only cut it off
            about = {"trace": trace_of(scope, self._ids)}
            if isinstance(error, Refusal | Transient):
                logger.info("%s %s is refused: %s", scope["method"], scope["path"], error, extra=about)
            else:
                logger.exception("%s %s failed", scope["method"], scope["path"], extra=about)
            problem = problem_of(error, instance=scope["path"], trace_id=trace_id_of(scope, self._ids))
            await problem.send(sending)
        finally:
            self._in_flight -= 1
            self._answers[door, status] += 1

    def _check(self, scope: Any, door: str) -> None:
        path, settings = scope["path"], self._settings
        if path in PROBES:
            return
        if self._in_flight > settings.max_in_flight:
            told = f"{self._in_flight} requests are in flight, at most {settings.max_in_flight} are taken"
            raise Flooded(told, retry_after=1)
        client = scope["client"]
        seconds = self._buckets.take(client[0] if client else "", door, self._clock.now())
        if seconds:
            rate = settings.rate_limit
            told = f"more than {rate.requests} requests in {rate.seconds} s came from this address"
            raise Flooded(told, retry_after=seconds)
        if self._on_loopback:
            if not self._signed(path):
                check_origin(dict(scope["headers"]))
        elif (path == PAGE or path.startswith(READS)) and path != EVENTS and not settings.open_reads:
            raise Forbidden("door_closed", "reading is closed: REVEILLE_OPEN_READS opens it to all who can connect")
        for name, value in scope["headers"]:
            if name == b"content-length":
                self._check_length(value)

    def _check_length(self, value: bytes) -> None:
        if not value.isdigit():
            raise Malformed("invalid_content_length", "Content-Length must be a whole number")
        if len(value) > 15 or int(value) > self._settings.max_body:
            raise TooLarge("body_too_large", f"the body is above the limit of {self._settings.max_body} bytes")


def signed_by(settings: Settings) -> Callable[[str], bool]:
    """Whether the senders at a path must prove themselves."""
    secrets = {
        "/webhooks/github": settings.github_secrets,
        "/webhooks/gitlab": settings.gitlab_secrets,
        "/webhooks/jenkins": settings.jenkins_secrets,
        "/webhooks/ci": settings.ci_secrets,
        "/webhooks/prometheus": settings.prometheus_secrets,
        "/webhook/git": settings.wake_tokens,
        EVENTS: settings.wake_tokens,
        **{f"/webhooks/custom/{name}": (secret,) for name, secret in settings.custom_secrets},
    }
    signed = frozenset(path for path, given in secrets.items() if given)
    named = ("/webhook/trigger/", "/webhook/system/") if settings.wake_tokens else ()
    return lambda path: path in signed or path.startswith(named)


def door_of(path: str) -> str:
    """A name out of a fixed set, so that nobody can make up new ones."""
    parts = path.split("/", 3)
    match parts[1:3]:
        case ["webhooks", ("github" | "gitlab" | "jenkins" | "ci" | "prometheus" | "custom") as door]:
            return door
        case ["webhook", ("trigger" | "git" | "system") as door]:
            return door
        case ["api", _] if path == EVENTS:
            return "events"
        case ["" | "assets", *_]:
            return "page"
        case ["api" | "status" | "docs" | "openapi.json", *_]:
            return "reads"
        case [("healthz" | "readyz" | "metrics")]:
            return "probes"
    return "none"


def check_origin(headers: Mapping[bytes, bytes]) -> None:
    """Any page in a browser can send to loopback, and its own name can point there: these headers tell."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not is_loopback(_name(host)):
        raise Forbidden("foreign_host", f"Host is {host[:100]!r}, expected localhost or a loopback address")
    origin = headers.get(b"origin")
    if origin is not None and origin.decode("latin-1").partition("://")[2] != host:
        raise Forbidden("foreign_origin", f"Origin is {origin[:100].decode('latin-1')!r}, expected none or this host")


def _name(host: str) -> str:
    """Without its port; the brackets of an IPv6 address stay."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
