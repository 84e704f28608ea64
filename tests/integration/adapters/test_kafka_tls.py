"""Kafka by TLS and with passwords: one broker with a port for each way to speak to it."""

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import pytest

from deploy.native.kafka_server import Listener, kafka
from deploy.native.places import temporary_folder
from deploy.native.ports import free_ports
from reveille.adapters.kafka_security import FILES, KafkaSecurity, Kind, Mechanism
from reveille.adapters.kafka_topics import Topics
from reveille.adapters.tls import Pem
from reveille.kernel.errors import Misconfigured
from tests.certificates import Authority, Pair
from tests.e2e.running import COMMAND, environment
from tests.integration.adapters.kafka_house import event, opened, publisher_to
from tests.postgres import database
from tests.servers import postgres_url

SECRET, WRONG = "a-secret", "sesame"
MODULES = "org.apache.kafka.common.security"
LOGIN = {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "plain.sasl.jaas.config": f'{MODULES}.plain.PlainLoginModule required user_carol="{SECRET}";',
    "scram-sha-256.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
    "scram-sha-512.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
}
SCRAM = [f"{kind}=[name=carol,password={SECRET}]" for kind in ("SCRAM-SHA-256", "SCRAM-SHA-512")]
WAYS = ("mutual", "login", "openlogin", "old", "other")


@dataclass(frozen=True, slots=True)
class Broker:
    """ports: by what its listener is called; `plain` is the usual one."""

    ports: Mapping[str, int]
    ours: Authority
    foreign: Authority

    def address(self, way: str) -> str:
        return f"127.0.0.1:{self.ports[way]}"

    def pem(self, pair: Pair | None = None, ca: Authority | None = None) -> Pem:
        cert, key = (pair.cert, pair.key) if pair else (None, None)
        return Pem(cert=cert, key=key, ca=(ca or self.ours).cert, names=FILES)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    folder = temporary_folder("reveille-test-")
    ours, foreign = Authority(folder), Authority(folder, "foreign")

    def tls(pair: Pair, **more: str) -> dict[str, str]:
        store = pair.cert.with_suffix(".pem")
        store.write_text(pair.both)
        told = {"keystore.type": "PEM", "keystore.location": str(store)}
        told |= {"truststore.type": "PEM", "truststore.location": str(ours.cert), **more}
        return {f"ssl.{name}": value for name, value in told.items()}

    right = ours.issue("server", ("127.0.0.1",))
    settings: dict[str, tuple[str, Mapping[str, str]]] = {
        "mutual": ("SSL", tls(right, **{"client.auth": "required"})),
        "login": ("SASL_SSL", tls(right) | LOGIN),
        "openlogin": ("SASL_PLAINTEXT", LOGIN),
        "old": ("SSL", tls(ours.issue("old", ("127.0.0.1",), expired=True))),
        "other": ("SSL", tls(ours.issue("other", ("elsewhere",)))),
    }
    first = free_ports(len(WAYS))
    listeners = [
        Listener(name=way.upper(), protocol=settings[way][0], port=first + at, settings=settings[way][1])
        for at, way in enumerate(WAYS)
    ]
    started = kafka(folder, listeners=listeners, scram=SCRAM)
    started.start()
    try:
        ports = {one.name.lower(): one.port for one in listeners} | {"plain": started.program.ports[0]}
        yield Broker(ports, ours, foreign)
    finally:
        started.stop()
        shutil.rmtree(folder)


async def heard(broker: Broker, way: str, security: KafkaSecurity) -> list[str]:
    """The streams of what comes out of an inbox into which one event was published."""
    address, topics = broker.address(way), Topics(prefix=f"tls_{uuid4().hex[:8]}", partitions=1)
    bus, publisher = await opened(address, topics, security), publisher_to(address, topics, security)
    consumer = await bus.consumer("one", "first")
    try:
        await publisher.publish([event()])
        async with asyncio.timeout(60):
            while not (batch := await consumer.receive(10)).messages:
                pass
        return [message.event.stream for message in batch.messages]
    finally:
        await consumer.close()
        await publisher.close()
        await bus.close()


async def refused(broker: Broker, way: str, security: KafkaSecurity) -> str:
    with pytest.raises(Misconfigured) as told:
        await opened(broker.address(way), Topics(partitions=1), security)
    line = str(told.value)
    assert "\n" not in line
    assert WRONG not in line
    prefix = f"kafka at {broker.address(way)} does not let this process in: "
    assert line.startswith(prefix)
    return line.removeprefix(prefix)


def login(broker: Broker, mechanism: Mechanism, *, user: str = "carol", password: str = SECRET) -> KafkaSecurity:
    return KafkaSecurity.of("sasl_ssl", pem=broker.pem(), mechanism=mechanism, user=user, password=password)


async def test_a_service_comes_up_on_them_as_its_settings_say(broker: Broker) -> None:
    async with database(postgres_url()) as url:
        told = {
            "REVEILLE_EVENT_STORE": url,
            "REVEILLE_VIEWS": url,
            "REVEILLE_KEY": "ab" * 32,
            "REVEILLE_BUS": f"kafka://{broker.address('login')}",
            "REVEILLE_KAFKA_SECURITY": "sasl_ssl",
            "REVEILLE_KAFKA_CA": str(broker.ours.cert),
            "REVEILLE_KAFKA_SASL": "scram-sha-512",
            "REVEILLE_KAFKA_USER": "carol",
            "REVEILLE_PARTITIONS": "1",
            "REVEILLE_TOPIC_PREFIX": f"tls_{uuid4().hex[:8]}",
        }
        right = await serving("budget", **told, REVEILLE_KAFKA_PASSWORD=SECRET)
        assert right.startswith("reveille budget is up")
        wrong = await serving("budget", **told, REVEILLE_KAFKA_PASSWORD=WRONG)
        assert wrong.endswith("see REVEILLE_KAFKA_USER and REVEILLE_KAFKA_PASSWORD")
        assert WRONG not in wrong


async def serving(service: str, **told: str) -> str:
    """The first line that it says."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, "serve", service, stdout=PIPE, stderr=STDOUT, env=environment(**told)
    )
    assert process.stdout is not None
    async with asyncio.timeout(120):
        line = (await process.stdout.readline()).decode().strip()
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()
    return line


MECHANISMS = pytest.mark.parametrize("mechanism", ["plain", "scram-sha-256", "scram-sha-512"])


async def test_each_side_shows_its_certificate(broker: Broker) -> None:
    shown = KafkaSecurity.of("ssl", pem=broker.pem(broker.ours.issue("client", ())))
    assert await heard(broker, "mutual", shown) == ["t.a-1"]


@MECHANISMS
async def test_a_password_goes_by_tls(broker: Broker, mechanism: Mechanism) -> None:
    assert await heard(broker, "login", login(broker, mechanism)) == ["t.a-1"]


@MECHANISMS
async def test_a_password_goes_without_tls_where_that_is_said(broker: Broker, mechanism: Mechanism) -> None:
    security = KafkaSecurity.of(
        "sasl_plaintext", pem=Pem(names=FILES), mechanism=mechanism, user="carol", password=SECRET
    )
    await (await opened(broker.address("openlogin"), Topics(partitions=1), security)).close()


@MECHANISMS
async def test_a_wrong_password_or_user_names_the_settings_and_not_the_password(
    broker: Broker, mechanism: Mechanism
) -> None:
    told = "it does not know the user or the password, see REVEILLE_KAFKA_USER and REVEILLE_KAFKA_PASSWORD"
    assert await refused(broker, "login", login(broker, mechanism, password=WRONG)) == told
    assert await refused(broker, "login", login(broker, mechanism, user="nobody")) == told


async def test_a_client_without_a_certificate_or_of_a_foreign_authority_is_refused(broker: Broker) -> None:
    stranger = broker.foreign.issue("stranger", ())
    for pem in (broker.pem(), broker.pem(stranger)):
        told = await refused(broker, "mutual", KafkaSecurity.of("ssl", pem=pem))
        assert "refuses this side's certificate" in told
        assert told.endswith("see REVEILLE_KAFKA_CERT and REVEILLE_KAFKA_KEY")


async def test_a_broker_whose_certificate_does_not_hold_is_told_nothing(broker: Broker) -> None:
    reasons = {
        "login": (broker.foreign, "unable to get local issuer certificate"),
        "old": (broker.ours, "certificate has expired"),
        "other": (broker.ours, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    }
    for way, (ca, reason) in reasons.items():
        told = await refused(broker, way, KafkaSecurity.of("ssl", pem=broker.pem(ca=ca)))
        assert told == f"the server's certificate does not hold: {reason}, see REVEILLE_KAFKA_CA"


@pytest.mark.parametrize(("way", "kind"), [("login", "ssl"), ("openlogin", "ssl"), ("openlogin", "plaintext")])
async def test_to_be_spoken_to_in_another_way_names_the_setting(broker: Broker, way: str, kind: Kind) -> None:
    pem = broker.pem() if kind == "ssl" else Pem(names=FILES)
    assert "REVEILLE_KAFKA_SECURITY" in await refused(broker, way, KafkaSecurity.of(kind, pem=pem))


async def test_a_broker_that_asks_for_no_password_is_not_given_one(broker: Broker) -> None:
    security = KafkaSecurity.of(
        "sasl_plaintext", pem=Pem(names=FILES), mechanism="plain", user="carol", password=SECRET
    )
    told = await refused(broker, "plain", security)
    assert told == "it asks for no password there, see REVEILLE_KAFKA_SECURITY"
