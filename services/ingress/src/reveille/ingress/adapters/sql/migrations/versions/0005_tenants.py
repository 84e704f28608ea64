"""The view `tenants`; it begins at the beginning of the log."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0005"
down_revision = "0004"
adds_only = True


def upgrade() -> None:
    op.create_table(
        "tenants",
        Column("category", Text, primary_key=True),
        Column("tenant", Text, primary_key=True),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("tenants")
