"""Before every route: who may ask at all, how much, how often; and after it: errors as problems."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from reveille.ingress.domain.flood import Places
from reveille.ingress.domain.refusals import Malformed, Missing, Refusal
from reveille.ingress.entrypoints.access_table import AccessTable, Entry, Openness
from reveille.ingress.entrypoints.http.gate import Held
from reveille.ingress.entrypoints.http.identity import (
    ENTRY,
    Authenticator,
    check_needs,
    entry_of,
    keep_entry,
    keep_principal,
    principal_of,
    while_known,
)
from reveille.ingress.entrypoints.http.limits import Limits, share
from reveille.ingress.entrypoints.http.metrics import Answers
from reveille.ingress.entrypoints.http.origins import Origins
from reveille.ingress.entrypoints.http.problems import Flooded, TooLarge, Unauthenticated, outline, problem_of
from reveille.ingress.entrypoints.http.tracing import end_span, trace_id_of, trace_of
from reveille.ingress.settings import Settings
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids

logger = logging.getLogger(__name__)

# Whoever runs the machine asks, under whatever load, and no page could send it.
HEALTH: Final = frozenset({"/healthz", "/readyz"})
# Under load this must be answered too; what it takes to know who asks, anybody could ask for without an end.
WATCHED: Final = "/metrics"
UNASKED: Final = (Openness.OPEN, Openness.PROOF)
# A door among the paths of the API.
EVENTS: Final = "/api/v1/events"


class Guard:
    """signed: whether the senders at a path prove themselves, so that it does not matter which way they came."""

    def __init__(
        self,
        app: Any,
        *,
        settings: Settings,
        table: AccessTable,
        signed: Callable[[str], bool],
        authenticator: Authenticator,
        limits: Limits,
        held: Held,
        ids: Ids,
        answers: Answers,
    ) -> None:
        self._app = app
        self._answers = answers
        self._settings = settings
        self._table = table
        self._signed = signed
        self._authenticator = authenticator
        self._limits = limits
        self._held = held
        self._origins = Origins(settings)
        self._ids = ids
        self._in_flight = 0
        self._of_tenants = Places(share(settings.max_in_flight))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        door, began = door_of(scope["path"]), perf_counter()
        status, tenant = 0, ""

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._in_flight += 1
        entry: Entry | None = None
        try:
            self._check(scope, door)
            entry = self._table.find(scope["method"], scope["path"])
            if entry is None or entry.needs in UNASKED:
                self._admit_stranger(scope, entry)
            else:
                tenant = await self._admit(scope, entry)
            if entry is None or not entry.lasts:
                await self._app(scope, receive, sending)
            elif not await self._answer_while_known(scope, entry, receive, sending):
                if not status:
                    raise Unauthenticated("wrong_credential", "what was shown has expired", challenge="Bearer")
                # As if it were at its end: who comes again is told why not.
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except Exception as error:
            if status:
                raise  # half an answer is sent: the server can only cut it off
            about = {"trace": trace_of(scope, self._ids)}
            # Not the path, in which may stand what nobody else is to read.
            asked = entry.name if entry else f"a request for {door}"
            if isinstance(error, Refusal | Transient):
                logger.info("%s is refused: %s", asked, outline(error), extra=about)
            else:
                logger.exception("%s failed", asked, extra=about)
            problem = problem_of(error, instance=scope["path"], trace_id=trace_id_of(scope, self._ids))
            await problem.send(sending)
        finally:
            self._in_flight -= 1
            if tenant:
                self._of_tenants.leave(tenant)
            self._answers.take(door, status, perf_counter() - began)
            end_span(scope, status)

    def _check(self, scope: Any, door: str) -> None:
        settings = self._settings
        if scope["path"] in HEALTH:
            return
        if self._in_flight > settings.max_in_flight and scope["path"] != WATCHED:
            told = f"{self._in_flight} requests are in flight, at most {settings.max_in_flight} are taken"
            raise Flooded(told, retry_after=1)
        self._limits.check_address(scope, door)
        for name, value in scope["headers"]:
            if name == b"content-length":
                self._check_length(value)

    def _check_length(self, value: bytes) -> None:
        if not value.isdigit():
            raise Malformed("invalid_content_length", "Content-Length must be a whole number")
        if len(value) > 15 or int(value) > self._settings.max_body:
            raise TooLarge("body_too_large", f"the body is above the limit of {self._settings.max_body} bytes")

    def _admit_stranger(self, scope: Any, entry: Entry | None) -> None:
        """What the access table does not know is nobody's: whatever is asked is told that there is no such thing."""
        if entry is not None:
            keep_entry(scope, entry)
        path = scope["path"]
        if path not in HEALTH and not self._signed(path):
            self._origins.check_stranger(scope)

    async def _admit(self, scope: Any, entry: Entry) -> str:
        """By what the access table says, before a byte of the body is read.

        The tenant whose place it has; "" where it takes none, as what lasts is held elsewhere.
        """
        keep_entry(scope, entry)
        principal = await self._authenticator.principal(scope)
        # A page that came by chance is nobody that is known.
        self._origins.check(scope, principal)
        keep_principal(scope, principal)
        check_needs(principal, entry.needs)
        self._limits.check_key(principal)
        if entry.lasts or not principal.proven:
            return ""
        if not self._of_tenants.take(principal.tenant):
            told = f"{self._of_tenants.most} requests of tenant {principal.tenant} are in flight"
            raise Flooded(f"{told}, the most that are taken", retry_after=1)
        return principal.tenant

    async def _answer_while_known(self, scope: Any, entry: Entry, receive: Any, send: Any) -> bool:
        """Whether it came to its own end, and was not ended since he who asked is no longer who he was."""
        principal = principal_of(scope)
        with self._held.one(entry.path, scope, principal):
            # It is counted there, and leaves its place here to those who come and go.
            self._in_flight -= 1
            try:
                return await while_known(self._authenticator, principal, self._app(scope, receive, send))
            finally:
                self._in_flight += 1


def check_routed(scope: Any) -> None:
    """Raises Missing where the framework has found another route than the guard."""
    if ENTRY not in scope or entry_of(scope).path != scope["route"].path:
        raise Missing("not_found", f"there is nothing at {scope['path'][:200]}")


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
