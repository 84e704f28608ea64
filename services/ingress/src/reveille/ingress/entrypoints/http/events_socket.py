"""`/ws/events`: live events of any executions on one socket, each once, in order and without a hole."""

import asyncio
import logging
from typing import Any, ClassVar, Final

from reveille.adapters.heard_socket import ALIVE, AT_ONCE
from reveille.ingress.application.live import Live
from reveille.ingress.application.overview import Overview
from reveille.ingress.entrypoints.access_table import EVENTS_SOCKET, SocketEntry
from reveille.ingress.entrypoints.http.events_socket_subscriptions import Caught
from reveille.ingress.entrypoints.http.events_socket_talk import Talk
from reveille.ingress.entrypoints.http.identity import check_needs, principal_of
from reveille.ingress.entrypoints.http.sockets import close
from reveille.ingress.settings import Settings

logger = logging.getLogger(__name__)

PATH: Final = "/ws/events"


class EventsSocket:
    """Plain ASGI."""

    entry: ClassVar[SocketEntry] = EVENTS_SOCKET

    def __init__(self, *, settings: Settings, live: Live, overview: Overview, caught_up: Caught) -> None:
        self._settings = settings
        self._live = live
        self._overview = overview
        self._caught_up = caught_up
        self.opened = 0
        self._leaving = asyncio.Event()

    def takes(self, scope: Any) -> bool:
        """Of a socket."""
        path: str = scope["path"]
        return path in (PATH, f"{PATH}/")

    async def drain(self, grace: float) -> None:
        """All sockets are closed; clients come again, and go on where they were."""
        self._leaving.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        self.opened += 1
        try:
            await send({"type": "websocket.accept"})
            await self._converse(scope, receive, send)
        finally:
            self.opened -= 1

    async def _converse(self, scope: Any, receive: Any, send: Any) -> None:
        extensions = scope.get("extensions", {})
        principal = principal_of(scope)
        talk = Talk(
            tenant=principal.tenant,
            check=lambda type: check_needs(principal, self.entry.messages[type]),
            live=self._live,
            overview=self._overview,
            caught_up=self._caught_up,
            capacity=self._settings.socket_queue,
            silence=self._settings.socket_silence,
            alive=extensions.get(ALIVE, lambda: 0.0),
            at_once=extensions.get(AT_ONCE, lambda frame: False),
            leaving=self._leaving,
        )
        closing = await talk.run(receive, send)
        if closing is None:
            return
        logger.info("a socket of live events is closed: %s", closing[1])
        await close(send, closing)
