"""The views of agents and of runs that go on, and the leases of those who run them."""

import sqlalchemy as sa
from alembic import op

from reveille.adapters.migrations import create_leases, create_positions

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_positions(op)
    create_leases(op)
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
    op.create_table(
        "running",
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("replica", sa.Text, nullable=False),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.Column("hop", sa.Integer, nullable=False),
        sa.Column("cause", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    for table in ("running", "agents", "leases", "positions"):
        op.drop_table(table)
