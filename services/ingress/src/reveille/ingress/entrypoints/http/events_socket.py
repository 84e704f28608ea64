"""`/ws/events`: live events of any executions on one socket, each once, in order and without a hole."""

import asyncio
import logging
from typing import Any, Final

from reveille.adapters.heard_socket import ALIVE, AT_ONCE
from reveille.ingress.application.live import Live
from reveille.ingress.application.overview import Overview
from reveille.ingress.domain.refusals import Refusal
from reveille.ingress.entrypoints.http.events_socket_subscriptions import Caught
from reveille.ingress.entrypoints.http.events_socket_talk import Talk
from reveille.ingress.entrypoints.http.sockets import Gate, close, refuse
from reveille.ingress.settings import Settings
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids

logger = logging.getLogger(__name__)

PATH: Final = "/ws/events"


class EventsSocket:
    """Plain ASGI."""

    def __init__(
        self, *, settings: Settings, live: Live, overview: Overview, caught_up: Caught, clock: Clock, ids: Ids
    ) -> None:
        self._settings = settings
        self._gate = Gate(settings=settings, clock=clock)
        self._live = live
        self._overview = overview
        self._caught_up = caught_up
        self._ids = ids
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
            self._gate.check(scope, opened=self.opened)
            await send({"type": "websocket.accept"})
            await self._converse(scope, receive, send)
        except (Refusal, Transient) as error:
            await refuse(scope, send, error, self._ids)
        finally:
            self.opened -= 1

    async def _converse(self, scope: Any, receive: Any, send: Any) -> None:
        extensions = scope.get("extensions", {})
        talk = Talk(
            tenant=self._settings.tenant,
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
