"""The view `audit`; it begins at the beginning of the log."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0006"
down_revision = "0005"
adds_only = True


def upgrade() -> None:
    op.create_table(
        "audit",
        Column("tenant", Text, primary_key=True),
        Column("position", BigInteger, primary_key=True),
        Column("by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_by", "audit", ["tenant", "by", "position"])


def downgrade() -> None:
    op.drop_table("audit")
