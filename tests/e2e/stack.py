"""The platform as a cluster: seven processes of `reveille serve` on Kafka, PostgreSQL and Redis."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import uuid4

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient

from deploy.native.process import Process
from deploy.native.servers import Addresses
from deploy.native.service import Service
from deploy.native.services import Services
from reveille.adapters.eventstoredb import EventStoreDb
from reveille.adapters.migrations import schema_of
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.cli.catalogue import EVENT_TYPES, SERVICES
from reveille.kernel.errors import Misconfigured
from reveille.kernel.events import Recorded
from tests.e2e.logged import Logged, all_of, logged
from tests.e2e.running import FLEET, PATIENCE, NotStarted, Platform, blocking, environment, reveille, until
from tests.servers import kafka_address, postgres_url, redis_url

REPLICAS: Final = {"planner": 2, "agent-runner": 2}
# Made and removed with each platform; the default of 12 is that of the platform which all tests share.
PARTITIONS: Final = "4"
KAFKA_SECONDS: Final = 10.0


class Stack(Platform):
    """On servers that all tests share, with a database, topics and groups of its own.

    event_store: "" is PostgreSQL. redis: the address of one that is the test's own.
    """

    mode: ClassVar[str] = "cluster"

    def __init__(
        self,
        folder: Path,
        *,
        fleet: Path | None = FLEET,
        settings: Mapping[str, str] | None = None,
        event_store: str = "",
        replicas: Mapping[str, int] = REPLICAS,
        redis: str = "",
    ) -> None:
        super().__init__(folder, fleet=fleet, settings=settings)
        self.key_file = folder / "services" / "key"
        self.topic_prefix = f"reveille_e2e_{uuid4().hex[:12]}"
        self._addresses = Addresses(postgres=postgres_url(), kafka=kafka_address(), redis=redis or redis_url())
        told = environment(REVEILLE_OWN_MACHINE="true", REVEILLE_PARTITIONS=PARTITIONS, **self.skills_environment())
        if event_store:
            told["REVEILLE_EVENT_STORE"] = event_store
        self._event_store = event_store
        self.services = Services(
            self._addresses,
            self.key_file.parent,
            replicas=replicas,
            port=int(told.pop("REVEILLE_PORT", "0")),
            database=self.topic_prefix,
            prefix=self.topic_prefix,
            environment=told,
            of_service={"ingress": {"REVEILLE_FLEET": str(fleet)} if fleet else {}},
        )
        self.url = self.services.url
        self.http.base_url = self.url

    def start(self) -> "Stack":
        try:
            self.services.start()
        except Misconfigured as error:
            raise NotStarted(str(error)) from error
        return self

    def kill(self) -> None:
        self.services.kill()

    def stop(self, seconds: float = PATIENCE) -> int:
        return self._end(signal.SIGTERM, seconds)

    def interrupt(self, seconds: float = PATIENCE) -> int:
        return self._end(signal.SIGINT, seconds)

    def begin_to_stop(self) -> None:
        for runner in self.services.replicas("agent-runner"):
            _tell(runner, signal.SIGTERM)

    def is_stopping(self) -> bool:
        return not any(runner.program.answers() for runner in self.services.replicas("agent-runner"))

    def close(self) -> None:
        self.http.close()
        self.services.kill()
        self.services.stop()
        blocking(self._remove())

    def _end(self, number: signal.Signals, seconds: float) -> int:
        deadline = time.monotonic() + seconds
        for one in self.services:
            _tell(one, number)
        until(lambda: not any(one.running for one in self.services), "all have ended", deadline - time.monotonic())
        self.services.stop()
        return next((one.exit_code for one in self.services if one.exit_code), 0)

    @property
    def errors(self) -> str:
        lines = [line for one in self.services for line in one.log.read_text().splitlines(keepends=True)]
        return "".join(line for line in lines if not line.startswith("reveille ") or " is up" not in line)

    def grpc_addresses(self) -> Mapping[str, str]:
        return {service: self.services[f"{service}-1"].program.grpc_address for service in SERVICES}

    def figures(self) -> list[str]:
        return [httpx.get(f"{one.program.admin_url}/metrics").text for one in self.services]

    def log(self) -> list[Logged]:
        return [logged(event) for event in self.recorded()]

    def recorded(self) -> list[Recorded]:
        return blocking(self._recorded())

    async def _recorded(self) -> list[Recorded]:
        store: EventStoreDb | PostgresEventStore
        if self._event_store:
            store = await EventStoreDb.open(self._event_store, EVENT_TYPES)
        else:
            store = await PostgresEventStore.open(self.services.database_url, EVENT_TYPES)
        try:
            return await all_of(store)
        finally:
            await store.close()

    def views(self) -> dict[str, list[Any]]:
        return blocking(self._views())

    async def _views(self) -> dict[str, list[Any]]:
        """Without leases: they are nobody's view, and end with time."""
        connection = await asyncpg.connect(self._database)
        try:
            found = {}
            for service in SERVICES:
                schema = schema_of(service)
                names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
                for (table,) in names:
                    if table != "leases":
                        rows = await connection.fetch(f'SELECT * FROM "{schema}"."{table}"')
                        found[f"{service}.{table}"] = sorted((tuple(row) for row in rows), key=repr)
            return found
        finally:
            await connection.close()

    def change_views(self, service: str, *statements: str) -> None:
        blocking(self._execute(f'SET search_path = "{schema_of(service)}"', *statements))

    def lose_views(self) -> None:
        blocking(self._execute(*(f'DROP SCHEMA "{schema_of(service)}" CASCADE' for service in SERVICES)))

    def rebuild_views(self) -> "subprocess.CompletedProcess[str]":
        return reveille("views", "rebuild", **self.services.shared_settings)

    @property
    def _database(self) -> str:
        """Of the views; and of the log, where nothing else is."""
        return str(self.services.shared_settings["REVEILLE_VIEWS"])

    async def _execute(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._database)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def _remove(self) -> None:
        """Its database and its topics; they would be in nobody's way but the disk's."""
        connection = await asyncpg.connect(self._addresses.postgres)
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{self.topic_prefix}" WITH (FORCE)')
        finally:
            await connection.close()
        admin = AIOKafkaAdminClient(bootstrap_servers=self._addresses.kafka)
        await asyncio.wait_for(admin.start(), KAFKA_SECONDS)
        try:
            topics = [topic for topic in await admin.list_topics() if topic.startswith(f"{self.topic_prefix}.")]
            if topics:
                await asyncio.wait_for(admin.delete_topics(topics), KAFKA_SECONDS)
        finally:
            await admin.close()


def _tell(one: Process[Service], number: signal.Signals) -> None:
    if one.running:
        os.kill(one.pid, number)
