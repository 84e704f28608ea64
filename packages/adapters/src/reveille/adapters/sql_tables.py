"""Tables that every service's database of views has alike: positions, leases and timers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)

from reveille.adapters.sql import insert_for, upsert
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.events import About, Recorded
from reveille.kernel.timers import Due, SetsTimers, Timer
from reveille.kernel.views import Transactions

metadata: Final = MetaData()

positions: Final = Table(
    "positions", metadata, Column("view", Text, primary_key=True), Column("position", BigInteger, nullable=False)
)
leases: Final = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)
timers: Final = Table(
    "timers",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due", BigInteger, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("hop", Integer, nullable=False),
    Column("cause", LargeBinary, nullable=False),
    Index("timers_due", "due"),
)

_PUT_OFF: Final = delete(timers).where(timers.c.stream == bindparam("at"), timers.c.name == bindparam("called"))
_DUE: Final = select(timers).where(timers.c.due <= bindparam("until")).order_by(timers.c.due).limit(bindparam("most"))
_NEXT: Final = select(func.min(timers.c.due))
# Locked where the database knows row locks (SQLite's transactions exclude each other): two replicas keep one view.
_POSITION: Final = select(positions.c.position).where(positions.c.view == bindparam("name")).with_for_update()
# In the relays' table of positions, no service's name.
_PARTITIONS: Final = "partitions of each inbox"


class SqlPositions:
    def load(self, connection: Connection, view: str) -> int:
        found: int | None = connection.execute(_POSITION, {"name": view}).scalar()
        if found is None:
            # What is not there cannot be locked; of two who begin a view together, one waits here for the other.
            first = insert_for(connection, positions).values(view=view, position=0)
            connection.execute(first.on_conflict_do_nothing())
            found = connection.execute(_POSITION, {"name": view}).scalar_one()
        return found

    def save(self, connection: Connection, view: str, position: int) -> None:
        upsert(connection, positions, [{"view": view, "position": position}])


class SqlRelayPositions:
    """How far the relays have come, in the table of positions of a schema that all services share."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def partitions(self, wanted: int) -> int:
        """How many partitions every inbox of this log has: what is wanted, if nobody has said so before.

        What was answered is known by partition; with another number, it would be answered again.
        """

        def work(connection: Connection) -> int:
            first = insert_for(connection, positions).values(view=_PARTITIONS, position=wanted)
            connection.execute(first.on_conflict_do_nothing())
            agreed: int = connection.execute(_POSITION, {"name": _PARTITIONS}).scalar_one()
            return agreed

        return await self._transactions.run(work)

    async def load(self) -> Mapping[str, int]:
        return await self._transactions.run(
            lambda connection: {row.view: row.position for row in connection.execute(select(positions))}
        )

    async def save(self, service: str, position: int) -> None:
        def work(connection: Connection) -> None:
            statement = insert_for(connection, positions).values(view=service, position=position)
            further = statement.excluded.position > positions.c.position
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["view"], set_={"position": statement.excluded.position}, where=further
                )
            )

        await self._transactions.run(work)


class SqlLeases:
    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def renew(self, name: str, owner: str, seconds: float) -> bool:
        now = self._clock.now()

        def work(connection: Connection) -> bool:
            statement = insert_for(connection, leases).values(name=name, owner=owner, until=now + int(seconds * SECOND))
            statement = statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
                where=or_(leases.c.owner == owner, leases.c.until <= now),
            )
            return connection.execute(statement).rowcount == 1

        return await self._transactions.run(work)

    async def release(self, name: str, owner: str) -> None:
        statement = delete(leases).where(and_(leases.c.name == name, leases.c.owner == owner))
        await self._transactions.run(lambda connection: connection.execute(statement).rowcount)

    async def holders(self, prefix: str) -> Collection[str]:
        # Not LIKE: SQLite's does not tell capitals from small letters.
        below = func.substr(leases.c.name, 1, len(prefix)) == prefix
        statement = select(leases.c.name).where(below, leases.c.until > self._clock.now())
        return await self._transactions.run(lambda connection: connection.execute(statement).scalars().all())


class SqlTimers:
    """A service's timers as its events tell them: a view, and the table from which they fire."""

    name = "timers"

    def __init__(self, sets: Mapping[str, SetsTimers]) -> None:
        """sets: by event type, the timers that an event sets or puts off."""
        self._sets = sets
        self.types: frozenset[str] | None = frozenset(sets)

    def project(self, connection: Connection, events: Sequence[Recorded]) -> None:
        latest: dict[tuple[str, str], tuple[Timer, Recorded]] = {}
        for event in events:
            assert event.msg is not None, f"an event of type {event.type} in the mapping of timers is not known"
            for timer in self._sets[event.type](event.msg):
                latest[event.stream, timer.name] = (timer, event)
        put_off = [{"at": stream, "called": name} for (stream, name), (timer, _) in latest.items() if timer.due is None]
        if put_off:
            connection.execute(_PUT_OFF, put_off)
        upsert(connection, timers, [_row(timer, event) for timer, event in latest.values() if timer.due is not None])

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(timers))

    def due(self, connection: Connection, until: int, limit: int) -> list[Due]:
        rows = connection.execute(_DUE, {"until": until, "most": limit})
        return [
            Due(row.stream, row.name, row.due, About(row.correlation, row.trace, row.hop), row.cause) for row in rows
        ]

    def next(self, connection: Connection) -> int | None:
        return connection.execute(_NEXT).scalar()


def _row(timer: Timer, event: Recorded) -> dict[str, Any]:
    about = event.meta.about
    return {
        "stream": event.stream,
        "name": timer.name,
        "due": timer.due,
        "correlation": about.correlation,
        "trace": about.trace,
        "hop": about.hop,
        "cause": event.id,
    }
