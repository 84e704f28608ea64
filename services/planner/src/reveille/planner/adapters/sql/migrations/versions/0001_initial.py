"""The view of executions, and the planner's timers."""

import sqlalchemy as sa
from alembic import op

from reveille.adapters.migrations import create_positions, create_timers

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_positions(op)
    create_timers(op)
    op.create_table(
        "executions",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("signal_id", sa.Text, nullable=False),
    )
    op.create_index("executions_in_order", "executions", ["tenant", "position"])


def downgrade() -> None:
    op.drop_table("executions")
    op.drop_table("timers")
    op.drop_table("positions")
