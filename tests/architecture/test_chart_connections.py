"""Who may connect to whom: what the chart's NetworkPolicies allow is what the services' READMEs say, both ways."""

import copy
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.architecture.chart.rendering import ROOT, Object, of_kind, render
from tests.architecture.chart.rules import SERVICES

# Each peer on a port of its own, so that a rule says by its port whose it is.
PORTS: Final = {
    "eventStore": 10001,
    "views": 10002,
    "blobs": 10003,
    "kafka": 10004,
    "redis": 10005,
    "telemetry": 10006,
    "web": 10007,
    "models": 10008,
}
CALLED: Final = {
    "eventStore": "event store",
    "views": "views' database",
    "blobs": "blobs' database",
    "kafka": "Kafka",
    "redis": "Redis",
    "telemetry": "collector",
    "web": "web",
    "models": "models",
}
PEERS: Final = {53: "DNS"} | {port: CALLED[peer] for peer, port in PORTS.items()}
COMPONENT: Final = "app.kubernetes.io/component"

Connection = tuple[str, str]


def policies(value_set: str, *more: str) -> dict[str, Object]:
    found = of_kind(render(value_set, *more), "NetworkPolicy")
    return {one["spec"]["podSelector"]["matchLabels"].get(COMPONENT, ""): one["spec"] for one in found}


def apart() -> dict[str, Object]:
    return policies("full", *(f"networkPolicy.peers.{peer}.ports=[{port}]" for peer, port in PORTS.items()))


def allowed(spec: Object) -> set[Connection]:
    return set(_allowed(spec))


def _allowed(spec: Object) -> Iterator[Connection]:
    for direction, rules, others in (("to", spec.get("egress", []), "to"), ("from", spec.get("ingress", []), "from")):
        for rule in rules:
            ports = {port["port"] for port in rule["ports"]}
            if ports == {50051}:
                [selected] = rule[others]
                yield direction, selected["podSelector"]["matchLabels"][COMPONENT]
            elif direction == "to":
                [port] = ports
                yield direction, PEERS[port]
            else:
                yield direction, {(8081,): "Prometheus", (3004, 3005, 3006): "anybody"}[tuple(sorted(ports))]


def told(service: str) -> set[Connection]:
    text = (ROOT / f"services/{service}/README.md").read_text()
    section = text.partition("\n## Connections\n")[2].partition("\n## ")[0]
    return {(row[0], row[1]) for row in re.findall(r"^\| (to|from) \| ([^|]+) \|", section, re.MULTILINE)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_connect_as_its_readme_says_and_not_otherwise(service: str) -> None:
    assert allowed(apart()[service]) == told(service)


def test_both_ends_of_a_call_allow_it() -> None:
    found = {service: allowed(apart()[service]) for service in SERVICES}
    calls = {
        (service, other) for service in SERVICES for way, other in found[service] if way == "to" and other in found
    }
    heard = {
        (other, service) for service in SERVICES for way, other in found[service] if way == "from" and other in found
    }
    assert calls == heard
    assert len(calls) == 5


def test_what_is_not_allowed_is_denied_for_every_pod_of_the_release() -> None:
    deny = policies("minimal")[""]
    assert deny == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "reveille", "app.kubernetes.io/instance": "r"}},
        "policyTypes": ["Ingress", "Egress"],
    }
    for name, spec in policies("full").items():
        assert spec["policyTypes"] == ["Ingress", "Egress"], name


def test_a_peer_that_is_not_given_is_not_allowed() -> None:
    ports = [f"networkPolicy.peers.{peer}.ports=[{port}]" for peer, port in PORTS.items()]
    bare = policies("minimal", *ports)
    gone = {("to", CALLED[peer]) for peer in ("blobs", "redis", "telemetry")}
    for service in SERVICES:
        assert allowed(bare[service]) == told(service) - gone
    blobs = policies("minimal", *ports, "secrets.blobs.value=postgresql://blobs/x")
    assert {name for name in SERVICES if ("to", "blobs' database") in allowed(blobs[name])} == {
        "ingress",
        "agent-runner",
    }


def test_text_from_outside_is_no_way_to_a_private_address() -> None:
    for service, port in (("ingress", PORTS["web"]), ("agent-runner", PORTS["models"])):
        [rule] = [one for one in apart()[service]["egress"] if one["ports"][0]["port"] == port]
        blocks = [block["ipBlock"] for block in rule["to"]]
        closed = {private for block in blocks for private in block["except"]}
        assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"} <= closed


def test_jobs_and_tests_connect_to_what_they_need() -> None:
    found = apart()
    assert allowed(found["setup"]) == {
        ("to", name) for name in ("DNS", "event store", "views' database", "blobs' database", "Kafka")
    }
    assert [sorted(port["port"] for port in rule["ports"]) for rule in found["test"]["egress"]] == [[53, 53], [3004]]
    [door] = [rule for rule in found["ingress"]["ingress"] if rule["ports"][0]["port"] == 3004]
    callers: list[Any] = door["from"]
    assert {"podSelector": {"matchLabels": found["test"]["podSelector"]["matchLabels"]}} in callers
    assert len(callers) == 2


def test_a_connection_too_many_or_too_few_is_found_out() -> None:
    spec = copy.deepcopy(apart()["budget"])
    spec["egress"] = spec["egress"][1:]
    assert told("budget") - allowed(spec) == {("to", "DNS")}
    spec["egress"].append({"ports": [{"port": PORTS["web"], "protocol": "TCP"}]})
    assert allowed(spec) - told("budget") == {("to", "web")}
