"""PostgreSQL: a cluster of its own, open to whoever is on this machine, on TCP alone."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.native import database
from deploy.native.places import PASSABLE, User, postgres_user
from deploy.native.ports import HOST, free_ports
from deploy.native.process import Process
from deploy.native.programs import find
from reveille.kernel.errors import Misconfigured

SUPERUSER: Final = "postgres"


def postgres(folder: Path, *, settings: Mapping[str, str] | None = None) -> Process["PostgresProgram"]:
    """Its address is the URL of its maintenance database, as superuser. settings: over those that it has here."""
    return Process(PostgresProgram(folder, settings=settings), folder)


class PostgresProgram:
    name: Final = "postgres"
    # Its fast shutdown. On SIGTERM it would wait until the last client has gone by itself.
    stop_signal: Final = signal.SIGINT
    grace: Final = 30.0

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._cluster = folder / self.name
        self._port = free_ports()
        self._settings = dict(settings or {})

    @property
    def ports(self) -> Sequence[int]:
        return (self._port,)

    @property
    def about(self) -> Mapping[str, str]:
        return {"address": f"postgresql://{SUPERUSER}@{HOST}:{self._port}/postgres"}

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}

    def prepare(self) -> None:
        user = postgres_user()
        if user is not None:
            self._let_in(user)
        if not self._cluster.exists():
            self._initialise(user)
        self._forget_a_stranger()

    def command(self) -> Sequence[str]:
        settings = {
            "listen_addresses": HOST,
            "port": self._port,
            # Nobody here needs a socket in the file system, and its path may be no longer than 107 bytes.
            "unix_socket_directories": "",
            "max_connections": 300,
            "fsync": "on",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*_as_user(postgres_user()), find("postgres"), "-D", str(self._cluster), *options]

    def answers(self) -> bool:
        return database.answers(self.about["address"])

    def _let_in(self, user: User) -> None:
        if not user.reaches(self._folder):
            raise Misconfigured(
                f"{self._folder} is closed to the user {user.name}, as whom root must run PostgreSQL, "
                f"expected a folder that it can reach, such as one below /var/tmp"
            )

    def _initialise(self, user: User | None) -> None:
        """Under another name, and renamed when it is done: a cluster that is there is whole."""
        fresh = self._cluster.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        # In a folder of its own, which is all that PostgreSQL's user is given to write to.
        fresh.mkdir(mode=PASSABLE)
        if user is not None:
            os.chown(fresh, user.uid, user.gid)
        how = ["--encoding=UTF8", "--no-locale", f"--username={SUPERUSER}", "--auth=trust", "--no-instructions"]
        done = subprocess.run(
            [*_as_user(user), find("initdb"), "-D", str(fresh), *how],
            capture_output=True,
            text=True,
            env=dict(self.environment),
            cwd=fresh,
            check=False,
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it says no reason"]
            shutil.rmtree(fresh, ignore_errors=True)
            raise Misconfigured(f"initdb could not make {self._cluster}: {lines[-1]}")
        fresh.rename(self._cluster)

    def _forget_a_stranger(self) -> None:
        """After SIGKILL its lock file stays, and it does not start while any process of its user has the pid in it."""
        lock = self._cluster / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
            program = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return
        if program != "postgres":
            lock.unlink(missing_ok=True)


def _as_user(user: User | None) -> list[str]:
    return user.prefix if user else []
