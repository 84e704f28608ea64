"""Connections to PostgreSQL that come back by themselves, and what their errors say about the work that met them."""

import asyncio
import random
import socket
from collections.abc import Mapping
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]

from reveille.adapters.tls import explained
from reveille.kernel.errors import Misconfigured, Transient

POSTGRES: Final = "postgresql://"
SHAPE: Final = f"{POSTGRES}user:password@host:port/database"
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 2.0
DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
READ_ONLY: Final = "25006"  # a server that has become a standby
OUTCOME_UNKNOWN: Final = "40003"

SETTINGS: Final[Mapping[str, str]] = {
    # Whatever the server's default: what an append has answered is on the disk.
    "synchronous_commit": "on",
    # Each statement of log.append must see what was committed while it waited for its turn.
    "default_transaction_isolation": "read committed",
    # Below ANSWER_SECONDS: a statement that the server gives up is known to have changed nothing.
    "statement_timeout": "8s",
    # Every statement is served by an index. The planner, asked while the tables are still empty, would choose to read
    # them from end to end, and would keep to that for as long as the connection lasts.
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    # A client whose machine is gone is noticed within half a minute.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}


class PostgresConnection:
    """One connection for one use at a time. Where it was lost, `get` makes another, after a pause that grows."""

    def __init__(self, url: str, *, name: str, settings: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._settings = {**SETTINGS, **(settings or {}), "application_name": name}
        self._open: Any = None
        self._failures = 0

    @property
    def pid(self) -> int:
        """The server's number for it; 0 where there is no connection."""
        return 0 if self._open is None or self._open.is_closed() else self._open.get_server_pid()

    async def get(self) -> Any:
        """Raises Transient where there is no connection to be had."""
        if self._open is not None and not self._open.is_closed():
            return self._open
        self.drop()
        if self._failures:
            await asyncio.sleep(pause(self._failures))
        self._failures += 1
        try:
            self._open = await _connect(self._url, self._settings)
        except DRIVER_ERRORS as error:
            raise Transient(f"database {place(self._url)}: {line(error)}", retry_after=pause(self._failures)) from error
        self._failures = 0
        return self._open

    def drop(self) -> None:
        """At once and without a word to the server: nobody knows what it would answer to."""
        if self._open is not None:
            self._open.terminate()
            self._open = None

    async def close(self) -> None:
        if self._open is not None:
            try:
                await self._open.close(timeout=1)
            except DRIVER_ERRORS:
                self._open.terminate()
            self._open = None


def pause(failures: int) -> float:
    """Seconds; spread out, so that all who lost the same server do not come back to it together."""
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2**failures)
    return random.uniform(longest / 2, longest)


async def connected(url: str, **options: Any) -> Any:
    """A connection of the driver's. Raises DRIVER_ERRORS, and Misconfigured for a URL or a file that it names."""
    try:
        return await asyncpg.connect(url, **options)
    except asyncpg.ConnectionDoesNotExistError as error:
        if "sslcert=" not in url:
            raise
        # Whether the server's alert is read before its end of the connection is a matter of chance.
        raise ConnectionError("it ends the connection, as where it does not take the sslcert in its URL") from error
    except ValueError as error:
        if isinstance(error, OSError):  # a certificate that does not hold
            raise
        # The driver's own words may quote the URL, and with it the password.
        raise Misconfigured(f"the URL of database {place(url)} cannot be read, expected {SHAPE}") from error


async def _connect(url: str, settings: Mapping[str, str]) -> Any:
    connection = await connected(url, timeout=CONNECT_SECONDS, server_settings=dict(settings))
    # The driver has no option for it. Without it an idle connection whose server's machine is gone looks sound.
    kept: socket.socket = connection._transport.get_extra_info("socket")
    if kept.family != socket.AF_UNIX:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, option):
                kept.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return connection


def place(url: str) -> str:
    """`host:port/database`: where it is, without who and how."""
    # By hand: a password with a character that should have been escaped must not come out either.
    return url.removeprefix(POSTGRES).rpartition("@")[2].partition("?")[0]


def check_url(url: str) -> None:
    if not url.startswith(POSTGRES):
        # Not the whole URL: it may hold a password.
        raise Misconfigured(f"a database of PostgreSQL is at a URL that begins with {url[:10]!r}, expected {SHAPE}")


def line(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if reason := explained(error):
        return f"{reason}, see sslrootcert, sslcert and sslkey in its URL"
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def refused(error: BaseException) -> bool:
    """The server itself says that the statement failed: it has changed nothing, and the connection is sound.

    Whatever else goes wrong while a statement is under way leaves open whether it happened.
    """
    if not isinstance(error, asyncpg.PostgresError):
        return False
    if isinstance(error, asyncpg.DataError):  # also what the driver could not even encode
        return True
    return error.severity_en == "ERROR" and error.sqlstate not in (OUTCOME_UNKNOWN, READ_ONLY)


def unfit(error: BaseException) -> bool:
    """The statement's values cannot be kept, whoever sends them and whenever."""
    return isinstance(error, asyncpg.DataError)


def outdated(error: BaseException) -> bool:
    """A migration changed what a prepared statement gives; having said so, the driver prepares it anew."""
    return isinstance(error, asyncpg.InvalidCachedStatementError | asyncpg.OutdatedSchemaCacheError)
