"""Schemas of views: brought up to date, left alone, or refused."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from reveille.adapters.migrations import check, migrate, migrate_connection
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import metadata
from reveille.kernel.errors import Misconfigured

FIRST = """
from alembic import op
from reveille.adapters.migrations import create_leases, create_positions, create_timers

revision = "0001"
down_revision = None

def upgrade():
    create_positions(op)
    create_leases(op)
    create_timers(op)

def downgrade():
    for table in ("timers", "leases", "positions"):
        op.drop_table(table)
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    op.create_table("notes", sa.Column("text", sa.Text, primary_key=True))
    op.execute("INSERT INTO notes VALUES ('moved')")

def downgrade():
    op.drop_table("notes")
"""
ADDING = SECOND.replace("def upgrade", "adds_only = True\n\ndef upgrade")
MORE = """
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
adds_only = True

def upgrade():
    op.create_table("more", sa.Column("text", sa.Text, primary_key=True))

def downgrade():
    op.drop_table("more")
"""
DROPPING = """
from alembic import op

revision = "0003"
down_revision = "0002"

def upgrade():
    op.drop_table("notes")

def downgrade():
    pass
"""
BROKEN = """
from alembic import op

revision = "0003"
down_revision = "0002"

def upgrade():
    op.drop_table("notes")
    op.execute("SELECT x FROM nowhere")

def downgrade():
    pass
"""
AddVersion = Callable[[str, str], Path]


@pytest.fixture
def add_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddVersion:
    """Adds versions to the service `well-tested`, which at first has none."""
    versions = tmp_path / "100% here" / "reveille/well_tested/adapters/sql/migrations/versions"
    versions.mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "100% here")

    def add(name: str, source: str) -> Path:
        (versions / name).write_text(source)
        return versions / name

    return add


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path / 'data' / 'views.sqlite'}"


def _tables(url: str) -> set[str]:
    engine = create_engine(f"sqlite:///{url.removeprefix('sqlite:')}")
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_a_new_database_gets_every_version(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    add_version("0002_notes.py", SECOND)
    migrate(url, "well-tested")
    assert _tables(url) == {"positions", "leases", "timers", "notes", "alembic_version_well_tested"}


def test_an_older_database_gets_what_it_lacks(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    migrate(url, "well-tested")
    add_version("0002_notes.py", SECOND)
    migrate(url, "well-tested")
    assert "notes" in _tables(url)


def test_a_database_at_the_newest_schema_is_left_alone(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    migrate(url, "well-tested")
    before = Path(url.removeprefix("sqlite:")).read_bytes()
    migrate(url, "well-tested")
    assert Path(url.removeprefix("sqlite:")).read_bytes() == before


def test_the_database_of_a_newer_build_is_refused_by_name(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    newer = add_version("0002_notes.py", SECOND)
    migrate(url, "well-tested")
    newer.unlink()
    expected = "^views of well-tested are at schema 0002, which this build does not know; it knows up to 0001$"
    with pytest.raises(Misconfigured, match=expected):
        check(url, "well-tested")
    with pytest.raises(Misconfigured, match=expected):
        migrate(url, "well-tested")


def test_the_database_of_a_newer_build_that_has_only_added_to_it_is_used_as_it_is(
    add_version: AddVersion, url: str
) -> None:
    add_version("0001_initial.py", FIRST)
    newer = add_version("0002_notes.py", ADDING)
    migrate(url, "well-tested")
    newer.unlink()
    check(url, "well-tested")
    migrate(url, "well-tested")
    assert "notes" in _tables(url)


def test_what_only_adds_is_no_longer_enough_once_something_else_follows(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    newer = [add_version("0002_notes.py", ADDING), add_version("0003_broken.py", DROPPING)]
    migrate(url, "well-tested")
    newer.pop().unlink()
    with pytest.raises(Misconfigured, match="are at schema 0003, which this build does not know; it knows up to 0002"):
        migrate(url, "well-tested")


def test_a_build_that_lacks_more_than_what_only_adds_is_refused(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    newer = [add_version("0002_notes.py", SECOND), add_version("0003_more.py", MORE)]
    migrate(url, "well-tested")
    newer.pop().unlink()
    check(url, "well-tested")
    newer.pop().unlink()
    with pytest.raises(Misconfigured, match="are at schema 0003"):
        check(url, "well-tested")


def test_checking_a_database_that_is_not_there_makes_none(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    check(url, "well-tested")
    assert not Path(url.removeprefix("sqlite:")).exists()


def test_an_older_database_passes_the_check(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    migrate(url, "well-tested")
    add_version("0002_notes.py", SECOND)
    check(url, "well-tested")
    assert "notes" not in _tables(url)


def test_a_version_that_fails_leaves_the_database_as_it_was(add_version: AddVersion, url: str) -> None:
    add_version("0001_initial.py", FIRST)
    add_version("0002_notes.py", SECOND)
    migrate(url, "well-tested")
    add_version("0003_broken.py", BROKEN)
    with pytest.raises(Misconfigured, match="brought up to date: no such table: nowhere"):
        migrate(url, "well-tested")
    assert "notes" in _tables(url)


def test_a_file_that_is_no_database_is_refused(add_version: AddVersion, tmp_path: Path) -> None:
    add_version("0001_initial.py", FIRST)
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(Misconfigured, match="brought up to date: file is not a database"):
        migrate(f"sqlite:{tmp_path / 'letter.txt'}", "well-tested")


def test_a_url_of_no_known_database_is_refused_without_its_password(add_version: AddVersion) -> None:
    with pytest.raises(Misconfigured, match="expected sqlite:PATH or postgresql://") as refused:
        migrate("mysql://root:hunter2@host/db", "well-tested")
    assert "hunter2" not in str(refused.value)


async def test_simulation_runs_the_same_versions_in_memory(add_version: AddVersion) -> None:
    add_version("0001_initial.py", FIRST)
    add_version("0002_notes.py", SECOND)
    inline = InlineTransactions()
    await inline.run(lambda connection: migrate_connection(connection, "well-tested"))
    assert await inline.run(lambda connection: connection.execute(text("SELECT text FROM notes")).scalar()) == "moved"
    await inline.close()


async def test_the_shared_tables_are_made_as_the_adapters_know_them(add_version: AddVersion) -> None:
    add_version("0001_initial.py", FIRST)
    inline = InlineTransactions()
    await inline.run(lambda connection: migrate_connection(connection, "well-tested"))

    def difference(connection: Connection) -> list[object]:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        options = {"version_table": "alembic_version_well_tested", "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await inline.run(difference) == []
    await inline.close()


def test_a_start_with_nothing_to_do_does_not_import_alembic(add_version: AddVersion, url: str, tmp_path: Path) -> None:
    add_version("0001_initial.py", FIRST)
    migrate(url, "well-tested")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path / '100% here')!r}); "
        "from reveille.adapters.migrations import migrate; "
        f"migrate({url!r}, 'well-tested'); print('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"
