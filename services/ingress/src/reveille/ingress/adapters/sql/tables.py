"""The tables of ingress's views."""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata: Final = MetaData()
HAS_REPOSITORY: Final = text("repository <> ''")
# SQLite keeps a table by its key only where the key is an INTEGER and no other word for it.
POSITION = BigInteger().with_variant(Integer(), "sqlite")

# Every signal is one insert here: the rest of it stands in the log. key_id: what it is encrypted with there; "": it is
# not.
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
    Column("key_id", Text, nullable=False, server_default=""),
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

# Every event of a plan; at: in microseconds since 1970.
timeline: Final = Table(
    "timeline",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("execution_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("timeline_of_tenant", "tenant", "position"),
    Index("timeline_of_type", "tenant", "type", "position"),
    sqlite_with_rowid=False,
)

# Every plan; last: the sequence of its last event.
plans: Final = Table(
    "plans",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("execution_id", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("blueprint", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("inputs", BigInteger, nullable=False),
    Index("plans_by_execution", "execution_id"),
    sqlite_with_rowid=False,
)

# Every step of a plan that has a result now.
plan_results: Final = Table(
    "plan_results",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("execution_id", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    sqlite_with_rowid=False,
)

# The rows of `timeline`, counted.
timeline_counts: Final = Table(
    "timeline_counts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("counted", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Every message that a service parked. id: of its MessageParked, which stands at that revision of the stream;
# status: parked, retried or dropped; closed_position: of the event that says so, 0 while it is parked.
deadletters: Final = Table(
    "deadletters",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("id", LargeBinary(16), nullable=False),
    Column("tenant", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("closed_position", BigInteger, nullable=False),
    Index("deadletters_by_id", "id"),
    Index("deadletters_of_tenant", "tenant", "position"),
    sqlite_with_rowid=False,
)

# Every execution of a conversation; position: of the event that says so.
conversations: Final = Table(
    "conversations",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("conversation_id", Text, primary_key=True),
    Column("execution_id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What happened in a minute; bucket: its beginning, in minutes since 1970. total: the sum of what was measured, counted
# times. Bucket 0 has what is known of runs' model calls.
analytics: Final = Table(
    "analytics",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("bucket", BigInteger, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("total", Float, nullable=False),
    Column("counted", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Every event that somebody is to be told of; position: of the event. status: open, delivered or failed;
# closed_position: of the event that says so, 0 while it is open. One of status `defined` is a notification itself.
notifications: Final = Table(
    "notifications",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("execution_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("closed_position", BigInteger, nullable=False),
    Index("notifications_of_tenant", "tenant", "position"),
    Index("notifications_open", "status", "position"),
    Index("notifications_to_tell", "tenant", "name", "status", "position"),
    sqlite_with_rowid=False,
)

# Who has a fleet (category `fleet`) or keys (`access`).
tenants: Final = Table(
    "tenants",
    metadata,
    Column("category", Text, primary_key=True),
    Column("tenant", Text, primary_key=True),
    sqlite_with_rowid=False,
)

# Every act on record; at: in microseconds since 1970.
audit: Final = Table(
    "audit",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("audit_by", "tenant", "by", "position"),
    sqlite_with_rowid=False,
)
