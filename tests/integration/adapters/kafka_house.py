"""A bus and a publisher on a broker, and one event for the one inbox that they know."""

from collections.abc import Mapping

from reveille.adapters.kafka_bus import KafkaBus
from reveille.adapters.kafka_publisher import KafkaPublisher
from reveille.adapters.kafka_security import PLAINTEXT, KafkaSecurity
from reveille.adapters.kafka_topics import Topics
from reveille.contracts.common.v1.common_pb2 import Json
from reveille.kernel.clock import SystemClock
from reveille.kernel.events import About, Meta, Recorded, new_event
from tests.contract.buses import ROUTES, TYPES


async def opened(broker: str, topics: Topics, security: KafkaSecurity = PLAINTEXT) -> KafkaBus:
    """broker: host and port."""
    return await KafkaBus.open(
        f"kafka://{broker}",
        ROUTES,
        services=["common", "one"],
        topics=topics,
        decode=TYPES.decode,
        relayed=_relayed,
        clock=SystemClock(),
        security=security,
    )


def publisher_to(broker: str, topics: Topics, security: KafkaSecurity = PLAINTEXT) -> KafkaPublisher:
    return KafkaPublisher([broker], ROUTES, topics=topics, read_one=_nothing, security=security)


def event() -> Recorded:
    """In stream `t.a-1`."""
    new = new_event(bytes(16), Json(text="said"), Meta(0, About("c")))
    return Recorded(new.id, new.type, new.data, new.meta, new.msg, 1, "t.a-1", 0)


async def _relayed() -> Mapping[str, int]:
    return {}


async def _nothing(stream: str, revision: int) -> Recorded:
    raise KeyError(stream)
