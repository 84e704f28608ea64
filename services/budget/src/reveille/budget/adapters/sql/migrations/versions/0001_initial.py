"""The ledger's timers; its accounts are read from the ledger itself."""

from alembic import op

from reveille.adapters.migrations import create_positions, create_timers

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_positions(op)
    create_timers(op)


def downgrade() -> None:
    op.drop_table("timers")
    op.drop_table("positions")
