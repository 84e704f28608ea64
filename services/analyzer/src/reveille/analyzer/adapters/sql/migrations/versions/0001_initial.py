"""The view of what was decided on each pair of signal and agent."""

import sqlalchemy as sa
from alembic import op

from reveille.adapters.migrations import create_positions

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_positions(op)
    op.create_table(
        "decisions",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("signal_id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("decisions")
    op.drop_table("positions")
