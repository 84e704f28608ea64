"""Real servers for the tests: those that the environment names, else containers, else processes of this machine.

Each starts when the first test asks for it, and ends with the session; so in each worker where tests run in several.
"""

import atexit
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from deploy.native import kafka_jars, programs
from deploy.native.kafka_server import kafka
from deploy.native.places import Hold, temporary_folder
from deploy.native.postgres_server import postgres
from deploy.native.record import records
from deploy.native.redis_server import redis
from deploy.native.server import Server
from reveille.kernel.errors import Misconfigured
from tests import containers

PREFIX: Final = "reveille-servers-"
VARIABLES: Final = ("REVEILLE_TEST_POSTGRES", "REVEILLE_TEST_KAFKA", "REVEILLE_TEST_REDIS")
OWNED: Final = "owned"
# What the session has started, to be ended with it.
_endings: list[Callable[[], None]] = []


@cache
def postgres_url() -> str:
    """The maintenance database, as a user who may make databases."""
    return os.environ.get("REVEILLE_TEST_POSTGRES") or _address(containers.start_postgres, postgres)


@cache
def kafka_address() -> str:
    """host:port."""
    return os.environ.get("REVEILLE_TEST_KAFKA") or _address(containers.start_kafka, kafka)


@cache
def redis_url() -> str:
    return os.environ.get("REVEILLE_TEST_REDIS") or _address(containers.start_redis, redis)


def end() -> None:
    """End whatever was started here; the next who asks gets another."""
    while _endings:
        _endings.pop()()
    for one in (postgres_url, kafka_address, redis_url, _folder, _need_programs):
        one.cache_clear()


# Where no session of pytest says that it is over.
atexit.register(end)


def _address(start_container: containers.Start, make: Callable[[Path], Server]) -> str:
    try:
        if containers.engine_answers():
            address, stop = start_container()
            _endings.append(stop)
            return address
        _need_programs()
        server = make(_folder())
        server.start()
    except Misconfigured as error:
        # Nothing that uses a server can run: one line says why, not each of these tests.
        pytest.exit(f"the tests need servers: {error}", returncode=pytest.ExitCode.USAGE_ERROR)
    _endings.append(server.stop)
    return server.address


@cache
def _need_programs() -> None:
    """All that is missing is said at once."""
    wanted = {
        "REVEILLE_TEST_POSTGRES": ["initdb", "postgres"],
        "REVEILLE_TEST_KAFKA": ["java"] if kafka_jars.are_there() else ["java", "mvn"],
        "REVEILLE_TEST_REDIS": ["redis-server"],
    }
    names = [name for variable in VARIABLES if not os.environ.get(variable) for name in wanted[variable]]
    if missing := programs.missing(*names):
        raise Misconfigured(
            f"{programs.missing_line(missing)} (or start Docker, or name servers that run with {', '.join(VARIABLES)})"
        )


@cache
def _folder() -> Path:
    folder = temporary_folder(PREFIX)
    hold = Hold(folder / OWNED)
    hold.take()

    def remove() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        hold.let_go()

    _endings.append(remove)
    _sweep(folder.parent)
    return folder


def _sweep(parent: Path) -> None:
    """What sessions have left that were killed: nobody holds their folders any more."""
    for folder in parent.glob(f"{PREFIX}*"):
        if folder.stat().st_uid != os.getuid() or not (folder / OWNED).exists():
            continue
        hold = Hold(folder / OWNED)
        if hold.take():
            for one in records(folder):
                one.end()
            shutil.rmtree(folder, ignore_errors=True)
            hold.let_go()
