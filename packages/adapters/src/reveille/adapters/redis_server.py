"""Where a Redis server is, and bare connections to it: no pool, no retry, no reconnect behind one's back."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio.connection import Connection, SSLConnection, parse_url
from redis.exceptions import ConnectionError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from reveille.kernel.errors import Misconfigured

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 2.0
# What a URL may say besides `ssl_…`; time-outs and the protocol are this module's business.
_OPTIONS: Final = frozenset({"connection_class", "host", "port", "db", "username", "password"})

Command = tuple[str | bytes, ...]


class RedisLink:
    """One connection. Every call ends within ANSWER_SECONDS, or raises RedisError: then the link is of no more use.

    The client's own time-outs are not used: below Python 3.12 they can swallow a cancellation.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    async def send(self, *commands: Command) -> None:
        if not self._connection.is_connected:  # it would connect again, and what it was subscribed to be forgotten
            raise ConnectionError(f"{self._name} has closed the connection")
        packed = self._connection.pack_commands(commands)
        await self._bounded(self._connection.send_packed_command(packed))

    async def answer(self) -> Any:
        return await self._bounded(self._connection.read_response())

    async def ask(self, *command: str | bytes) -> Any:
        await self.send(command)
        return await self.answer()

    async def next(self, seconds: float) -> Any:
        """What comes in, or None when nothing has in so many seconds."""
        return await self._connection.read_response(timeout=seconds)

    async def _bounded(self, doing: Any) -> Any:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await doing
        except TimeoutError as error:
            raise RedisTimeoutError(f"{self._name} has not answered within {ANSWER_SECONDS:g} s") from error


class RedisServer:
    def __init__(self, url: str) -> None:
        """Raises Misconfigured, which shows nothing of the URL: in a broken one the password may stand anywhere."""
        try:
            self._options: dict[str, Any] = {**parse_url(url)}
            _check(self._options)
            self._kind: type[Connection] = self._options.pop("connection_class", Connection)
            made = self._make()
        except (TypeError, ValueError, RedisError):
            raise Misconfigured(
                "the URL of Redis cannot be used, expected redis://USER:PASSWORD@HOST:PORT, or rediss://… for TLS, "
                "with no options but ssl_…"
            ) from None
        self.name = f"redis at {made.host}:{made.port}"
        self._by_tls = issubclass(self._kind, SSLConnection)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[RedisLink]:
        """Raises RedisError, AuthenticationError where the server does not let this user in."""
        connection = self._make()
        link = RedisLink(connection, self.name)
        try:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await connection.connect()  # type: ignore[no-untyped-call]
            except TimeoutError as error:
                raise RedisTimeoutError(f"{self.name} cannot be reached within {CONNECT_SECONDS:g} s") from error
            yield link
        finally:
            # The end of the closing is not waited for: the peer may be gone without having said so.
            await connection.disconnect(nowait=True)

    def hint(self, error: Exception) -> str:
        """What may be behind it. Whether the server's alert is read before its reset is a matter of chance."""
        if self._by_tls and "reset by peer" in str(error):
            return "; it may not take the ssl_certfile in its URL, or want one"
        return ""

    def _make(self) -> Connection:
        return self._kind(
            **self._options,
            # Also the first command, at which a server that wants a password says so.
            client_name="reveille",
            # In the older protocol all that comes on a subscribed connection is one kind of reply, in order.
            protocol=2,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=None,
            socket_keepalive=True,
        )


def _check(options: Iterable[str]) -> None:
    for name in options:
        if name not in _OPTIONS and not name.startswith("ssl_"):
            raise ValueError(name)
