"""Timers, the connections of remote agents, and what the view of agents says of them and of those that hibernate."""

import sqlalchemy as sa
from alembic import op

from reveille.adapters.migrations import create_timers

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_timers(op)
    op.create_table(
        "sessions",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("replica", sa.Text, nullable=False),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("hop", sa.Integer, nullable=False),
        sa.Column("cause", sa.LargeBinary, nullable=False),
    )
    # The view is made anew from the log: what it did not keep before cannot be added to its rows.
    op.drop_table("agents")
    op.create_table(
        "agents",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("running", sa.Integer, nullable=False),
        sa.Column("started", sa.Integer, nullable=False),
        sa.Column("queued", sa.Integer, nullable=False),
        sa.Column("wakes", sa.BigInteger, nullable=False),
        sa.Column("last_wake", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("tokens_used", sa.BigInteger, nullable=False),
        sa.Column("connections", sa.Integer, nullable=False),
        sa.Column("hibernates", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.execute("DELETE FROM positions WHERE view = 'agents'")


def downgrade() -> None:
    op.drop_table("agents")
    op.create_table(
        "agents",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("running", sa.Integer, nullable=False),
        sa.Column("queued", sa.Integer, nullable=False),
        sa.Column("wakes", sa.BigInteger, nullable=False),
        sa.Column("last_wake", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("tokens_used", sa.BigInteger, nullable=False),
    )
    op.execute("DELETE FROM positions WHERE view = 'agents'")
    for table in ("sessions", "timers"):
        op.drop_table(table)
