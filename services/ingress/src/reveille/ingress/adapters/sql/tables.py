"""The tables of ingress's views."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata: Final = MetaData()
HAS_REPOSITORY: Final = text("repository <> ''")
# SQLite keeps a table by its key only where the key is an INTEGER and no other word for it.
POSITION = BigInteger().with_variant(Integer(), "sqlite")

# Every signal is one insert here: the rest of it stands in the log.
signals: Final = Table(
    "signals",
    metadata,
    Column("position", POSITION, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("id", LargeBinary(16), nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("means", Text, nullable=False),
    Index("signals_by_id", "id"),
    Index("signals_of_tenant", "tenant", "position"),
    # Only of those that have one: the others, such as tasks by name, pay nothing for it.
    Index(
        "signals_of_repository",
        "tenant",
        "repository",
        "position",
        sqlite_where=HAS_REPOSITORY,
        postgresql_where=HAS_REPOSITORY,
    ),
)

# A signal that waits for its provider; received: in microseconds since 1970.
enriching: Final = Table(
    "enriching",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("received", BigInteger, nullable=False),
)

# Every event of the log is one row here.
trail: Final = Table(
    "trail",
    metadata,
    Column("correlation", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
