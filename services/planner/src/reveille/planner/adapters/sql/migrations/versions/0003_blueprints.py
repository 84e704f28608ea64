"""Executions know the blueprint that they are of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("executions", sa.Column("blueprint", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("executions", "blueprint")
