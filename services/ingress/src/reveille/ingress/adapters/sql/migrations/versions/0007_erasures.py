"""The view `signals` knows which key a signal is encrypted with, so that what it holds of it can be erased."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0007"
down_revision = "0006"
adds_only = True


def upgrade() -> None:
    # Of the rows that are there nobody asks: what was recorded before it was encrypted cannot be erased.
    op.add_column("signals", Column("key_id", Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("signals", "key_id")
