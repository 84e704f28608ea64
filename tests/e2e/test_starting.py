"""What keeps `reveille up` from starting is one clear line and exit code 2."""

import json
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.conftest import Make
from tests.e2e.embedded import Embedded
from tests.e2e.kinds import only
from tests.e2e.running import FLEET, reveille

AGENTS = "version: 1\nagents:\n  worker: {skill: 'effectful:act'}\n"
RULE = AGENTS + "rules:\n  - {name: r, "


def assert_refused(ended: "subprocess.CompletedProcess[str]", *words: str) -> str:
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.startswith("reveille: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    for word in words:
        assert word in ended.stderr
    return ended.stderr


def up(data: Path, *options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return reveille("up", "--data", str(data), "--port", "0", *options, **settings)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a platform that has been started once and stopped."""
    platform = Embedded(tmp_path_factory.mktemp("used")).start()
    platform.stop()
    platform.close()
    return platform.data


@pytest.fixture
def data(used: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoiled."""
    return shutil.copytree(used, tmp_path / "data")


@pytest.mark.parametrize("option", ["--port", "--webhook-port"])
def test_a_port_in_use(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(up(tmp_path / "data", option, port), f"cannot listen on 127.0.0.1:{port}", "in use")


def test_a_grpc_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(up(tmp_path / "data", "--grpc-port", port), f"127.0.0.1:{port}", "in use")


@only("embedded", reason="only it has a data folder")
def test_a_data_folder_that_another_process_has(make: Make) -> None:
    platform = make().start()
    assert_refused(up(platform.data), str(platform.data), "in use by another process")
    assert platform.get("/healthz") == {"status": "ok"}


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_refused(up(tmp_path / "file" / "data"), str(tmp_path / "file"))


def test_a_log_that_a_newer_build_wrote(data: Path) -> None:
    with closing(sqlite3.connect(data / "log.db")) as log:
        log.execute("PRAGMA user_version = 99")
    assert_refused(up(data), "schema 99", "knows up to 1")


def test_views_that_a_newer_build_made(data: Path) -> None:
    with closing(sqlite3.connect(data / "views" / "planner.db")) as views, views:
        views.execute("UPDATE alembic_version_planner SET version_num = '9999', usable_from = '9999'")
    assert_refused(up(data), "views of planner", "9999", "knows up to 0003")


def test_a_log_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "log.db").write_text("this is no database, whatever its name says " * 10)
    assert_refused(up(tmp_path / "data"), "log.db", "cannot be opened as a log")


def test_a_key_that_is_none(data: Path) -> None:
    (data / "key").write_text("no key")
    assert_refused(up(data), str(data / "key"))


def test_a_key_that_was_cut_off_while_it_was_made(data: Path) -> None:
    """Digests, tokens and keys would be made with what everybody knows."""
    for left in ("", "5e" * 16):
        (data / "key").write_text(left)
        assert_refused(up(data), str(data / "key"), f"has {len(left) // 2} bytes, expected 32")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (RULE + "on: {source: git}, wake: nobody}\n", 5, ["rules[0].wake", "nobody", "worker"]),
        (RULE + "cron: '0 0 30 2 *', wake: worker}\n", 5, ["rules[0].cron", "'0 0 30 2 *'", "a date that never comes"]),
        (AGENTS + "blueprints: {}\n", 4, ["blueprints: it is a mapping, expected a list"]),
        (AGENTS + "  - broken\n", 4, ["YAML"]),
    ],
    ids=["unknown agent", "a date that never comes", "a mapping where a list belongs", "no YAML"],
)
def test_a_wrong_fleet_file_names_its_line_the_key_and_what_was_expected(
    tmp_path: Path, text: str, line: int, words: list[str]
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(text)
    assert_refused(up(tmp_path / "data", "--fleet", str(fleet)), f"{fleet}:{line}: ", *words)


def test_every_mistake_of_a_fleet_file_is_told_at_once(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(RULE + "on: {source: git}, wake: worker, where: '('}\ncolour: red\n")
    checked = reveille("fleet", "validate", str(fleet))
    assert checked.returncode == 2
    head, first, second = checked.stderr.splitlines()
    assert head == "reveille: 2 mistakes"
    assert first.startswith(f"{fleet}:5: rules[0].where: ")
    assert second.startswith(f"{fleet}:6: colour: ")
    asked = reveille("fleet", "validate", str(fleet), "--json")
    assert (asked.returncode, asked.stderr) == (2, "")
    assert [(one["line"], one["path"]) for one in json.loads(asked.stdout)["errors"]] == [
        (5, "rules[0].where"),
        (6, "colour"),
    ]


def test_a_fleet_file_that_is_not_there(tmp_path: Path) -> None:
    assert_refused(up(tmp_path / "data", "--fleet", str(tmp_path / "none.yaml")), "none.yaml", "No such file")


def test_a_good_fleet_file_is_told_in_a_line(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(RULE + "on: {source: git}, wake: worker}\n")
    checked = reveille("fleet", "validate", str(fleet))
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == f"{fleet}: 1 agent and 16 built in, 1 rule, 2 blueprints, tenant default\n"


def test_an_agent_whose_code_is_not_there_is_a_warning_and_no_mistake_of_the_file() -> None:
    checked = reveille("fleet", "validate", str(FLEET))
    assert (checked.returncode, checked.stderr.count("\n")) == (0, 1)
    assert "reveille: warning: agent lost cannot run here: skill 'effectful:no_such_skill'" in checked.stderr
    assert "5 rules" in checked.stdout


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("REVEILLE_BUS", "kafka://localhost:9092", ["REVEILLE_BUS", "kafka", "expected embedded"]),
        ("REVEILLE_EVENT_STORE", "postgresql://localhost/log", ["REVEILLE_EVENT_STORE", "expected sqlite:"]),
        ("REVEILLE_VIEWS", "postgresql://localhost/views", ["REVEILLE_VIEWS", "expected sqlite:"]),
        ("REVEILLE_RATE_LIMIT", "5 a second", ["REVEILLE_RATE_LIMIT", "5 a second", "100/second"]),
        ("REVEILLE_AGENT_PORT", "65536", ["65536", "65535"]),
        ("REVEILLE_GITHUB_SECRET_FILE", "/nowhere/secret", ["REVEILLE_GITHUB_SECRET_FILE", "/nowhere/secret"]),
    ],
)
def test_a_wrong_setting_names_itself_and_what_was_expected(
    tmp_path: Path, name: str, value: str, words: list[str]
) -> None:
    assert_refused(up(tmp_path / "data", **{name: value}), *words)


def test_a_secret_given_twice_is_refused_and_not_shown(tmp_path: Path) -> None:
    given = {"REVEILLE_GITHUB_SECRET": "open sesame", "REVEILLE_GITHUB_SECRET_FILE": "/nowhere"}
    said = assert_refused(up(tmp_path / "data", **given), "REVEILLE_GITHUB_SECRET_FILE")
    assert "sesame" not in said


def test_a_repository_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert_refused(up(tmp_path / "data", "--repos", str(tmp_path / "none")), "none")


@only("embedded", reason="only it has a data folder")
def test_a_refused_start_leaves_the_data_folder_usable(make: Make, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert_refused(up(tmp_path / "data", "--grpc-port", str(taken.getsockname()[1])))
    assert make(tmp_path).start().run("worker")["status"] == "completed"
