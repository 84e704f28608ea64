"""The tests' servers as containers, where a Docker engine answers. What they need is imported only there."""

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from deploy.native import database, kafka_server, redis_server
from deploy.native.ports import free_ports
from reveille.kernel.errors import Misconfigured

# What is asked whether it is there, and answers at once when it is.
ENGINE_SECONDS: Final = 5
# An image may have to be fetched before; that time does not count.
PATIENCE: Final = 120.0
PAUSE: Final = 0.1

# Starts a server that nobody else uses. Returns its address, and what ends it.
Start = Callable[[], tuple[str, Callable[[], None]]]


@cache
def engine_answers() -> bool:
    told = os.environ.get("DOCKER_HOST", "") or "unix:///var/run/docker.sock"
    # Its client leaves a socket open when nobody listens there, and complains of it.
    if told.startswith("unix://") and not _listens(told.removeprefix("unix://")):
        return False
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=ENGINE_SECONDS)
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except DockerException:
        return False
    finally:
        client.close()


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
        except OSError:
            return False
    return True


def start_postgres() -> tuple[str, Callable[[], None]]:
    return _start(
        "postgres:17",
        {"POSTGRES_HOST_AUTH_METHOD": "trust"},
        5432,
        address=lambda host, port: f"postgresql://postgres@{host}:{port}/postgres",
        answers=lambda host, port: database.answers(f"postgresql://postgres@{host}:{port}/postgres"),
        command=["postgres", "-c", "max_connections=300"],
    )


def start_redis() -> tuple[str, Callable[[], None]]:
    return _start(
        "redis:7",
        {},
        6379,
        address=lambda host, port: f"redis://{host}:{port}/0",
        answers=redis_server.answers,
        command=["redis-server", "--save", "", "--appendonly", "no"],
    )


def start_kafka() -> tuple[str, Callable[[], None]]:
    return _start(
        "apache/kafka:4.1.0",
        {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
            "KAFKA_LISTENERS": "PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093",
            # Clients go where the broker tells them to: to the port of the host, not of the container.
            "KAFKA_ADVERTISED_LISTENERS": "PLAINTEXT://{host}:{port}",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "KAFKA_HEAP_OPTS": "-Xmx512m",
        },
        9092,
        address=lambda host, port: f"{host}:{port}",
        answers=kafka_server.answers,
    )


def _start(
    image: str,
    environment: Mapping[str, str],
    port: int,
    *,
    address: Callable[[str, int], str],
    answers: Callable[[str, int], bool],
    command: Sequence[str] | None = None,
) -> tuple[str, Callable[[], None]]:
    from testcontainers.core.container import DockerContainer

    on_host = free_ports()
    container = DockerContainer(image).with_bind_ports(port, on_host)
    host = container.get_docker_client().host()
    container.with_envs(**{name: value.format(host=host, port=on_host) for name, value in environment.items()})
    if command:
        container.with_command(list(command))
    container.start()
    deadline = time.monotonic() + PATIENCE
    while not answers(host, on_host):
        if time.monotonic() > deadline:
            said = container.get_logs()[1].decode(errors="replace").strip().splitlines() or ["it says nothing"]
            container.stop()
            raise Misconfigured(f"the container of {image} did not answer in {PATIENCE:g} s: {said[-1]}")
        time.sleep(PAUSE)
    return address(host, on_host), container.stop
