"""Starting where something is not there or not as it must be: one line that says so, and exit code 2, in good time."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from deploy.native.ports import HOST, free_ports
from deploy.native.server import Server
from deploy.native.service import INGRESS
from tests.chaos.running import Run

# The longest that a service waits for anything at its start, several times over: the machine may be busy.
PATIENCE: Final = 120.0
AT_ONCE: Final = 5
# Several of one service start at a time.
ANY_PORTS: Final = {"REVEILLE_PORT": "0", "REVEILLE_GRPC_PORT": "0", "REVEILLE_ADMIN_PORT": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """settings: what is wrong with it. says: what its one line must name."""

    what: str
    name: str
    says: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)


def without_what_it_needs(run: Run) -> None:
    """Nobody listens; then somebody listens who never answers; then topics are there with other partitions."""
    names = [one.name for one in run.services if one.program.number == 1]
    _all_end(run, [attempt for name in names for attempt in _without(run, name)])
    for server, says in ((run.servers.kafka, "kafka"), (run.servers.postgres, "TimeoutError")):
        with _silent(run, server):
            _all_end(run, [Attempt(what=f"{server.name} does not answer", name=name, says=[says]) for name in names])
    run.services.start()
    run.services.stop()
    told = {"REVEILLE_PARTITIONS": "7"}
    expected = ["REVEILLE_PARTITIONS is 7, expected 12"]
    _all_end(run, [Attempt(what="other partitions", name=name, says=expected, settings=told) for name in names])


def _without(run: Run, name: str) -> Iterator[Attempt]:
    settings = run.services[name].program.settings
    port = free_ports()
    away = f"{HOST}:{port}"
    yield Attempt(what="no broker", name=name, says=["kafka", away], settings={"REVEILLE_BUS": f"kafka://{away}"})
    log, views = _at(settings["REVEILLE_EVENT_STORE"], port), _at(settings["REVEILLE_VIEWS"], port)
    yield Attempt(what="no log", name=name, says=["database", away], settings={"REVEILLE_EVENT_STORE": log})
    yield Attempt(what="no views", name=name, says=["views of", str(port)], settings={"REVEILLE_VIEWS": views})
    if name.startswith((INGRESS, "agent-runner")):
        yield Attempt(what="no blobs", name=name, says=["database", away], settings={"REVEILLE_BLOBS": views})


def _at(url: str, port: int) -> str:
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}@{HOST}:{port}"))


@contextmanager
def _silent(run: Run, server: Server) -> Iterator[None]:
    run.fault(f"SIGSTOP {server.name}: connections are taken, and nobody answers")
    server.pause()
    try:
        yield
    finally:
        server.resume()
        run.tell(f"SIGCONT {server.name}")


def _all_end(run: Run, attempts: Sequence[Attempt]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for attempt, problem in zip(attempts, threads.map(lambda one: _problem(run, one), attempts), strict=True):
            run.fault(f"{attempt.name}: {attempt.what}")
            run.expect(not problem, f"{attempt.name}, {attempt.what}: {problem}")


def _problem(run: Run, attempt: Attempt) -> str:
    """What is wrong with how it ended; "" where nothing is."""
    program = run.services[attempt.name].program
    try:
        done = subprocess.run(
            program.command(),
            env={**program.environment, **ANY_PORTS, **attempt.settings},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it has not ended after {PATIENCE:g} s"
    lines = done.stderr.strip().splitlines()
    if done.returncode != 2 or len(lines) != 1 or done.stdout:
        return f"exit code {done.returncode}, stdout {done.stdout!r}, stderr {done.stderr!r}; expected 2 and one line"
    missing = [part for part in attempt.says if part not in lines[0]]
    return f"it says {lines[0]!r}, expected in it {missing}" if missing else ""
