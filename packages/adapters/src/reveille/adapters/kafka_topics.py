"""The topics: their names, and that they are there as they must be."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, RequestTimedOutError, TopicAlreadyExistsError, for_code

from reveille.kernel.errors import Misconfigured
from reveille.kernel.event_bus import Routes
from reveille.kernel.events import service_of

T = TypeVar("T")

KAFKA: Final = "kafka://"
PREFIX: Final = "reveille"
PARTITIONS: Final = 12
START_SECONDS: Final = 10.0
REQUEST_MS: Final = 10_000
PAUSE_SECONDS: Final = 0.1
PATIENCE: Final = 50
# To make the topics of five services that start together takes a broker seconds, and a busy one with a slow disk more.
MAKING_SECONDS: Final = 60.0
DAY_MS: Final = 24 * 60 * 60 * 1000
# The log is the truth: topics need to reach back only as far as the slowest reader has stopped.
RETENTION_MS: Final[Mapping[str, int]] = {"inbox": 7 * DAY_MS, "events": 7 * DAY_MS, "deadletter": 30 * DAY_MS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """prefix: two platforms on one cluster of brokers have two. replication: 0 is one for each broker, at most 3."""

    prefix: str = PREFIX
    partitions: int = PARTITIONS
    replication: int = 0

    def inbox(self, service: str) -> str:
        """What a service has to decide on, keyed by what it groups by."""
        return f"{self.prefix}.{service}.inbox.v1"

    def events(self, service: str) -> str:
        """All of a service's events, keyed by stream, for outsiders."""
        return f"{self.prefix}.{service}.events.v1"

    def deadletter(self, service: str) -> str:
        """What a service had to park."""
        return f"{self.prefix}.{service}.deadletter.v1"

    def group(self, service: str) -> str:
        return f"{self.prefix}.{service}"

    def of(self, service: str, routes: Routes) -> set[str]:
        """All that the service reads from or its relay writes to."""
        told = {to for type_name, tos in routes.items() if service_of(type_name) == service for to in tos}
        inboxes = {self.inbox(to) for to in told | ({service} & receivers(routes))}
        return {self.events(service), self.deadletter(service), *inboxes}


def receivers(routes: Routes) -> set[str]:
    return {service for tos in routes.values() for service in tos}


def senders(service: str, routes: Routes) -> set[str]:
    """The services that write to this one's inbox."""
    return {service_of(type_name) for type_name, tos in routes.items() if service in tos}


def brokers(url: str) -> list[str]:
    """`kafka://host:port,host:port` → what a client wants to know."""
    names = [name.strip() for name in url.removeprefix(KAFKA).split(",") if name.strip()]
    for name in names:
        host, colon, port = name.rpartition(":")
        if not (host and colon and port.isdigit()):
            raise Misconfigured(f"the bus is at {url!r}, expected kafka://HOST:PORT, several parted by commas")
    if not url.startswith(KAFKA) or not names:
        raise Misconfigured(f"the bus is at {url!r}, expected kafka://HOST:PORT, several parted by commas")
    return names


async def ensure(admin: AIOKafkaAdminClient, names: Collection[str], topics: Topics) -> None:
    """Create the topics that are missing. Raises Misconfigured where one has another number of partitions.

    What is in order by its key would not be any more; so the number is fixed when the topic is made.
    """
    replication = topics.replication or min(3, len((await _patiently(admin.describe_cluster))["brokers"]))
    wanted = [
        NewTopic(
            name,
            topics.partitions,
            replication,
            topic_configs={
                "retention.ms": str(RETENTION_MS[name.split(".")[-2]]),
                "cleanup.policy": "delete",
                # An event of 256 KiB with its headers; the brokers' own default may be less.
                "max.message.bytes": str(1024 * 1024),
            },
        )
        for name in sorted(names)
    ]
    answer = await _patiently(lambda: admin.create_topics(wanted, timeout_ms=REQUEST_MS))
    for name, code, *rest in answer.topic_errors:
        # One that takes its time is waited for below.
        if code not in (0, TopicAlreadyExistsError.errno, RequestTimedOutError.errno):
            raise Misconfigured(f"topic {name} cannot be made: {rest[0] if rest and rest[0] else for_code(code)}")
    async with asyncio.timeout(MAKING_SECONDS):
        while _lacking(await _patiently(lambda: admin.describe_topics(sorted(names))), names, topics):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)  # the brokers tell nobody when they know


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Brokers that have just started, or are busy, refuse for a moment. Raises what they refuse with for longer."""
    for _ in range(PATIENCE):
        try:
            return await ask()
        except KafkaError as error:
            if not error.retriable:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    return await ask()


def _lacking(described: Iterable[Any], names: Collection[str], topics: Topics) -> set[str]:
    """Those that the brokers do not know of yet, as they do shortly after they were made."""
    there = set()
    for one in described:
        partitions = one["partitions"]
        if one["error_code"] or not partitions or any(part["leader"] < 0 for part in partitions):
            continue
        if len(partitions) != topics.partitions:
            raise Misconfigured(
                f"topic {one['topic']} has {len(partitions)} partitions, expected {topics.partitions}: "
                "set REVEILLE_PARTITIONS to what it has, or use another REVEILLE_TOPIC_PREFIX"
            )
        there.add(one["topic"])
    return set(names) - there
