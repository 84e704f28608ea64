"""The views `timeline` and `deadletters`; both begin at the beginning of the log."""

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "timeline",
        Column("tenant", Text, primary_key=True),
        Column("execution_id", Text, primary_key=True),
        Column("sequence", BigInteger, primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("timeline_of_tenant", "timeline", ["tenant", "position"])
    op.create_index("timeline_of_type", "timeline", ["tenant", "type", "position"])
    op.create_table(
        "plans",
        Column("tenant", Text, primary_key=True),
        Column("execution_id", Text, primary_key=True),
        Column("last", BigInteger, nullable=False),
        Column("blueprint", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("inputs", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("plans_by_execution", "plans", ["execution_id"])
    op.create_table(
        "plan_results",
        Column("tenant", Text, primary_key=True),
        Column("execution_id", Text, primary_key=True),
        Column("step", Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timeline_counts",
        Column("tenant", Text, primary_key=True),
        Column("type", Text, primary_key=True),
        Column("counted", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deadletters",
        Column("stream", Text, primary_key=True),
        Column("revision", BigInteger, primary_key=True),
        Column("id", LargeBinary(16), nullable=False),
        Column("tenant", Text, nullable=False),
        Column("service", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("closed_position", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("deadletters_by_id", "deadletters", ["id"])
    op.create_index("deadletters_of_tenant", "deadletters", ["tenant", "position"])


def downgrade() -> None:
    for table in ("deadletters", "timeline_counts", "plan_results", "plans", "timeline"):
        op.drop_table(table)
