"""Timers, decisions by trigger (a signal may belong to several of an agent), where the signals of each hour begin."""

import sqlalchemy as sa
from alembic import op

from reveille.adapters.migrations import create_timers

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_timers(op)
    op.create_table(
        "hours",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("hour", sa.BigInteger, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.drop_table("decisions")
    op.create_table(
        "decisions",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("signal_id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("trigger_id", sa.Text, primary_key=True),
        sa.Column("standing", sa.Integer, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    # The log is the truth: the view fills itself again from its beginning.
    op.execute("DELETE FROM positions WHERE view = 'decisions'")


def downgrade() -> None:
    op.drop_table("decisions")
    op.create_table(
        "decisions",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("signal_id", sa.Text, primary_key=True),
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.execute("DELETE FROM positions WHERE view = 'decisions'")
    op.drop_table("hours")
    op.drop_table("timers")
