"""`up`, `status` and `down` of a whole cluster in one folder, and the services that tests start on their servers."""

import asyncio
import json
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.native import stack
from deploy.native.places import PROJECT, Hold
from deploy.native.ports import HOST, free_ports
from deploy.native.servers import Addresses
from deploy.native.service import is_ready
from deploy.native.services import Services
from reveille.kernel.errors import Misconfigured
from tests.integration.deploy.looking import working_in
from tests.postgres import database
from tests.servers import kafka_address, postgres_url, redis_url

STANDIN = (sys.executable, str(Path(__file__).with_name("standin.py")))
PATIENCE = 120.0
ALL = {"ingress-1", "analyzer-1", "planner-1", "planner-2", "budget-1", "agent-runner-1"}
SERVERS = {"kafka", "postgres", "redis"}


def up(folder: Path, *, broken: str = "", port: int = 0) -> None:
    inherited = {"PATH": os.environ["PATH"], "REVEILLE_MODE": "embedded", "STANDIN_BROKEN": broken}
    stack.up(
        folder,
        servers_only=False,
        replicas={"planner": 2},
        port=port,
        settings={"REVEILLE_FLEET": "/a/fleet.yaml"},
        inherited=inherited,
        say=lambda line: None,
        command=STANDIN,
    )


def down(folder: Path) -> list[str]:
    """The names of what it ended, in that order."""
    ended: list[str] = []
    stack.down(folder, lambda one, gently: ended.append(one.name))
    return ended


def told(folder: Path, name: str) -> dict[str, str]:
    """What a stand-in was told when it last started."""
    lines = (folder / stack.SERVICES / f"{name}.log").read_text().splitlines()
    settings: dict[str, str] = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
    return settings


def test_what_is_up_is_told_everything_stays_and_is_ended_with_its_data_kept(folder: Path) -> None:
    port = free_ports(3)
    up(folder, port=port)
    records = {one.name: one for one in stack.processes(folder)}
    assert set(records) == ALL | SERVERS
    assert all(one.running for one in records.values())
    assert all(is_ready(records[name].about["admin"]) for name in ALL)
    ingress, planner = told(folder, "ingress-1"), told(folder, "planner-2")
    key = Path(ingress["REVEILLE_KEY_FILE"])

    assert records["ingress-1"].address == f"http://{HOST}:{port}"
    assert (ingress["REVEILLE_HOST"], ingress["REVEILLE_PORT"]) == (HOST, str(port))
    assert ingress["REVEILLE_FLEET"] == "/a/fleet.yaml"
    planners = [records[name].about["grpc"] for name in ("planner-1", "planner-2")]
    assert ingress["REVEILLE_PLANNER"] == ",".join(planners)
    assert ingress["REVEILLE_AGENT_RUNNER"] == records["agent-runner-1"].about["grpc"]
    assert planner["REVEILLE_INSTANCE"] == "planner-2"
    assert planner["REVEILLE_BUS"] == f"kafka://{records['kafka'].address}"
    assert f"{HOST}:{planner['REVEILLE_GRPC_PORT']}" == records["planner-2"].about["grpc"]
    assert {told(folder, name)["REVEILLE_KEY_FILE"] for name in ALL} == {str(key)}
    assert "REVEILLE_MODE" not in ingress | planner
    assert re.fullmatch(r"[0-9a-f]{64}\n", key.read_text())
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = key.read_text()

    with pytest.raises(Misconfigured, match=f"{folder} is up already, expected nothing running there: "):
        up(folder)
    assert all(one.running for one in records.values())

    url = planner["REVEILLE_EVENT_STORE"]
    assert url.endswith("/reveille")
    asyncio.run(_execute(url, "CREATE TABLE kept (what text)"))
    ended = down(folder)
    assert set(ended[: len(ALL)]) == ALL
    assert set(ended[len(ALL) :]) == SERVERS
    assert working_in(folder) == set()
    assert down(folder) == []

    up(folder)
    assert key.read_text() == secret
    asyncio.run(_execute(told(folder, "planner-1")["REVEILLE_EVENT_STORE"], "SELECT what FROM kept"))
    down(folder)
    assert working_in(folder) == set()


def test_an_up_that_fails_half_way_ends_all_that_it_has_started(folder: Path) -> None:
    with pytest.raises(Misconfigured, match=r"budget-1 ended before it answered[\s\S]*budget cannot start"):
        up(folder, broken="budget")
    assert working_in(folder) == set()
    assert stack.processes(folder) == []
    assert stack.exports(folder) == ""


def test_a_door_that_is_taken_is_said_before_anything_starts(folder: Path) -> None:
    with socket.create_server((HOST, free_ports(3))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"port {port} of {HOST} is in use, expected it free for ingress"):
            up(folder, port=port)
    assert stack.processes(folder) == []


def test_two_ups_at_a_time_do_not_meet_in_one_folder(folder: Path) -> None:
    hold = Hold(folder / "lock")
    assert hold.take()
    with pytest.raises(Misconfigured, match=f"an up or down is at work in {folder}"):
        up(folder)
    hold.let_go()


def test_the_command_starts_shows_and_ends_servers(folder: Path) -> None:
    started = _command("up", "--servers-only", "--data", str(folder))
    assert started.returncode == 0, started.stderr
    assert all(name in started.stdout for name in SERVERS)
    assert f"down --data {folder}" in started.stderr

    shown = _command("status", "--data", str(folder))
    assert shown.returncode == 0
    assert shown.stdout.count("running") == len(SERVERS)

    exported = _command("status", "--env", "planner", "--data", str(folder))
    script = f'{exported.stdout}\nprintf \'%s %s\' "$REVEILLE_INSTANCE" "$REVEILLE_BUS"'
    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True).stdout
    kafka = next(one for one in stack.processes(folder) if one.name == "kafka")
    assert said == f"planner-1 kafka://{kafka.address}"

    kafka.end()
    shown = _command("status", "--data", str(folder))
    assert shown.returncode == 1
    assert shown.stdout.count("dead") == 1

    ended = _command("down", "--data", str(folder))
    assert ended.returncode == 0
    assert sorted(line.split()[1] for line in ended.stdout.splitlines()) == ["postgres", "redis"]
    assert _command("down", "--data", str(folder)).stdout == f"nothing was running in {folder}\n"
    assert working_in(folder) == set()


def test_an_up_that_is_asked_to_end_ends_what_it_has_started(folder: Path) -> None:
    command = [sys.executable, "-m", "deploy.native", "up", "--servers-only", "--data", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=PROJECT) as process:
        assert process.stderr is not None
        select.select([process.stderr], [], [], PATIENCE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 130
    assert working_in(folder) == set()
    assert stack.processes(folder) == []


def test_what_is_told_wrong_is_one_line(folder: Path) -> None:
    for arguments in (["--replicas", "planer=2"], ["--replicas", "planner=0"], ["--port", "70000"], ["--env", "mars"]):
        refused = _command("up", *arguments, "--data", str(folder))
        assert refused.returncode == 2
        assert "expected" in refused.stderr.splitlines()[-1]
    absent = _command("up", "--fleet", "/nowhere/fleet.yaml", "--data", str(folder))
    assert absent.stderr == "deploy.native: /nowhere/fleet.yaml is not there, expected a fleet file\n"


async def test_services_of_tests_are_shot_and_started_one_by_one(folder: Path) -> None:
    async with database(postgres_url()) as url:
        with _services(folder, url) as services:
            shot, other = services["planner-2"], services["planner-1"]
            pid = shot.pid
            shot.kill()
            assert not shot.running
            assert other.running
            assert not is_ready(shot.program.admin_url)
            shot.start()
            assert is_ready(shot.program.admin_url)
            assert shot.pid != pid
            assert [one.name for one in services.replicas("planner")] == ["planner-1", "planner-2"]
            assert services.url == services["ingress-1"].address
            shot.stop()
            assert shot.exit_code == 0
    assert working_in(folder) == set()


async def test_settings_of_all_win_over_the_platforms_and_those_of_one_over_all(folder: Path) -> None:
    settings = {
        "environment": {"STANDIN_WORD": "all", "REVEILLE_VIEWS": "elsewhere"},
        "of_service": {"budget": {"STANDIN_WORD": "budget"}},
        "prefix": "other",
    }
    async with database(postgres_url()) as url:
        with _services(folder, url, **settings) as services:
            said = {one.name: json.loads(one.log.read_text().splitlines()[0]) for one in services}
    assert said["budget-1"]["STANDIN_WORD"] == "budget"
    assert said["planner-1"]["STANDIN_WORD"] == "all"
    assert {one["REVEILLE_VIEWS"] for one in said.values()} == {"elsewhere"}
    assert {one["REVEILLE_TOPIC_PREFIX"] for one in said.values()} == {"other"}
    assert {one["REVEILLE_EVENT_STORE"] for one in said.values()} == {url}


def test_a_service_that_does_not_exist_is_refused(folder: Path) -> None:
    with pytest.raises(Misconfigured, match="replicas are given for 'planer', expected one of ingress, analyzer"):
        _services(folder, postgres_url(), replicas={"planer": 2})


def _services(folder: Path, url: str, **given: Any) -> Services:
    """On a database that is there."""
    addresses = Addresses(postgres=postgres_url(), kafka=kafka_address(), redis=redis_url())
    name = urlsplit(url).path.removeprefix("/")
    return Services(addresses, folder, **{"replicas": {"planner": 2}, "command": STANDIN, "database": name, **given})


def _command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "deploy.native", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=PATIENCE, check=False)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
