"""What a service of a cluster can be told, and what is said where it is told wrong."""

import pytest

from reveille.adapters.settings import read_settings
from reveille.cli.settings import ServeSettings
from reveille.kernel.errors import Misconfigured

KEY = "ab" * 32
GIVEN = {
    "REVEILLE_EVENT_STORE": "postgresql://me:hunter2@db/reveille",
    "REVEILLE_BUS": "kafka://broker:9092",
    "REVEILLE_VIEWS": "postgresql://me:hunter2@db/reveille",
}
INGRESS = {
    **GIVEN,
    "REVEILLE_KEY": KEY,
    "REVEILLE_ANALYZER": "analyzer:1",
    "REVEILLE_PLANNER": "planner:1",
    "REVEILLE_BUDGET": "budget:1",
    "REVEILLE_AGENT_RUNNER": "runner:1",
}


def settings(**changed: str) -> ServeSettings:
    return read_settings(ServeSettings, {**GIVEN, **changed})


@pytest.mark.parametrize("name", GIVEN)
def test_what_must_be_given_is_named_where_it_is_not(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name} is not set"):
        read_settings(ServeSettings, {key: value for key, value in GIVEN.items() if key != name})


@pytest.mark.parametrize("service", ["analyzer", "planner", "budget", "agent-runner"])
def test_every_service_needs_the_key_by_which_they_know_each_other(service: str) -> None:
    for bind in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(Misconfigured, match="REVEILLE_KEY is not set"):
            settings(REVEILLE_BIND=bind).check(service)
    settings(REVEILLE_KEY=KEY).check(service)


def test_blobs_are_where_the_views_are_unless_it_is_said() -> None:
    assert settings().blobs_url == GIVEN["REVEILLE_VIEWS"]
    assert settings(REVEILLE_BLOBS="postgresql://other/db").blobs_url == "postgresql://other/db"


def test_brokers_alone_are_kafkas() -> None:
    older = {key: value for key, value in GIVEN.items() if key != "REVEILLE_BUS"}
    assert read_settings(ServeSettings, {**older, "KAFKA_BROKERS": "a:1,b:2"}).bus == "kafka://a:1,b:2"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REVEILLE_EVENT_STORE", "sqlite:log.db", "expected one of postgresql://…, esdb://…"),
        ("REVEILLE_VIEWS", "sqlite:views", "expected postgresql://…"),
        ("REVEILLE_BLOBS", "/tmp/blobs", "expected postgresql://…"),
        ("REVEILLE_PARTITIONS", "0", "expected 1 to 1000"),
        ("REVEILLE_GRPC_PORT", "70000", "expected 0 to 65535"),
    ],
)
def test_what_cannot_be_is_named_with_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(Misconfigured, match=expected) as raised:
        settings(REVEILLE_KEY=KEY, **{name: value}).check("planner")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("name", [name for name in INGRESS if name not in GIVEN])
def test_ingress_needs_its_key_and_whom_it_asks(name: str) -> None:
    told = read_settings(ServeSettings, {key: value for key, value in INGRESS.items() if key != name})
    with pytest.raises(Misconfigured, match=f"{name} is not set"):
        told.check("ingress")


def test_ingress_with_all_of_it_is_content() -> None:
    read_settings(ServeSettings, INGRESS).check("ingress")


@pytest.mark.parametrize("address", ["planner", "planner:", ":1", "planner:x", "a:1,b"])
def test_whom_ingress_asks_must_have_a_port(address: str) -> None:
    told = read_settings(ServeSettings, {**INGRESS, "REVEILLE_PLANNER": address})
    with pytest.raises(Misconfigured, match=r"REVEILLE_PLANNER is .*, expected HOST:PORT"):
        told.check("ingress")


@pytest.mark.parametrize("key", ["ab" * 31, "secret", "zz" * 32])
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(Misconfigured, match="expected at least 32 bytes in hexadecimal digits") as raised:
        read_settings(ServeSettings, {**INGRESS, "REVEILLE_KEY": key})
    assert key not in str(raised.value)
