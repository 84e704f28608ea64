"""The view `signals` knows repositories and meanings, and is made anew from the log; the view `enriching`."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text, text

POSITION = BigInteger().with_variant(Integer(), "sqlite")

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _make_signals_anew([Column("repository", Text, nullable=False), Column("means", Text, nullable=False)])
    some = text("repository <> ''")
    op.create_index(
        "signals_of_repository", "signals", ["tenant", "repository", "position"],
        sqlite_where=some, postgresql_where=some,
    )  # fmt: skip
    op.create_table(
        "enriching", Column("stream", Text, primary_key=True), Column("received", BigInteger, nullable=False)
    )


def downgrade() -> None:
    op.drop_table("enriching")
    _make_signals_anew([])


def _make_signals_anew(columns: "list[Column[str]]") -> None:
    op.drop_table("signals")
    op.create_table(
        "signals",
        Column("position", POSITION, primary_key=True),
        Column("tenant", Text, nullable=False),
        Column("id", LargeBinary(16), nullable=False),
        Column("key", LargeBinary(16), nullable=False),
        Column("source", Text, nullable=False),
        Column("kind", Text, nullable=False),
        *columns,
    )
    op.create_index("signals_by_id", "signals", ["id"])
    op.create_index("signals_of_tenant", "signals", ["tenant", "position"])
    # It begins at the beginning of the log again; the other views wait for it where they are.
    op.execute("DELETE FROM positions WHERE view = 'signals'")
