"""Processes that outlive who started them: each is ended by who may end it, and a stranger by nobody."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.native import identity, ports, postgres_server, programs, stack
from deploy.native.identity import Identity, identify
from deploy.native.places import PROJECT, User, make_folder
from deploy.native.ports import HOST, free_ports
from deploy.native.postgres_server import postgres
from deploy.native.process import Process
from deploy.native.record import ENDING, recording, records
from deploy.native.redis_server import redis
from reveille.kernel.errors import Misconfigured
from tests.integration.deploy.looking import working_in

PATIENCE = 60.0
DIES_AT_ONCE = """
import os, signal, sys
from pathlib import Path
from deploy.native.redis_server import redis
redis(Path(sys.argv[1])).start()
os.kill(os.getpid(), signal.SIGKILL)
"""


class Shell:
    """A program that is a few words for a shell, and that never answers."""

    name = "shell"
    stop_signal = signal.SIGTERM
    grace = PATIENCE
    ports: Sequence[int] = ()
    about: Mapping[str, str] = {"address": "nowhere"}
    environment: Mapping[str, str] = {"PATH": os.defpath}

    def __init__(self, words: str) -> None:
        self.words = words

    def prepare(self) -> None:
        pass

    def command(self) -> Sequence[str]:
        return ["/bin/sh", "-c", self.words]

    def answers(self) -> bool:
        return False


@contextmanager
def running(words: str) -> Iterator[tuple["subprocess.Popen[str]", Identity]]:
    """A shell that has said a line."""
    with subprocess.Popen(["/bin/sh", "-c", words], stdout=subprocess.PIPE, text=True) as shell:
        found = identify(shell.pid)
        assert found is not None
        assert shell.stdout is not None
        shell.stdout.readline()
        try:
            yield shell, found
        finally:
            shell.kill()


def test_a_stranger_who_got_a_recorded_pid_is_not_ended(folder: Path) -> None:
    services = make_folder(folder / stack.SERVICES)
    with running("echo up; exec sleep 600") as (shell, found):
        _record(services, "stranger", found.pid, began=found.began - 1)
        ended: list[str] = []
        stack.down(folder, lambda one, gently: ended.append(one.name))
        assert shell.poll() is None
        assert ended == []


def test_the_one_whose_pid_and_start_are_on_record_is_ended(folder: Path) -> None:
    services = make_folder(folder / stack.SERVICES)
    with running("echo up; exec sleep 600") as (shell, found):
        _record(services, "known", found.pid, began=found.began)
        ended: list[str] = []
        stack.down(folder, lambda one, gently: ended.append(one.name))
        assert shell.wait(PATIENCE) == -signal.SIGTERM
        assert ended == ["known"]


def test_a_record_that_was_cut_off_is_none(folder: Path) -> None:
    (folder / f"cut{ENDING}").write_text("123 (sh) S 1")
    assert records(folder) == []


def test_what_has_ended_and_was_not_fetched_is_not_running() -> None:
    with running("echo up; exec sleep 600") as (shell, found):
        os.kill(shell.pid, signal.SIGKILL)
        assert found.wait(PATIENCE)
        assert not found.running


def test_what_does_not_end_in_its_grace_is_killed() -> None:
    with running("trap '' TERM; echo up; while :; do sleep 1; done") as (shell, found):
        assert not identity.end(found, first=signal.SIGTERM, grace=0.2)
        assert shell.wait(PATIENCE) == -signal.SIGKILL


def test_all_below_a_process_are_killed_with_it() -> None:
    with running("sleep 600 & echo $!; wait") as (_, found):
        below = [one for one in identity.pause(found) if one != found]
        assert len(below) == 1
        identity.kill(found)
        assert not below[0].running
        assert not found.running


def test_what_somebody_who_was_killed_left_running_is_ended_by_the_next_start(folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DIES_AT_ONCE, str(folder)], cwd=PROJECT, check=False)
    assert died.returncode == -signal.SIGKILL
    (left,) = records(folder)
    assert left.running
    again = redis(folder)
    again.start()
    try:
        assert not left.running
        assert again.running
    finally:
        again.stop()
    assert working_in(folder) == set()


def test_a_folder_whose_server_belongs_to_somebody_else_is_left_alone(folder: Path) -> None:
    first, second = redis(folder), redis(folder)
    first.start()
    try:
        with pytest.raises(Misconfigured, match=r"redis in .* belongs to another process"):
            second.start()
        assert first.running
    finally:
        first.stop()
    second.start()
    second.stop()


def test_a_stopped_server_leaves_nothing_behind(folder: Path) -> None:
    server = redis(folder)
    server.start()
    assert working_in(folder) == {server.pid}
    server.stop()
    assert working_in(folder) == set()
    assert records(folder) == []


def test_a_server_whose_port_was_taken_meanwhile_says_so(folder: Path) -> None:
    server = redis(folder)
    (port,) = server.program.ports
    with (
        _taken(port),
        pytest.raises(Misconfigured, match=f"port {port} of {HOST} is in use, expected it free for redis"),
    ):
        server.start()
    server.start()
    server.stop()


def test_a_server_that_ends_at_once_says_how_its_log_ends(folder: Path) -> None:
    server = Process(Shell("echo one; echo broken >&2; exit 3"), folder)
    with pytest.raises(Misconfigured) as raised:
        server.start()
    first, *tail = str(raised.value).splitlines()
    assert first.startswith("shell ended before it answered on nowhere; its log ")
    assert tail == ["  one", "  broken"]
    assert server.exit_code == 3


def test_what_an_earlier_start_wrote_is_not_the_end_of_the_log(folder: Path) -> None:
    (folder / "shell.log").write_text("of yesterday\n")
    with pytest.raises(Misconfigured, match=r"ends with:\n  of today$"):
        Process(Shell("echo of today"), folder).start()


def test_a_port_in_use_is_chosen_around(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_ports(3)
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setattr(ports, "_LOWEST", first)
    monkeypatch.setattr(ports, "_highest", lambda: first + 2)
    with _taken(first):
        assert free_ports() == first + 1
        with pytest.raises(Misconfigured, match="no 1 ports in a row are free"):
            free_ports()


def test_no_port_is_given_away_twice() -> None:
    given = [free_ports() for _ in range(200)]
    assert len(set(given)) == len(given)


def test_servers_listen_below_the_ports_of_clients() -> None:
    lowest_of_clients = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(port < max(lowest_of_clients, 32_768) for port in (free_ports() for _ in range(50)))


def test_a_missing_program_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Misconfigured) as raised:
        programs.find("redis-server")
    assert str(raised.value) == "redis-server not found, expected on PATH: apt-get install redis-server"


def test_tests_without_servers_end_with_one_line_that_says_what_to_install() -> None:
    environment = {"PATH": "/nowhere", "DOCKER_HOST": "unix:///nowhere", "HOME": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/contract/test_fanout.py"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=environment,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    said = [line for line in done.stdout.splitlines() if "apt-get install" in line]
    assert len(said) == 1
    assert "redis-server not found" in said[0]
    assert "Traceback" not in done.stdout + done.stderr


def test_what_a_session_of_tests_left_that_was_killed_is_swept_by_the_next(folder: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(folder), "DOCKER_HOST": "unix:///nowhere"}

    def session(words: str) -> int:
        program = f"import os, signal; from tests import servers; servers.redis_url(); {words}"
        return subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=False).returncode

    assert session("os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
    assert len(working_in(folder)) == 1
    assert session("") == 0
    assert working_in(folder) == set()
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_closed_to_postgresqls_user_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    if os.geteuid() != 0:  # who runs PostgreSQL as himself may become nobody else, and so reaches nothing as that
        monkeypatch.setattr(postgres_server, "postgres_user", lambda: User("postgres", os.getuid() + 1, os.getgid()))
    with pytest.raises(Misconfigured, match="is closed to the user postgres, as whom root must run PostgreSQL"):
        postgres(tmp_path / "servers").start()


@contextmanager
def _taken(port: int) -> Iterator[None]:
    with socket.create_server((HOST, port)):
        yield


def _record(folder: Path, name: str, pid: int, *, began: int) -> None:
    """As if a process had recorded itself. began: the start time that it claims."""
    file = folder / f"{name}{ENDING}"
    command = recording(file, ["true"], stop_signal=signal.SIGTERM, grace=PATIENCE, about={"address": ""})
    subprocess.run(command, check=True)
    stat, about = file.read_text().splitlines()
    head, _, tail = stat.rpartition(")")
    fields = tail.split()
    fields[19] = str(began)
    file.write_text(f"{pid} ({head.partition('(')[2]}) {' '.join(fields)}\n{about}\n")
