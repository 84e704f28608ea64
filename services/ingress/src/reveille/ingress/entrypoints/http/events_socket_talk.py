"""One client of `/ws/events`: what he says and is told, and to what he is subscribed."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from reveille.ingress.application.live import Live
from reveille.ingress.application.overview import Overview
from reveille.ingress.domain.flood import MICROSECONDS, Buckets, Rate
from reveille.ingress.domain.refusals import Refusal
from reveille.ingress.entrypoints.http.events_socket_queue import Outgoing
from reveille.ingress.entrypoints.http.events_socket_subscriptions import Caught, Subscription, subscription
from reveille.ingress.entrypoints.http.live_messages import (
    Ping,
    Pong,
    Ref,
    Subscribe,
    Target,
    Unsubscribe,
    Wrong,
    error_message,
    message,
    read,
)
from reveille.ingress.entrypoints.http.sockets import Closing, either_ends

logger = logging.getLogger(__name__)

MOST_SUBSCRIPTIONS: Final = 200
# Who comes again may subscribe to everything at once; what goes on above it is ignored.
HEARD: Final = Rate(250, 5)
TAKEN: Final = Rate(500, 1)
# That messages are ignored is said so often.
FLOODED_SECONDS: Final = 1.0
FLOODING: Final[Closing] = (1008, f"more than {TAKEN.requests} messages in a second")
RESTARTING: Final[Closing] = (1012, "the platform restarts; subscribe again behind what you have")
SILENT: Final = 4408


class Talk:
    """Runs as long as the socket is open. live, overview, caught_up, outgoing: for its subscriptions."""

    def __init__(
        self,
        *,
        tenant: str,
        check: Callable[[str], None],
        live: Live,
        overview: Overview,
        caught_up: Caught,
        capacity: int,
        silence: float,
        alive: Callable[[], float],
        at_once: Callable[[bytes], bool],
        leaving: asyncio.Event,
    ) -> None:
        """check: raises a Refusal for what the client may not say, by its type.

        alive: when the connection was last heard of, by the loop's time. at_once: as Outgoing has it.
        """
        self.tenant = tenant
        self._check = check
        self.live = live
        self.overview = overview
        self.caught_up = caught_up
        self.outgoing = Outgoing(capacity, at_once)
        self._silence = silence
        self._alive = alive
        self._leaving = leaving
        self._loop = asyncio.get_running_loop()
        self._spoke = self._loop.time()
        # Also those that are not answered yet.
        self._running: set[Subscription] = set()
        self._standing: dict[Target, Subscription] = {}
        self._heard = Buckets(HEARD)
        self._taken = Buckets(TAKEN)
        self._flooded_at = 0.0
        self._group = asyncio.TaskGroup()

    async def run(self, receive: Any, send: Any) -> Closing | None:
        """What the socket is to be closed with; None: it is closed already."""
        async with self._group:
            try:
                return await either_ends(self._hear(receive), self._tell(send), self._listen(), self._until_left())
            finally:
                for one in self._running:
                    one.end()

    def stands(self, one: Subscription) -> None:
        if before := self._standing.get(one.target):
            before.end()
        self._standing[one.target] = one

    def refused(self, one: Subscription, error: Wrong) -> None:
        self._forget(one)
        self.outgoing.say(error_message(error, **one.target.names))

    def relieve(self) -> None:
        """End the subscription of which most waits, and say where it goes on."""
        fullest = max(self._standing.values(), key=lambda one: one.waiting, default=None)
        if fullest is None or not fullest.waiting:
            return
        names = fullest.target.names
        most = self.outgoing.first_of(fullest)
        after = fullest.end()
        self._forget(fullest)
        logger.info("a client of live events lags: %s", names)
        fields: dict[str, Any] = {"executionId": most, "resumeAfter": after[most]}
        if "conversationId" in names:
            fields |= {**names, "after": after}
        self.outgoing.say(message("lagging", **fields))

    def _forget(self, one: Subscription) -> None:
        if self._standing.get(one.target) is one:
            del self._standing[one.target]

    async def _hear(self, receive: Any) -> Closing | None:
        while True:
            await self.outgoing.heard()
            heard = await receive()
            if heard["type"] == "websocket.disconnect":
                return None
            self._spoke = self._loop.time()
            now = int(self._spoke * MICROSECONDS)
            if self._taken.take("", "", now):
                return FLOODING
            if self._heard.take("", "", now):
                self._say_flooded()
                continue
            try:
                await self._answer(heard.get("text"))
            except Wrong as error:
                self.outgoing.say(error_message(error))

    async def _answer(self, text: str | None) -> None:
        """Raises Wrong."""
        match said := read(text):
            case Subscribe():
                self._check_said("subscribe", said.ref)
                await self._subscribe(said)
            case Unsubscribe(target, ref):
                self._check_said("unsubscribe", ref)
                self._unsubscribe(target, ref)
            case Ping(ref):
                self._check_said("ping", ref)
                self.outgoing.say(message("pong", ref=ref))
            case Pong():
                self._check_said("pong", None)

    def _check_said(self, type: str, ref: Ref) -> None:
        """Raises Wrong."""
        try:
            self._check(type)
        except Refusal as error:
            raise Wrong(error.code, str(error), ref) from None

    async def _subscribe(self, wish: Subscribe) -> None:
        """Return when it is answered: one after the other, so that answers come in the order of what was asked."""
        if wish.target not in self._standing and len(self._standing) >= MOST_SUBSCRIPTIONS:
            told = f"the socket has {MOST_SUBSCRIPTIONS} subscriptions, the most that it may have"
            raise Wrong("too_many_subscriptions", told, wish.ref)
        made = subscription(wish, self)
        self._running.add(made)
        made.task = self._group.create_task(self._run(made))
        await made.answered.wait()

    async def _run(self, one: Subscription) -> None:
        try:
            await one.run()
        finally:
            self._running.discard(one)
            self._forget(one)

    def _unsubscribe(self, target: Target, ref: Ref) -> None:
        one = self._standing.pop(target, None)
        if one is None:
            named = " ".join(target.names.values())
            raise Wrong("not_subscribed", f"{named[:100]} is not subscribed here", ref)
        sequence = one.end().get(target.execution_id, 0)
        self.outgoing.say(message("unsubscribed", **target.names, sequence=sequence, ref=ref))

    def _say_flooded(self) -> None:
        now = self._loop.time()
        if now - self._flooded_at >= FLOODED_SECONDS:
            self._flooded_at = now
            rate = HEARD.requests // HEARD.seconds
            told = f"too many messages, at most {rate} a second are heard; what comes now is ignored"
            self.outgoing.say(error_message(Wrong("flooded", told)))

    async def _tell(self, send: Any) -> Closing | None:
        try:
            while True:
                await send({"type": "websocket.send", "text": await self.outgoing.next()})
        except OSError:
            return None  # the client is gone

    async def _listen(self) -> Closing:
        while True:
            left = max(self._spoke, self._alive()) + self._silence - self._loop.time()
            if left <= 0:
                return SILENT, f"nothing was heard for {self._silence:g} s"
            await asyncio.sleep(left)

    async def _until_left(self) -> Closing:
        await self._leaving.wait()
        return RESTARTING
