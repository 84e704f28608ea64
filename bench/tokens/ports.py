"""Ports of a platform in memory that lives through a day: what costs the same in every virtual second costs little."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sql import InlineTransactions
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.events import Recorded
from reveille.kernel.service import Service

T = TypeVar("T")


class TailedStore(InlineEventStore):
    """Serves whoever follows the log from memory, as the store of `reveille up` does."""

    async def read_all(self, after: int, limit: int, *, category: str | None = None) -> list[Recorded]:
        found = self._tail.after(after, limit, category)
        return await super().read_all(after, limit, category=category) if found is None else found

    async def read_one(self, stream: str, revision: int) -> Recorded:
        return self._tail.one(stream, revision) or await super().read_one(stream, revision)


class SteadyTransactions:
    """Views in memory on one connection that is kept: beginning and ending it anew took longer than all statements."""

    def __init__(self, database: InlineTransactions) -> None:
        self._database = database
        self._connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver
        # SQLAlchemy begins once, at the first statement; from here on the driver is told when.
        self._connection.exec_driver_sql("SELECT 1")
        if driver.in_transaction:
            driver.execute("COMMIT")

    async def run(self, work: Callable[[Any], T]) -> T:
        self._driver.execute("BEGIN")
        try:
            result = work(self._connection)
        except BaseException:
            self._driver.execute("ROLLBACK")
            raise
        self._driver.execute("COMMIT")
        return result

    async def close(self) -> None:
        self._connection.close()
        await self._database.close()


class PatientClock:
    """The clock of what looks into a service's views again and again, as often as `longest` seconds, all day long.

    It looks so often because clocks are set and other replicas die. Here neither happens: what a look would find
    changes with the log alone, and with what is due. So looks that cannot find anything are left out, and no others.
    """

    def __init__(
        self,
        clock: Clock,
        service: Service,
        *,
        longest: float,
        next_due: Callable[[Any], int | None] = lambda connection: None,
    ) -> None:
        """next_due: of a connection to the views, when something is due that stands there by now."""
        self._clock = clock
        self._service = service
        self._longest = longest
        self._next_due = next_due

    def now(self) -> int:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        if seconds < self._longest:
            await self._clock.sleep(seconds)
            return
        ports, known = self._service.ports, self._service.follower.position
        due = await ports.transactions.run(self._next_due)
        left = None if due is None else max(0.0, (due - self.now()) / SECOND)
        moved = asyncio.ensure_future(ports.store.wait(known))
        try:
            await asyncio.wait([moved], timeout=left)
            if moved.done():
                moved.result()
                await self._clock.sleep(seconds)
        finally:
            moved.cancel()
