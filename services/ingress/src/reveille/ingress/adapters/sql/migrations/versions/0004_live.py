"""The views `conversations`, `analytics` and `notifications`; all begin at the beginning of the log."""

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "conversations",
        Column("tenant", Text, primary_key=True),
        Column("conversation_id", Text, primary_key=True),
        Column("execution_id", Text, primary_key=True),
        Column("position", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "analytics",
        Column("tenant", Text, primary_key=True),
        Column("bucket", BigInteger, primary_key=True),
        Column("measure", Text, primary_key=True),
        Column("label", Text, primary_key=True),
        Column("total", Float, nullable=False),
        Column("counted", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notifications",
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
        sqlite_with_rowid=False,
    )
    op.create_index("notifications_of_tenant", "notifications", ["tenant", "position"])
    op.create_index("notifications_open", "notifications", ["status", "position"])


def downgrade() -> None:
    for table in ("notifications", "analytics", "conversations"):
        op.drop_table(table)
