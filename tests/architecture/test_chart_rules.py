"""What must hold for whatever the chart makes; every rule is broken once, to see that it can fail."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.architecture.chart.rendering import VALUE_SETS, Object, of_kind, render
from tests.architecture.chart.rules import RULES
from tests.architecture.chart.shapes import misshapen


def complaints(objects: Sequence[Object]) -> list[str]:
    return [found for rule in RULES for found in rule(list(objects))]


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_what_it_makes_keeps_every_rule(value_set: str) -> None:
    assert complaints(render(value_set)) == []


def first(kind: str, change: Callable[[Any], Any]) -> Callable[[list[Object]], Any]:
    return lambda objects: change(of_kind(objects, kind)[0])


def in_pods(change: Callable[[Any], Any]) -> Callable[[list[Object]], Any]:
    return first("StatefulSet", lambda one: change(one["spec"]["template"]["spec"]))


def in_container(change: Callable[[Any], Any]) -> Callable[[list[Object]], Any]:
    return in_pods(lambda spec: change(spec["containers"][0]))


def told(name: str, value: str) -> Callable[[list[Object]], Any]:
    return in_container(lambda one: one["env"].append({"name": name, "value": value}))


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (in_pods(lambda spec: spec["securityContext"].pop("runAsNonRoot")), "may run as root"),
        (in_pods(lambda spec: spec["securityContext"].pop("seccompProfile")), "any system call"),
        (in_pods(lambda spec: spec.pop("automountServiceAccountToken")), "a token of the cluster"),
        (in_pods(lambda spec: spec.pop("enableServiceLinks")), "REVEILLE_PORT"),
        (in_pods(lambda spec: spec.update(hostNetwork=True)), "a part of its host"),
        (in_pods(lambda spec: spec["volumes"].append({"name": "x", "hostPath": {"path": "/"}})), "of its host or of a"),
        (in_container(lambda one: one["securityContext"].pop("allowPrivilegeEscalation")), "may gain rights"),
        (in_container(lambda one: one["securityContext"].pop("readOnlyRootFilesystem")), "write to its image"),
        (in_container(lambda one: one["securityContext"].pop("capabilities")), "has capabilities"),
        (in_container(lambda one: one["volumeMounts"][0].pop("readOnly")), "may write to /run/secrets/reveille"),
        (in_container(lambda one: one["resources"].pop("limits")), "may take all"),
        (in_container(lambda one: one.update(image="reveille:latest")), "expected one with its version"),
        (in_container(lambda one: one.update(command=["reveille", "serve", "ingress"])), "serves something else"),
        (lambda objects: objects.remove(of_kind(objects, "StatefulSet")[0]), "there are ["),
        (first("StatefulSet", lambda one: one.update(kind="Deployment")), "is a Deployment"),
        (in_container(lambda one: one["env"].pop(0)), "not called as their pods"),
        (in_container(lambda one: one.pop("livenessProbe")), "livenessProbe does not ask"),
        (in_container(lambda one: one["readinessProbe"]["httpGet"].update(path="/healthz")), "readinessProbe does not"),
        (in_container(lambda one: one.pop("lifecycle")), "stopped before others know"),
        (in_pods(lambda spec: spec.update(terminationGracePeriodSeconds=40)), "killed before its runs"),
        (lambda objects: objects.remove(of_kind(objects, "PodDisruptionBudget")[0]), "may be evicted at once"),
        (in_pods(lambda spec: spec["topologySpreadConstraints"].pop()), "may be on one node"),
        (in_pods(lambda spec: spec.update(serviceAccountName="nobody")), "nobody, which is none"),
        (first("StatefulSet", lambda one: one["spec"].update(serviceName="nobody")), "nobody, which is none"),
        (told("REVEILLE_X", "nobody:50051"), "stands for nobody"),
        (told("REVEILLE_ADMIN_KEY", "x"), "told a secret by REVEILLE_ADMIN_KEY"),
        (told("REVEILLE_BUS", "kafka://a:b@c"), "told a secret by REVEILLE_BUS"),
        (in_container(lambda one: one.update(envFrom=[{"secretRef": {"name": "x"}}])), "whole secrets"),
        (told("REVEILLE_ADMIN_KEY_FILE", "/run/secrets/reveille/admin-key"), "and reads"),
        (told("REVEILLE_FLEET", "/etc/reveille/fleet.yaml"), "where nothing is mounted"),
        (in_pods(lambda spec: spec["volumes"].pop()), "mounts ["),
        (first("StatefulSet", lambda one: one["metadata"]["labels"].pop("app.kubernetes.io/version")), "lacks labels"),
    ],
)
def test_a_spoilt_chart_is_found_out(spoil: Callable[[list[Object]], Any], complaint: str) -> None:
    objects = copy.deepcopy(list(render("minimal")))
    spoil(objects)
    assert [found for found in complaints(objects) if complaint in found], complaints(objects)


@pytest.mark.parametrize(
    ("kind", "spoil", "complaint"),
    [
        ("StatefulSet", lambda one: one["spec"].update(replcias=1), "replcias"),
        ("NetworkPolicy", lambda one: one["spec"].update(policyTypes="Egress"), "policyTypes"),
        ("ScaledObject", lambda one: one["spec"].pop("triggers"), "triggers"),
        ("ScaledObject", lambda one: one.update(apiVersion="keda.sh/v1"), "expected keda.sh/v1alpha1"),
        ("Rollout", lambda one: one["spec"]["strategy"]["canary"].update(stepz=[]), "stepz"),
        ("Rollout", lambda one: one["spec"]["template"]["spec"].update(contaners=[]), "contaners"),
        ("AnalysisTemplate", lambda one: one["spec"]["metrics"][0].update(failureLimit=[]), "failureLimit"),
        ("HTTPRoute", lambda one: one["spec"]["rules"][0]["timeouts"].update(request="5x"), "request"),
        ("PodMonitor", lambda one: one["spec"].update(selctor={}), "selctor"),
    ],
)
def test_a_misshapen_object_is_found_out(kind: str, spoil: Callable[[Object], Any], complaint: str) -> None:
    one = copy.deepcopy(of_kind(render("keda-canary"), kind)[0])
    assert list(misshapen(one)) == []
    spoil(one)
    assert [found for found in misshapen(one) if complaint in found]
