"""The views `signals` and `trail`."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

from reveille.adapters.migrations import create_positions

# SQLite keeps a table by its key only where the key is an INTEGER and no other word for it.
POSITION = BigInteger().with_variant(Integer(), "sqlite")

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_positions(op)
    op.create_table(
        "signals",
        Column("position", POSITION, primary_key=True),
        Column("tenant", Text, nullable=False),
        Column("id", LargeBinary(16), nullable=False),
        Column("key", LargeBinary(16), nullable=False),
        Column("source", Text, nullable=False),
        Column("kind", Text, nullable=False),
    )
    op.create_index("signals_by_id", "signals", ["id"])
    op.create_index("signals_of_tenant", "signals", ["tenant", "position"])
    op.create_table(
        "trail",
        Column("correlation", Text, primary_key=True),
        Column("position", BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("trail", "signals", "positions"):
        op.drop_table(table)
