"""The notifications of a fleet file: what is read, what is refused, and what it makes of the fleet in force."""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from reveille.contracts.ingress.v1.events_pb2 import Limits, Notification
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.bootstrap import fleet_from
from reveille.ingress.domain.fleet import WantedFleet, changes, differences, with_blueprints
from reveille.kernel.fleet import Fleet, fold
from tests.unit.ingress.test_fleet_file import as_editors_read_it

SCHEMA = json.loads(files("reveille.ingress.schemas").joinpath("fleet.schema.json").read_text())
WHOLE = """
  - name: ops
    on: [agent-complete, orchestration-complete]
    agents: [a, venue-agent]
    departments: [story]
    blueprints: [party, film-scene]
    statuses: [failed, cancelled]
    url: https://ops.example.com:8443/hooks/reveille?from=here
    retries: {attempts: 20, backoff: 30s}
    timeout: 3s
  - {name: plain, url: "http://[::1]:80"}
"""
NOTHING = WantedFleet(tenant="default", agents=[], rules=[], limits=Limits())


def text(notifications: str) -> str:
    return f"version: 1\nagents: {{a: {{skill: m:f}}}}\nnotifications: {notifications}\n"


def mistakes(notifications: str) -> list[str]:
    with pytest.raises(FleetFileInvalid) as error:
        fleet_from(text(notifications), file="f")
    return [f"{one.path}: {one.what}" for one in error.value.mistakes]


def test_a_notification_has_what_it_says_and_else_what_is_built_in() -> None:
    ops, plain = fleet_from(text(WHOLE), file="f").notifications
    assert ops == Notification(
        name="ops",
        types=["agent-complete", "orchestration-complete"],
        agents=["a", "venue-agent"],
        departments=["story"],
        blueprints=["party", "film-scene"],
        statuses=["failed", "cancelled"],
        url="https://ops.example.com:8443/hooks/reveille?from=here",
        attempts=20,
        backoff_ms=30_000,
        timeout_ms=3_000,
    )
    assert plain == Notification(name="plain", url="http://[::1]:80", attempts=8, backoff_ms=5_000, timeout_ms=10_000)


def test_the_schema_takes_what_the_reader_takes() -> None:
    jsonschema.validate(as_editors_read_it(text(WHOLE)), SCHEMA)


# What the reader says of each; the schema refuses them all.
REFUSED = [
    ("[{name: x}]", "notifications[0]: `url` is missing"),
    ("[{url: 'http://h'}]", "notifications[0]: `name` is missing"),
    ("[{name: x, url: 'http://h', on: [agent-ends]}]", "notifications[0].on[0]: it is 'agent-ends' (did you mean"),
    ("[{name: x, url: 'http://h', on: []}]", "notifications[0].on: it has 0 names, expected 1 to 100"),
    ("[{name: x, url: 'http://h', statuses: [ended]}]", "notifications[0].statuses[0]: it is 'ended'"),
    ("[{name: x, url: 'http://h', agents: [a, a]}]", "notifications[0].agents: it is a, a, expected each name once"),
    ("[{name: x, url: 'ftp://h'}]", "notifications[0].url: it is 'ftp://h', expected a URL like"),
    ("[{name: x, url: 'http://'}]", "notifications[0].url: it is 'http://', expected a URL like"),
    ("[{name: x, url: 'http://h h'}]", "notifications[0].url: it is 'http://h h', expected a URL like"),
    ("[{name: x, url: 'http://u:p@h'}]", "notifications[0].url: it has a user name or a password in it"),
    ("[{name: x, url: 'http://h/#top'}]", "notifications[0].url: it has a fragment"),
    ("[{name: x, url: 'http://h', retries: {attempts: 21}}]", "notifications[0].retries.attempts: it is 21"),
    ("[{name: x, url: 'http://h', secret: s}]", "notifications[0].secret: unknown key `secret`"),
    ("{x: {url: 'http://h'}}", "notifications: it is a mapping, expected a list"),
]


@pytest.mark.parametrize(("notifications", "told"), REFUSED)
def test_what_is_wrong_is_named_and_the_schema_refuses_it_too(notifications: str, told: str) -> None:
    assert any(one.startswith(told) for one in mistakes(notifications)), mistakes(notifications)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_editors_read_it(text(notifications)), SCHEMA)


@pytest.mark.parametrize(
    ("notifications", "told"),
    [
        ("[{name: x, url: 'http://h', agents: [b]}]", "notifications[0].agents[0]: agent 'b' is not in this fleet"),
        (
            "[{name: x, url: 'http://h', departments: [stroy]}]",
            "notifications[0].departments[0]: department 'stroy' is not in this fleet (did you mean `story`?)",
        ),
        ("[{name: x, url: 'http://h', blueprints: [prty]}]", "notifications[0].blueprints[0]: blueprint 'prty' is not"),
        (
            "[{name: x, url: 'http://h'}, {name: x, url: 'http://g'}]",
            "notifications[1].name: notification 'x' is there already, first in line 3",
        ),
        ("[{name: x, url: 'http://h', timeout: 6m}]", "notifications[0].timeout: it is '6m', expected a duration"),
        ("[{name: x, url: 'http://h:0'}]", "notifications[0].url: it is 'http://h:0', expected a URL like"),
    ],
)
def test_what_only_the_whole_fleet_tells_is_named(notifications: str, told: str) -> None:
    assert any(one.startswith(told) for one in mistakes(notifications)), mistakes(notifications)


def applied(fleet: Fleet, wanted: WantedFleet) -> Fleet:
    events = changes(fleet, wanted)
    return fold(fleet, [(event, fleet.revision + 1 + number) for number, event in enumerate(events)])


def test_only_notifications_that_changed_are_told() -> None:
    one, two = (Notification(name=name, url="http://h") for name in ("one", "two"))
    fleet = applied(Fleet(), replace(NOTHING, notifications=[one, two]))
    assert fleet.notifications == {"one": one, "two": two}
    assert changes(fleet, replace(NOTHING, notifications=[two, one])) == []
    other = replace(NOTHING, notifications=[Notification(name="one", url="http://g")])
    names = [event.DESCRIPTOR.name for event in changes(fleet, other)]
    assert names == ["NotificationRemoved", "NotificationDefined", "FleetApplied"]
    found: list[Any] = [(one.kind, one.name, one.change) for one in differences(fleet, other)]
    assert found == [("notification", "one", "changed"), ("notification", "two", "removed")]
    assert list(applied(fleet, other).notifications) == ["one"]


def test_a_fleet_that_gets_the_blueprints_that_ship_keeps_its_notifications() -> None:
    one = Notification(name="one", url="http://h")
    fleet = applied(Fleet(), replace(NOTHING, notifications=[one]))
    assert list(with_blueprints(fleet, fleet_from(text("[]"), file="f")).notifications) == [one]
