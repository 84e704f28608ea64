"""A rehearsal that tells of an upgrade tells what was felt of it, and finds what was lost."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from deploy.native.service import SERVICES
from reveille.adapters.migrations import migrate, versions_of
from reveille.kernel.errors import Misconfigured
from tests.chaos.outside import Accepted
from tests.rehearsal.figures import Felt, Phase, felt_in
from tests.rehearsal.guests import Party, problems_of
from tests.rehearsal.newer import write_newer
from tests.rehearsal.older import check_out

PHASE = Phase(name="a phase", began=100.0, ended=110.0)


def accepted(number: int, began: float, took: float, tries: int = 1) -> Accepted:
    return Accepted(number=number, delivery="", signal="", tries=tries, began=began, accepted=began + took)


def test_a_phase_is_what_was_first_sent_in_it() -> None:
    slow = [accepted(number, 100 + number / 10, 0.01) for number in range(20)]
    told = [accepted(98, 90, 0.5), *slow, accepted(99, 106, 2.0, tries=3), accepted(100, 110, 0.5)]
    felt = felt_in(PHASE, told)
    assert (felt.accepted, felt.again) == (21, 1)
    assert [felt.p50, felt.p99] == pytest.approx([0.01, 2.0])


def test_the_longest_gap_is_between_two_that_were_accepted() -> None:
    told = [accepted(1, 101, 0.5), accepted(2, 101, 6.5), accepted(3, 109, 0.5)]
    assert felt_in(PHASE, told).gap == pytest.approx(6.0)


def test_where_nothing_is_accepted_the_whole_phase_is_a_gap() -> None:
    assert felt_in(PHASE, []) == Felt(accepted=0, again=0, p50=0.0, p99=0.0, gap=10.0)


def test_a_party_that_has_not_settled_and_a_socket_that_missed_something_are_found() -> None:
    fine = Party(id="party-1", settled=True, heard=9, history=9)
    lost = Party(id="party-2", accepted=2)
    deaf = Party(id="party-3", settled=True, heard=8, history=9)
    assert problems_of([fine, lost, deaf]) == [
        "party-2 has not settled, with 2 of its acts accepted",
        "party-3: its socket has told 8 events of 9",
    ]


def test_the_version_before_is_what_runs_where_its_sources_come_first(tmp_path: Path) -> None:
    older = check_out(tmp_path, "HEAD")
    assert all(Path(source).is_relative_to(tmp_path) for source in older.python_path.split(":"))


def test_a_version_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no-such-version"):
        check_out(tmp_path, "no-such-version")


def test_this_version_starts_on_the_schemas_of_the_next_one_and_writes_there(tmp_path: Path) -> None:
    newer = write_newer(tmp_path / "newer")
    assert newer.schemas.keys() == set(SERVICES)
    for service in SERVICES:
        assert newer.schemas[service] > versions_of(service).newest
    url = f"sqlite:{tmp_path / 'ingress.db'}"
    migrating = f"from reveille.adapters.migrations import migrate; migrate({url!r}, 'ingress')"
    subprocess.run([sys.executable, "-c", migrating], env={"PYTHONPATH": newer.python_path}, check=True)
    migrate(url, "ingress")
    with closing(sqlite3.connect(tmp_path / "ingress.db")) as views:
        (at,) = views.execute("SELECT version_num FROM alembic_version_ingress").fetchall()
        views.execute("INSERT INTO positions (view, position) VALUES ('of this version', 1)")
        assert views.execute("SELECT rehearsed FROM positions").fetchall() == [("",)]
    assert at == (newer.schemas["ingress"],)
