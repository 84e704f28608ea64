"""Fanout over Redis pub/sub: the sockets of every replica, and this process's own even while Redis is away."""

import asyncio
import logging
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from redis.exceptions import AuthenticationError, RedisError

from reveille.adapters.local_fanout import CAPACITY, LocalFanout
from reveille.adapters.redis_outbox import Outbox
from reveille.adapters.redis_server import ANSWER_SECONDS, RedisLink, RedisServer
from reveille.adapters.tls import explained
from reveille.kernel.errors import Misconfigured

# Channels are one space for all databases of a server.
PREFIX: Final = "reveille:"
# PUBLISHes that one pipeline holds.
BATCH: Final = 500
# A connection on which nothing came for so long is asked whether it is still one.
SILENCE_SECONDS: Final = 5.0
FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 3.0
# What is still queued when the process ends has so long to go out.
FLUSH_SECONDS: Final = 1.0
# A process's id, before every message in Redis.
ORIGIN_BYTES: Final = 16

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wanted:
    """A channel that has subscribers here. settled: Redis sends it, or Redis is away."""

    subscribers: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class RedisFanout:
    """Subscribers of this process get a message at once, those of others by Redis, each at most once and in order.

    While Redis is away others miss what does not fit in the outbox, and what was on its way: messages only nudge.
    """

    def __init__(self, server: RedisServer, *, prefix: str, capacity: int, outbox: Outbox) -> None:
        self._server = server
        self._prefix = prefix
        self._local = LocalFanout(capacity)
        self._outbox = outbox
        # By this the process knows its own messages when they come back.
        self._origin = uuid.uuid4().bytes
        self._wanted: dict[str, _Wanted] = {}
        self._active: set[str] = set()
        self._changed = asyncio.Event()
        self._unanswered = 0
        self._answered = asyncio.Event()
        self._connected = False
        self._tried = asyncio.Event()
        self._refused = ""
        self._closing = False
        self._running: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, url: str, *, prefix: str = PREFIX, capacity: int = CAPACITY, outbox: Outbox | None = None
    ) -> "RedisFanout":
        """Return when Redis has been tried once; where it is away, that is one warning, and it is tried again for ever.

        Replicas hear each other under the same prefix. Raises Misconfigured when the URL is none or Redis refuses it.
        """
        fanout = cls(RedisServer(url), prefix=prefix, capacity=capacity, outbox=outbox or Outbox())
        fanout._running = asyncio.create_task(fanout._run(), name="redis fanout")
        try:
            await fanout._tried.wait()
            if fanout._refused:
                raise Misconfigured(f"{fanout._server.name} {fanout._refused}")
        except BaseException:
            await fanout.close()
            raise
        return fanout

    async def close(self) -> None:
        """What is queued has a second to go out."""
        if self._running is None:
            return
        if self._connected:
            await self._flush()
        self._closing = True
        self._running.cancel()
        await asyncio.wait([self._running])
        self._running = None

    @property
    def connected(self) -> bool:
        """Whether other replicas hear this one, and it them."""
        return self._connected

    @property
    def lost(self) -> int:
        """Messages that other replicas did not get from here."""
        return self._outbox.lost

    async def publish(self, channel: str, message: bytes) -> None:
        await self._local.publish(channel, message)
        self._outbox.put(channel, self._origin + message)

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async with self._local.subscribe(channel) as messages:
            wanted = self._wanted.setdefault(channel, _Wanted())
            wanted.subscribers += 1
            self._changed.set()
            if not self._connected or channel in self._active:
                wanted.settled.set()
            try:
                # No time-out of its own: an answer that is late ends the session, and that settles all.
                await wanted.settled.wait()
                yield messages
            finally:
                wanted.subscribers -= 1
                if not wanted.subscribers:
                    del self._wanted[channel]
                    self._changed.set()

    async def _run(self) -> None:
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._session()
            except* Exception as group:
                self._tell(_first(group))
            finally:
                self._part()
            if self._closing:  # below Python 3.12 a task group that has an error to tell forgets a cancellation
                return
            # A session that ends as soon as it has begun is a failure like none at all.
            calm = asyncio.get_running_loop().time() - began > LONGEST_DELAY
            failures = 0 if calm else failures + 1
            delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures, 10))
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))

    async def _session(self) -> None:
        """Until a connection breaks; always ends with an error."""
        connect = self._server.connect
        async with connect() as listening, connect() as sending, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(listening), name="redis listening")
            tasks.create_task(self._keep_subscribed(listening), name="redis subscribing")
            tasks.create_task(self._send(sending), name="redis sending")

    def _back(self) -> None:
        self._connected = True
        logger.info("%s: replicas hear each other; lost until now: %d", self._server.name, self.lost)
        self._tried.set()

    def _tell(self, reason: Exception) -> None:
        if not self._tried.is_set() and (refused := _refusal(reason)):
            self._refused = refused
        elif self._connected or not self._tried.is_set():
            # A defect, here or in the client, ends no fan-out either; but it must be seen.
            unexpected = not isinstance(reason, RedisError | OSError)
            said = "%s is away, only this process's own subscribers hear it: %s%s"
            logger.warning(
                said, self._server.name, reason, self._server.hint(reason), exc_info=reason if unexpected else None
            )

    def _part(self) -> None:
        self._connected = False
        self._active.clear()
        for wanted in self._wanted.values():
            wanted.settled.set()
        self._tried.set()

    async def _listen(self, link: RedisLink) -> None:
        while True:
            reply = await link.next(SILENCE_SECONDS)
            await self._take(await link.ask("PING") if reply is None else reply)

    async def _take(self, reply: Any) -> None:
        match reply:
            case [b"message", bytes(channel), bytes(message)] if len(message) >= ORIGIN_BYTES:
                if not message.startswith(self._origin):
                    await self._local.publish(self._name(channel), message[ORIGIN_BYTES:])
            case [b"subscribe", bytes(channel), _]:
                name = self._name(channel)
                self._active.add(name)
                if wanted := self._wanted.get(name):
                    wanted.settled.set()
                self._count_answer()
            case [b"unsubscribe", *_]:
                self._count_answer()

    def _count_answer(self) -> None:
        self._unanswered -= 1
        if not self._unanswered:
            self._answered.set()

    async def _keep_subscribed(self, link: RedisLink) -> None:
        """One change at a time, so that an answer can be to nothing but the last; what comes meanwhile waits."""
        while True:
            self._changed.clear()
            left = self._active - self._wanted.keys()
            self._active -= left
            await self._ask(link, "UNSUBSCRIBE", left)
            await self._ask(link, "SUBSCRIBE", self._wanted.keys() - self._active)
            if not self._connected:
                self._back()
            await self._changed.wait()

    async def _ask(self, link: RedisLink, command: str, channels: set[str]) -> None:
        if not channels:
            return
        self._unanswered = len(channels)
        self._answered.clear()
        await link.send((command, *map(self._key, channels)))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._answered.wait()
        except TimeoutError as error:
            raise TimeoutError(f"no answer to {command} within {ANSWER_SECONDS:g} s") from error

    async def _send(self, link: RedisLink) -> None:
        while True:
            # Nobody reads here while nothing is sent: a connection that broke unseen would cost the next messages.
            if not await self._outbox.arrived(SILENCE_SECONDS):
                await link.ask("PING")
                continue
            batch = self._outbox.take(BATCH)
            unanswered = len(batch)
            try:
                await link.send(*(("PUBLISH", self._key(channel), message) for channel, message in batch))
                for _ in batch:
                    await link.answer()
                    unanswered -= 1
            finally:
                # They may have arrived; sent again they might arrive twice, and out of order.
                self._outbox.lost += unanswered
            self._outbox.sent()

    async def _flush(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._outbox.emptied()
        except TimeoutError:
            pass

    def _key(self, channel: str) -> bytes:
        # A name that a client made up may hold half a surrogate pair; it must not end the session of all.
        return f"{self._prefix}{channel}".encode(errors="surrogatepass")

    def _name(self, key: bytes) -> str:
        return key.decode(errors="surrogatepass").removeprefix(self._prefix)


def _refusal(reason: Exception) -> str:
    """What no waiting mends; "" where it may."""
    if isinstance(reason, AuthenticationError):
        return f"refuses the user: {reason}, expected a URL with a name and password that it knows"
    if why := explained(reason):
        return f"is of no use: {why}, see ssl_ca_certs, ssl_certfile and ssl_keyfile in its URL"
    return ""


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    """What the session ended with; the rest came of it."""
    error: Any = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    found: Exception = error
    return found
