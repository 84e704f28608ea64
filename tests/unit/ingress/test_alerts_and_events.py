"""Alertmanager's alerts, CloudEvents and the doors that a fleet names for itself, as signals."""

from typing import Any

import pytest

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Source
from reveille.ingress.domain import alerts, cloudevents, custom
from reveille.ingress.domain.delivery import MAX_SEVERAL, kind_of
from reveille.ingress.domain.refusals import Invalid, Malformed, Refusal
from tests.recorded import payload


def alert(**changed: Any) -> dict[str, Any]:
    return {**payload("prometheus/alerts")["alerts"][0], **changed}


def test_each_alert_is_a_signal_of_its_own() -> None:
    firing, resolved = (one.delivery for one in alerts.normalise(payload("prometheus/alerts")))
    assert (firing.source, firing.kind, firing.means) == ("prometheus", "alert.firing", "alert.firing")
    assert (resolved.kind, resolved.means) == ("alert.resolved", "alert.resolved")
    assert firing.content == SignalContent(
        repository="acme/storage",
        title="disk sda1 on example1 is 93% full",
        summary="It fills up in about 4 hours.",
        severity="critical",
        url="http://prometheus.example:9090/graph?g0.expr=disk_used",
        labels={
            "alertname": "DiskRunningFull",
            "dev": "sda1",
            "instance": "example1",
            "severity": "critical",
            "repository": "acme/storage",
        },
    )
    assert (resolved.content.title, resolved.content.summary) == ("HighLatency", "p99 is above 1 s")


def test_an_alert_is_known_by_fingerprint_status_and_start() -> None:
    def key(**changed: Any) -> str:
        (found,) = alerts.normalise({"alerts": [alert(**changed)]})
        return found.delivery.key

    assert key() == key(annotations={"summary": "97% full"}, endsAt="2026-11-21T12:00:00Z")
    others = {key(status="resolved"), key(startsAt="2026-11-21T11:00:00Z"), key(fingerprint="x")}
    assert len(others | {key()}) == 4


def test_an_alert_without_a_fingerprint_is_known_by_its_labels() -> None:
    one, same, other = (
        alerts.normalise({"alerts": [alert(fingerprint=None, labels=labels)]})[0].delivery.key
        for labels in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1"})
    )
    assert one == same != other


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "alerts"),
        ({"alerts": []}, "alerts"),
        ({"alerts": {}}, "alerts"),
        ({"alerts": [7]}, "alerts[0]"),
        ({"alerts": [alert(), alert(status="pending")]}, "alerts[1].status"),
        ({"alerts": [alert(status=["firing"])]}, "alerts[0].status"),
        ({"alerts": [alert(startsAt=None)]}, "alerts[0].startsAt"),
        ({"alerts": [alert(labels=[])]}, "alerts[0].labels"),
    ],
)
def test_one_wrong_alert_refuses_all_and_is_named(document: Any, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        alerts.normalise(document)
    assert caught.value.errors[0].path == path


EVENT = {"specversion": "1.0", "id": "e-1", "source": "/shop", "type": "Shop.Order Created"}


def test_an_event_is_told_by_its_attributes_and_by_its_data_where_that_uses_our_words() -> None:
    data = {"repository": "acme/shop", "actor": "ada", "number": 7, "paths": ["a"], "labels": ["new"]}
    found = cloudevents.signal(cloudevents.single({**EVENT, "subject": "order 7", "data": data}))
    assert (found.source, found.kind, found.means) == ("events", "shop.order_created", "other")
    assert found.content == SignalContent(
        actor="ada",
        repository="acme/shop",
        number=7,
        title="order 7",
        labels={"new": "true", "source": "/shop", "subject": "order 7"},
        paths=["a"],
        paths_known=True,
    )


def test_an_event_that_uses_our_word_means_it() -> None:
    assert cloudevents.signal({**EVENT, "type": "pipeline.failed"}).means == "pipeline.failed"


def test_an_event_is_known_by_its_source_and_its_id() -> None:
    keys = {
        cloudevents.signal({**EVENT, **changed}).key
        for changed in ({}, {"data": 1}, {"id": "e-2"}, {"source": "/other"})
    }
    assert len(keys) == 3


@pytest.mark.parametrize("data", [None, [], "text", 7, True])
def test_data_that_is_no_object_says_nothing(data: Any) -> None:
    assert dict(cloudevents.signal({**EVENT, "data": data}).content.labels) == {"source": "/shop"}


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": 1.0}, "specversion"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x" * 256}, "id"),
        ({"source": "a\x1fb"}, "source"),
        ({"type": None}, "type"),
        ({"subject": 7}, "subject"),
        ({"data_base64": "***"}, "data_base64"),
        ({"data_base64": "YQ==", "data": 1}, "data_base64"),
    ],
)
def test_a_wrong_attribute_is_named(changed: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        cloudevents.single({**EVENT, **changed})
    assert [error.path for error in caught.value.errors] == [path]


def test_every_wrong_event_of_a_batch_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        cloudevents.batch([EVENT, {}, 7, {**EVENT, "id": ""}])
    assert [error.path for error in caught.value.errors] == [
        *("[1].specversion", "[1].id", "[1].source", "[1].type", "[2]", "[3].id"),
    ]


def test_a_batch_holds_so_many_events_and_may_hold_none() -> None:
    assert cloudevents.batch([]) == []
    assert len(cloudevents.batch([EVENT] * MAX_SEVERAL)) == MAX_SEVERAL
    with pytest.raises(Invalid, match="1001 events"):
        cloudevents.batch([EVENT] * (MAX_SEVERAL + 1))
    with pytest.raises(Invalid, match="1001 alerts"):
        alerts.normalise({"alerts": [alert()] * (MAX_SEVERAL + 1)})
    with pytest.raises(Malformed):
        cloudevents.batch({})


def test_headers_are_percent_encoded_and_a_body_that_is_no_json_is_kept_as_it_is() -> None:
    headers = {"specversion": "1.0", "id": "e-1", "source": "/caf%C3%A9", "type": "t", "x-y": "no attribute"}
    event = cloudevents.from_headers(headers, "text/plain", b"hi", None)
    assert event == {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/café",
        "type": "t",
        "datacontenttype": "text/plain",
        "data_base64": "aGk=",
    }
    with pytest.raises(Malformed, match="ce-source"):
        cloudevents.from_headers({**headers, "source": "%FF"}, "", b"", None)


FIELDS = {
    "kind": "/event",
    "repository": "/repo/name",
    "number": "/change",
    "title": "/list/1/t",
    "severity": "=high",
    "labels": "/tags",
    "paths": "/files",
    "draft": "/wip",
    "id": "/uid",
    "summary": "/a~1b/m~0n",
}
TOLD = {
    "event": "Backup.Finished",
    "repo": {"name": "acme/app"},
    "change": "12",
    "list": [{}, {"t": "two"}],
    "tags": {"env": "prod", "n": 3},
    "files": ["b", "a"],
    "wip": True,
    "uid": 77,
    "a/b": {"m~n": "deep"},
}


def source(**fields: str) -> Source:
    return Source(name="backup", fields=fields)


def test_a_source_says_where_its_words_stand() -> None:
    found = custom.normalise(source(**FIELDS), TOLD, "")
    assert (found.source, found.kind, found.means) == ("custom", "backup.finished", "other")
    assert found.key == "backup\x1f77"
    assert found.content == SignalContent(
        repository="acme/app",
        number=12,
        title="two",
        severity="high",
        summary="deep",
        draft=True,
        labels={"env": "prod", "n": "3"},
        paths=["a", "b"],
        paths_known=True,
    )


def test_what_the_payload_has_not_reads_as_nothing() -> None:
    found = custom.normalise(source(**FIELDS), {}, "")
    assert (found.kind, found.key) == ("custom.backup", "")
    assert found.content == SignalContent(severity="high")


def test_the_senders_own_id_goes_before_the_one_in_the_payload() -> None:
    assert custom.normalise(source(**FIELDS), TOLD, "msg_1").key == "backup\x1fmsg_1"


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ({"means": "=alert.firing"}, "alert.firing"),
        ({"means": "=nonsense", "kind": "=pipeline.failed"}, "pipeline.failed"),
        ({"means": "/event"}, "other"),
        ({"kind": "=code.pushed"}, "code.pushed"),
    ],
)
def test_a_source_means_what_it_says_in_our_words(fields: dict[str, str], means: str) -> None:
    assert custom.normalise(source(**fields), TOLD, "").means == means


def test_a_payload_may_be_a_list_and_no_less() -> None:
    assert custom.normalise(source(title="/0/t"), [{"t": "x"}], "").content.title == "x"
    with pytest.raises(Malformed):
        custom.normalise(source(), 7, "")


def test_an_id_that_is_no_key_is_refused() -> None:
    with pytest.raises(Refusal, match="the field id"):
        custom.normalise(source(id="/uid"), {"uid": "with a space"}, "")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Build Finished", "build_finished"),
        ("com.Example.X", "com.example.x"),
        (".a..b.", "a.b"),
        ("¡", ""),
        ("a.¡.b", "a.b"),
        ("", ""),
        ("..", ""),
        ("a" * 200, "a" * 100),
    ],
)
def test_any_word_becomes_a_kind(told: str, kind: str) -> None:
    assert kind_of(told) == kind
