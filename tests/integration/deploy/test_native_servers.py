"""Kafka, PostgreSQL and Redis as processes: they answer, can be shot, and come back with what they had."""

import asyncio
import shutil
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError
from redis.asyncio import Redis

from deploy.native.places import temporary_folder
from deploy.native.server import Server
from deploy.native.servers import Servers

# A server that is stopped does not answer, however long one waits; one that runs answers in no time.
SILENCE = 0.5
PATIENCE = 60.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    folder = temporary_folder("reveille-test-")
    with Servers(folder) as started:
        yield started
    shutil.rmtree(folder)


async def test_a_record_survives_the_brokers_sigkill(servers: Servers) -> None:
    topic, address = f"kept-{uuid4().hex}", servers.kafka.address
    await _make_topic(address, topic)
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    await producer.start()
    sent = await producer.send_and_wait(topic, b"kept")
    await producer.stop()

    await _shot_and_started(servers.kafka)

    assert servers.kafka.address == address
    assert await _first_record(address, topic) == (sent.offset, b"kept")


async def test_a_broker_that_was_shot_takes_records_again(servers: Servers) -> None:
    await _shot_and_started(servers.kafka)
    topic, address = f"again-{uuid4().hex}", servers.kafka.address
    await _make_topic(address, topic)
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        sent = await asyncio.wait_for(producer.send_and_wait(topic, b"taken"), PATIENCE)
    finally:
        await producer.stop()
    assert sent.offset == 0


async def test_a_topic_that_nobody_made_is_not_made_by_asking_for_it(servers: Servers) -> None:
    topic = f"unmade-{uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka.address)
    await admin.start()
    try:
        (asked,) = await admin.describe_topics([topic])
        assert asked["error_code"] == UnknownTopicOrPartitionError.errno
        assert topic not in await admin.list_topics()
    finally:
        await admin.close()


async def test_a_row_survives_the_databases_sigkill(servers: Servers) -> None:
    address = servers.postgres.address
    await _execute(address, "CREATE TABLE kept (what text)", "INSERT INTO kept VALUES ('row')")

    await _shot_and_started(servers.postgres)

    assert servers.postgres.address == address
    assert await _value(address, "SELECT what FROM kept") == "row"


async def test_a_row_survives_stop_and_start(servers: Servers) -> None:
    await _execute(servers.postgres.address, "CREATE TABLE stayed (what text)", "INSERT INTO stayed VALUES ('row')")
    await asyncio.to_thread(servers.postgres.stop)
    assert not servers.postgres.running
    await asyncio.to_thread(servers.postgres.start)
    assert await _value(servers.postgres.address, "SELECT what FROM stayed") == "row"


async def test_stop_does_not_wait_for_the_clients_of_a_database(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.postgres.address)
    await asyncio.wait_for(asyncio.to_thread(servers.postgres.stop), PATIENCE)
    connection.terminate()
    await asyncio.to_thread(servers.postgres.start)
    assert servers.postgres.exit_code == 0


async def test_nothing_that_was_not_on_disk_is_promised_by_the_database(servers: Servers) -> None:
    settings = [await _value(servers.postgres.address, f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
    assert settings == ["on", "on"]


async def test_a_paused_database_is_silent_to_those_who_are_connected(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.postgres.address)
    servers.postgres.pause()
    try:
        with pytest.raises(TimeoutError):
            await connection.fetchval("SELECT 1", timeout=SILENCE)
    finally:
        servers.postgres.resume()
        connection.terminate()
    assert await _value(servers.postgres.address, "SELECT 1") == 1


async def test_a_paused_server_still_runs_and_answers_once_it_is_resumed(servers: Servers) -> None:
    async with Redis.from_url(servers.redis.address) as client:
        await client.ping()
        servers.redis.pause()
        waiting = asyncio.ensure_future(client.ping())
        try:
            done, _ = await asyncio.wait([waiting], timeout=SILENCE)
            assert not done
            assert servers.redis.running
        finally:
            servers.redis.resume()
        assert await asyncio.wait_for(waiting, PATIENCE)


async def test_redis_comes_back_with_nothing(servers: Servers) -> None:
    async with Redis.from_url(servers.redis.address) as client:
        await client.set("word", "spoken")
    await _shot_and_started(servers.redis)
    async with Redis.from_url(servers.redis.address) as client:
        assert await client.get("word") is None


def test_a_server_that_is_paused_can_be_stopped(servers: Servers) -> None:
    servers.redis.pause()
    servers.redis.stop()
    servers.redis.start()
    assert servers.redis.exit_code == 0


def test_a_server_that_runs_is_not_started_twice(servers: Servers) -> None:
    pid = servers.redis.pid
    servers.redis.start()
    assert servers.redis.pid == pid


def test_the_log_of_a_server_is_a_file(servers: Servers) -> None:
    assert "database system is ready" in servers.postgres.log.read_text()


def test_what_servers_keep_is_in_their_folder_and_no_one_elses(servers: Servers) -> None:
    assert (servers.folder / "postgres" / "PG_VERSION").exists()
    assert (servers.folder / "kafka" / "meta.properties").exists()
    assert not [path for path in servers.folder.iterdir() if path.suffix == ".new"]


async def _shot_and_started(server: Server) -> None:
    await asyncio.to_thread(server.kill)
    assert not server.running
    await asyncio.to_thread(server.start)


async def _make_topic(address: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def _first_record(address: str, topic: str) -> tuple[int, bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        record = await asyncio.wait_for(consumer.getone(), PATIENCE)
        return record.offset, record.value
    finally:
        await consumer.stop()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
