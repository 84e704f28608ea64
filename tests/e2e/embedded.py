"""The platform in one process: `reveille up` on a data folder."""

import select
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

from deploy.native.ports import HOST, free_ports
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES, SERVICES
from reveille.kernel.events import Recorded
from tests.e2e.logged import Logged, all_of, read_sqlite
from tests.e2e.running import COMMAND, FLEET, PATIENCE, NotStarted, Platform, blocking, environment, reveille


class Embedded(Platform):
    mode: ClassVar[str] = "embedded"

    def __init__(self, folder: Path, *, fleet: Path | None = FLEET, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, fleet=fleet, settings=settings)
        self.data = folder / "data"
        self.key_file = self.data / "key"
        self.process: subprocess.Popen[str] | None = None
        self._errors_file = folder / "stderr"
        # The same after each start: whoever sends while it is down goes on sending there.
        self._ports = {"REVEILLE_PORT": str(free_ports(3)), "REVEILLE_GRPC_PORT": str(free_ports())}

    def start(self) -> "Embedded":
        fleet = ["--fleet", str(self.fleet)] if self.fleet else []
        with self._errors_file.open("a") as errors:
            self.process = subprocess.Popen(
                [COMMAND, "up", "--data", str(self.data), *fleet],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment(**{**self._ports, **self.skills_environment()}),
            )
        self.url = self._announced(self.process)
        self.http.base_url = self.url
        return self

    def _announced(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], PATIENCE)
        words = process.stdout.readline().split() if readable else []
        url = next((word for word in words if word.startswith(("http://", "https://"))), "")
        if not url:
            self.kill()
            raise NotStarted(f"it said {' '.join(words)!r} and {self.errors!r}")
        return url

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self, seconds: float = PATIENCE) -> int:
        return self._end(signal.SIGTERM, seconds)

    def interrupt(self, seconds: float = PATIENCE) -> int:
        return self._end(signal.SIGINT, seconds)

    def begin_to_stop(self) -> None:
        assert self.process is not None
        self.process.terminate()

    def is_stopping(self) -> bool:
        return self.http.get("/readyz").status_code == 503

    def close(self) -> None:
        self.http.close()
        if self.process is not None:
            self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals, seconds: float = PATIENCE) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        finally:
            self.process.stdout.close()

    @property
    def errors(self) -> str:
        return self._errors_file.read_text()

    def grpc_addresses(self) -> Mapping[str, str]:
        return dict.fromkeys(SERVICES, f"{HOST}:{self._ports['REVEILLE_GRPC_PORT']}")

    def figures(self) -> list[str]:
        return [self.http.get("/metrics", headers={"accept": "text/plain"}).text]

    def log(self) -> list[Logged]:
        return read_sqlite(self.data)

    def recorded(self) -> list[Recorded]:
        async def read() -> list[Recorded]:
            store = SqliteEventStore.open(self.data / "log.db", EVENT_TYPES)
            try:
                return await all_of(store)
            finally:
                await store.close()

        return blocking(read())

    def views(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for service in SERVICES:
            with closing(sqlite3.connect(self.data / "views" / f"{service}.db")) as views:
                tables = [name for (name,) in views.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                for table in tables:
                    rows = views.execute(f'SELECT * FROM "{table}"').fetchall()
                    found[f"{service}.{table}"] = sorted(rows, key=repr)
        return found

    def change_views(self, service: str, *statements: str) -> None:
        with closing(sqlite3.connect(self.data / "views" / f"{service}.db")) as views, views:
            for statement in statements:
                views.execute(statement)

    def lose_views(self) -> None:
        shutil.rmtree(self.data / "views")

    def rebuild_views(self) -> "subprocess.CompletedProcess[str]":
        return reveille("views", "rebuild", "--data", str(self.data), **self.settings)
