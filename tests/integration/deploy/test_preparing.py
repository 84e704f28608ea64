"""What a cluster rests on is made by commands before its services start, again and again with the same result."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from reveille.adapters.settings import read_settings
from reveille.cli import cluster
from reveille.cli.catalogue import SERVICES
from reveille.cli.settings import ServeSettings
from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, Sealed
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, new_event
from tests.postgres import database
from tests.sealing import MASTER
from tests.servers import kafka_address, postgres_url

REVEILLE = str(Path(sys.executable).with_name("reveille"))
BOUND = 120.0
SCHEMAS = """
SELECT DISTINCT table_schema FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
"""


@pytest.fixture
async def environment() -> AsyncIterator[dict[str, str]]:
    """What the chart's jobs are told: no key, and no address of a service."""
    async with database(postgres_url()) as url:
        yield {
            "REVEILLE_EVENT_STORE": url,
            "REVEILLE_VIEWS": url,
            "REVEILLE_BUS": f"kafka://{kafka_address()}",
            "REVEILLE_TOPIC_PREFIX": f"test-{uuid4().hex[:12]}",
            "REVEILLE_PARTITIONS": "2",
        }


def run(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REVEILLE, *command], env=dict(environment), capture_output=True, text=True, timeout=BOUND, check=False
    )


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
    finally:
        await connection.close()
    return {row[0] for row in rows}


async def made_topics(prefix: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_address())
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(f"{prefix}.")]
        return {one["topic"]: len(one["partitions"]) for one in await admin.describe_topics(names)}
    finally:
        await admin.close()


async def test_databases_are_brought_to_this_builds_schemas_and_a_second_time_changes_nothing(
    environment: dict[str, str],
) -> None:
    first = run(environment, "migrate", "all")
    assert (first.returncode, first.stderr) == (0, "")
    assert [line.split()[2] for line in first.stdout.splitlines()[:-1]] == list(SERVICES)
    found = await tables(environment["REVEILLE_VIEWS"])
    assert {"log.events", "log.blobs", "relays.positions", "planner.executions", "agent_runner.agents"} <= found
    second = run(environment, "migrate", "all")
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert await tables(environment["REVEILLE_VIEWS"]) == found


@asynccontextmanager
async def one_who_may_not_create(url: str) -> AsyncIterator[str]:
    """The URL of a user who may read and write what is there, and no more."""
    name = f"reader_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE ROLE {name} LOGIN")
        schemas = [row[0] for row in await connection.fetch(SCHEMAS)]
        for schema in schemas:
            for what in ("USAGE ON SCHEMA", "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA"):
                await connection.execute(f"GRANT {what} {schema} TO {name}")
        parts = urlsplit(url)
        yield parts._replace(netloc=f"{name}@{parts.hostname}:{parts.port}").geturl()
        await connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
    finally:
        await connection.close()


async def test_after_it_services_run_and_encrypt_as_a_user_who_may_not_create_anything(
    environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    migrated, named = run(environment, "migrate", "all"), run(environment, "topics")
    assert (migrated.returncode, named.returncode) == (0, 0)
    async with one_who_may_not_create(environment["REVEILLE_VIEWS"]) as url:
        told = {"REVEILLE_EVENT_STORE": url, "REVEILLE_VIEWS": url, "REVEILLE_KEY": "0" * 64}
        settings = read_settings(ServeSettings, {**environment, **told, "REVEILLE_ENCRYPTION_KEYS": MASTER})
        for service in SERVICES:
            await asyncio.to_thread(cluster.prepare, settings, service)
        opened = await cluster.open_cluster(settings, "ingress")
        try:
            reason = DeadLetterDropped(reason=Sealed(data=b"nobody needs it"))
            about = Meta(7, About("c"))
            event = new_event(opened.ports.ids.new(), reason, about)
            await opened.ports.store.append([Append("default.a-1", NO_STREAM, [event])])
            blobs, persons = await opened.blobs(), await opened.persons()
            digest = await blobs.put("default", b"large")
            assert await blobs.get("default", digest) == b"large"
            assert persons is not None
            assert await persons.erase("default", "nobody", executions=(), blobs=[digest])
        finally:
            await opened.closing.aclose()
    assert "this user may not vacuum log.data_keys" in caplog.text
    # What is encrypted stops no upgrade: its jobs need no keys.
    again = run(environment, "migrate", "all")
    assert (again.returncode, again.stderr) == (0, "")


async def test_one_services_views_are_made_alone(environment: dict[str, str]) -> None:
    assert run(environment, "migrate", "budget").returncode == 0
    schemas = {name.partition(".")[0] for name in await tables(environment["REVEILLE_VIEWS"])}
    assert schemas == {"budget", "log", "relays"}


async def test_topics_of_all_services_are_made_once_with_the_partitions_that_the_log_was_begun_with(
    environment: dict[str, str],
) -> None:
    first, second = run(environment, "topics"), run(environment, "topics")
    assert (first.returncode, first.stderr, second.returncode) == (0, "", 0)
    found = await made_topics(environment["REVEILLE_TOPIC_PREFIX"])
    assert set(found.values()) == {2}
    prefix = environment["REVEILLE_TOPIC_PREFIX"]
    assert {f"{prefix}.{service}.events.v1" for service in SERVICES} <= found.keys()
    assert {f"{prefix}.{service}.inbox.v1" for service in SERVICES if service != "ingress"} <= found.keys()
    other = run({**environment, "REVEILLE_PARTITIONS": "3"}, "topics")
    assert other.returncode == 2
    assert "REVEILLE_PARTITIONS is 3, expected 2, with which this log was begun" in other.stderr


async def test_what_is_away_is_said_in_one_line(environment: dict[str, str]) -> None:
    away = run({**environment, "REVEILLE_BUS": "kafka://127.0.0.1:1"}, "topics")
    assert away.returncode == 2
    assert away.stderr.startswith("reveille: kafka at 127.0.0.1:1 does not answer")
    assert away.stderr.count("\n") == 1
