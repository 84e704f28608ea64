"""Topics are made once, as they must be, and read by whoever has the protos."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from reveille.adapters import kafka_topics
from reveille.adapters.kafka_topics import Topics, brokers, ensure
from reveille.cli.catalogue import ROUTES
from reveille.kernel.errors import Misconfigured
from tests.servers import kafka_address


@pytest.fixture
async def admin() -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka_address())
    await client.start()
    yield client
    await client.close()


@pytest.fixture
def topics() -> Topics:
    return Topics(prefix=f"test-{uuid4().hex[:12]}", partitions=3)


async def described(admin: AIOKafkaAdminClient, names: set[str]) -> dict[str, Any]:
    return {one["topic"]: one for one in await admin.describe_topics(sorted(names))}


async def test_a_service_has_the_topics_that_it_reads_and_writes(topics: Topics) -> None:
    of = {service: topics.of(service, ROUTES) for service in ("ingress", "planner")}
    assert of == {
        "ingress": {
            topics.events("ingress"),
            topics.deadletter("ingress"),
            topics.inbox("analyzer"),
            topics.inbox("planner"),
            topics.inbox("budget"),
            topics.inbox("agent-runner"),
        },
        "planner": {
            topics.events("planner"),
            topics.deadletter("planner"),
            topics.inbox("planner"),
            topics.inbox("analyzer"),
            topics.inbox("budget"),
        },
    }


async def test_topics_are_made_with_their_partitions_and_their_retention(
    admin: AIOKafkaAdminClient, topics: Topics
) -> None:
    names = topics.of("planner", ROUTES)
    await ensure(admin, names, topics)
    found = await described(admin, names)
    assert {name: len(one["partitions"]) for name, one in found.items()} == dict.fromkeys(names, 3)
    resource = ConfigResource(ConfigResourceType.TOPIC, topics.deadletter("planner"))
    (answer,) = await admin.describe_configs([resource])
    settings = {row[0]: row[1] for row in answer.resources[0][4]}
    assert settings["retention.ms"] == str(30 * 24 * 60 * 60 * 1000)
    assert settings["cleanup.policy"] == "delete"


async def test_topics_that_are_there_are_left_as_they_are(admin: AIOKafkaAdminClient, topics: Topics) -> None:
    names = {topics.inbox("budget")}
    await ensure(admin, names, topics)
    await ensure(admin, names, topics)
    assert set(await described(admin, names)) == names


async def test_another_number_of_partitions_is_refused_with_both_numbers(
    admin: AIOKafkaAdminClient, topics: Topics
) -> None:
    names = {topics.inbox("budget")}
    await ensure(admin, names, topics)
    with pytest.raises(Misconfigured, match=r"inbox\.v1 has 3 partitions, expected 12: set REVEILLE_PARTITIONS"):
        await ensure(admin, names, Topics(prefix=topics.prefix, partitions=12))


async def test_a_replication_that_the_brokers_cannot_give_is_refused(
    admin: AIOKafkaAdminClient, topics: Topics
) -> None:
    wanted = Topics(prefix=topics.prefix, partitions=1, replication=9)
    with pytest.raises(Misconfigured, match=r"topic .*inbox\.v1 cannot be made"):
        await ensure(admin, {topics.inbox("budget")}, wanted)


@pytest.mark.parametrize("url", ["", "kafka://", "kafka://host", "kafka://host:port", "amqp://host:1", "kafka://:9092"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="expected kafka://HOST:PORT"):
        brokers(url)


def test_several_brokers_are_parted_by_commas() -> None:
    assert brokers("kafka://a:1, b:2") == ["a:1", "b:2"]


def test_an_inbox_has_the_senders_that_the_routes_name() -> None:
    assert kafka_topics.senders("planner", ROUTES) == {"ingress", "analyzer", "budget", "agent-runner"}
    assert kafka_topics.receivers(ROUTES) == {"analyzer", "planner", "budget", "agent-runner"}
