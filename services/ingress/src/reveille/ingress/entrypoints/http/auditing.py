"""Around the guard: what changes something, or was refused to somebody known, is on record before its answer begins."""

import logging
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import ActDone
from reveille.ingress.application.auditing import Auditing
from reveille.ingress.domain.access import Permission, Principal
from reveille.ingress.domain.flood import Buckets, Rate
from reveille.ingress.entrypoints.access_table import Entry
from reveille.ingress.entrypoints.http.identity import ENTRY, PRINCIPAL
from reveille.ingress.entrypoints.http.problems import problem_of
from reveille.ingress.entrypoints.http.tracing import trace_id_of, trace_of
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids

logger = logging.getLogger(__name__)

# What a signal was is its own record.
ACTS: Final = frozenset({Permission.PLAN, Permission.OPERATE, Permission.APPROVE, Permission.ADMINISTER})
ASKS: Final = frozenset({"GET", "HEAD"})
FORBIDDEN: Final = 403
# Whoever is refused again and again writes no more than this: the rest of it would be the same.
REFUSALS: Final = Rate(10, 1)
MAX_PATH: Final = 500
# What a proxy passes on need not be one.
MAX_ADDRESS: Final = 100
# What others' webhooks bring is its own record, and most of what comes.
PROVIDERS: Final = "/webhooks/"


class Audited:
    def __init__(self, app: Any, *, auditing: Auditing, clock: Clock, ids: Ids) -> None:
        self._app = app
        self._auditing = auditing
        self._clock = clock
        self._ids = ids
        self._refusals = Buckets(REFUSALS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(PROVIDERS):
            await self._app(scope, receive, send)
            return
        replaced = False

        async def sending(message: Any) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and self._is_recorded(scope, message["status"]):
                try:
                    await self._record(scope, scope[ENTRY].name, message["status"])
                except Transient as error:
                    if message["status"] < 500:
                        replaced = True
                        trace_id = trace_id_of(scope, self._ids)
                        await problem_of(error, instance=scope["path"], trace_id=trace_id).send(send)
            if not replaced:
                await send(message)

        await self._app(scope, receive, sending)

    def of_socket(self, scope: Any, act: str, send: Any) -> Any:
        """What a socket sends with, so that its refusal to somebody known is on record first, where that can be."""

        async def sending(message: Any) -> None:
            if message["type"] == "websocket.http.response.start" and message["status"] == FORBIDDEN:
                principal: Principal | None = scope.get(PRINCIPAL)
                if principal is not None and self._is_refusal_recorded(principal):
                    try:
                        await self._record(scope, act, FORBIDDEN)
                    except Transient as error:
                        logger.warning("that %s was refused %s is not on record: %s", principal.name, act, error)
            await send(message)

        return sending

    def _is_recorded(self, scope: Any, status: int) -> bool:
        """Not what was wrong with the request: it has changed nothing. What failed may have."""
        principal: Principal | None = scope.get(PRINCIPAL)
        entry: Entry | None = scope.get(ENTRY)
        if principal is None or entry is None:
            return False
        if status == FORBIDDEN:
            return self._is_refusal_recorded(principal)
        return entry.needs in ACTS and entry.method not in ASKS and (status < 400 or status >= 500)

    def _is_refusal_recorded(self, principal: Principal) -> bool:
        # Whoever has shown nothing may be any page in a browser of this machine, and that writes nothing.
        return principal.proven and not self._refusals.take(
            f"{principal.tenant}/{principal.counted_as}", "", self._clock.now()
        )

    async def _record(self, scope: Any, act: str, status: int) -> None:
        principal: Principal = scope[PRINCIPAL]
        client = scope["client"]
        done = ActDone(
            by=principal.name,
            key_id=principal.key_id,
            act=act,
            path=scope["path"][:MAX_PATH],
            status=status,
            address=client[0][:MAX_ADDRESS] if client else "",
        )
        await self._auditing.record(principal.tenant, done, trace=trace_of(scope, self._ids))
