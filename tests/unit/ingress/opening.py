"""Sockets as they stand behind the gate, for whomever a test wants them to be opened by."""

import asyncio
from collections.abc import Sequence
from typing import Any

from reveille.adapters.prometheus import Sample
from reveille.ingress.domain.access import Principal, owner
from reveille.ingress.entrypoints.http.doorway import Front
from reveille.ingress.entrypoints.http.gate import Gate, Held
from reveille.ingress.entrypoints.http.identity import keep_principal
from reveille.ingress.entrypoints.http.limits import Limits
from reveille.ingress.settings import Settings
from reveille.kernel.clock import SystemClock
from reveille.kernel.ids import UuidV7Ids


class Everybody:
    """An authenticator for which all are one and the same, until `leave`."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal
        self._left = asyncio.Event()

    async def principal(self, scope: Any) -> Principal:
        return self._principal

    async def ended(self, principal: Principal) -> None:
        await self._left.wait()

    def leave(self) -> None:
        self._left.set()


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(f"nothing but the socket is served, and {scope['path']} was asked for")


async def _nothing_told() -> Sequence[Sample]:
    return ()


def behind_gate(socket: Any, settings: Settings, everybody: Everybody | None = None) -> Front:
    """everybody: this machine's owner, where nobody else is said."""
    gate = Gate(
        settings=settings,
        authenticator=everybody or Everybody(owner(settings.tenant)),
        limits=Limits(settings, SystemClock()),
        held=Held(settings),
    )
    return Front(_nothing, doors=_nothing, sockets=[socket], gate=gate, ids=UuidV7Ids(), told=_nothing_told)


def owned(app: Any, tenant: str) -> Any:
    """The application, where all that is asked of it is its machine's owner's."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        keep_principal(scope, owner(tenant))
        await app(scope, receive, send)

    return asked
