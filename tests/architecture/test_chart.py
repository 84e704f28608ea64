"""The Helm chart, rendered with several sets of values; every rule is broken once, to see that it can fail."""

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import pytest
import yaml

from reveille.cli.settings import ServeSettings
from reveille.ingress.settings import Settings as IngressSettings
from tests.architecture.chart.rendering import (
    CHART,
    ROOT,
    VALUE_SETS,
    Object,
    component,
    lint,
    notes,
    of_kind,
    pod_templates,
    render,
)
from tests.architecture.chart.rules import RULES, SERVICES, WORKLOADS
from tests.architecture.chart.shapes import misshapen

# What is not read by the settings' classes stands in the page all the same.
PAGE = set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", (ROOT / "docs/settings.md").read_text()))
INGRESS_ALONE = {one.metadata["name"] for one in fields(IngressSettings)} - {
    one.metadata["name"] for one in fields(ServeSettings)
}
SECRET = {
    one.metadata["name"] for cls in (ServeSettings, IngressSettings) for one in fields(cls) if one.metadata["secret"]
} | {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}
STORE = "postgresql://reveille:planted"


def complaints(objects: Sequence[Object]) -> list[str]:
    return [found for rule in RULES for found in rule(list(objects))]


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_helm_finds_nothing_wrong_with_the_chart(value_set: str) -> None:
    assert lint(value_set) == ""


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_what_it_makes_has_the_shape_that_kubernetes_asks_for(value_set: str) -> None:
    objects = render(value_set)
    assert len(objects) > 20
    assert [found for one in objects for found in misshapen(one)] == []


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_what_it_makes_keeps_every_rule(value_set: str) -> None:
    assert complaints(render(value_set)) == []


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_no_two_objects_have_one_name(value_set: str) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in render(value_set)]
    assert sorted(names) == sorted(set(names))


def settings_of(pod: Object) -> dict[str, Any]:
    return {about["name"]: about.get("value", "") for about in pod["spec"]["containers"][0].get("env", [])}


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_each_variable_that_it_sets_is_a_setting_that_the_service_reads(value_set: str) -> None:
    for where, pod in pod_templates(render(value_set)):
        for variable in settings_of(pod):
            name = variable.removesuffix("_FILE") if variable.removesuffix("_FILE") in SECRET else variable
            assert name in PAGE, f"{where} is told {variable}, which docs/settings.md does not know"
            assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "ingress" or name not in INGRESS_ALONE, (
                f"{where} is told {variable}, which ingress alone reads"
            )


def test_what_is_planted_in_values_stands_in_secrets_alone() -> None:
    for value_set in ("minimal", "external-tls-sasl", "tenants"):
        rest = [one for one in render(value_set) if one["kind"] != "Secret"]
        assert "planted" not in yaml.safe_dump(rest)
        assert "planted" not in notes(value_set)
        secrets = yaml.safe_dump(of_kind(render(value_set), "Secret"))
        assert "planted" not in secrets  # in base64
        assert "cGxhbnRlZC" in secrets or "cGxhbnRlZ" in secrets


def test_values_that_are_no_secret_are_in_no_secret_and_nothing_is_made_where_all_exist() -> None:
    assert of_kind(render("full"), "Secret") == []
    [made] = of_kind(render("tenants"), "Secret")
    assert list(made["data"]) == ["tenant-secrets"]


def test_each_service_has_just_the_secrets_that_it_reads() -> None:
    found = {
        where.partition("/")[2]: {name for name in settings_of(pod) if name.endswith("_FILE")}
        for where, pod in pod_templates(render("full"))
    }
    every = {"REVEILLE_KEY_FILE", "REVEILLE_EVENT_STORE_FILE", "REVEILLE_VIEWS_FILE", "REVEILLE_ENCRYPTION_KEYS_FILE"}
    assert found["platform-budget"] - {"REVEILLE_BLOBS_FILE"} == every
    assert found["platform-planner"] - found["platform-budget"] == {"REVEILLE_REDIS_URL_FILE"}
    assert {"ANTHROPIC_API_KEY_FILE", "OPENAI_API_KEY_FILE"} <= found["platform-agent-runner"]
    assert "REVEILLE_ADMIN_KEY_FILE" in found["platform-ingress"]
    assert found["platform-migrate"] == found["platform-topics"]
    assert "REVEILLE_KEY_FILE" not in found["platform-migrate"]


def checksums(*more: str) -> dict[str, Any]:
    return {
        component(one): one["spec"]["template"]["metadata"]["annotations"]
        for one in of_kind(render("minimal", *more), *WORKLOADS)
    }


@pytest.mark.parametrize(
    "more", ["secrets.adminKey.value=another-one-0123456789abcdef-0123456", "fleet.file=agents: {}"]
)
def test_who_changes_what_is_mounted_restarts_those_who_read_it(more: str) -> None:
    before, after = checksums(), checksums(more)
    assert before["ingress"] != after["ingress"]
    assert checksums() == before
    assert before == checksums("services.planner.replicas=3")


def test_replicas_are_left_to_whoever_scales() -> None:
    fixed = {component(one) for one in of_kind(render("keda-canary"), *WORKLOADS) if "replicas" in one["spec"]}
    assert fixed == set()
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one for one in of_kind(render("keda-canary"), "ScaledObject")}
    assert {name.removeprefix("r-reveille-") for name in scaled} == set(SERVICES) - {"ingress"}
    [trigger] = scaled["r-reveille-planner"]["spec"]["triggers"]
    assert trigger["metadata"]["topic"] == "reveille.planner.inbox.v1"
    assert trigger["metadata"]["consumerGroup"] == "reveille.planner"
    [hpa] = of_kind(render("keda-canary"), "HorizontalPodAutoscaler")
    assert hpa["spec"]["scaleTargetRef"]["kind"] == "Rollout"


def test_what_scales_names_what_is_there() -> None:
    for value_set in VALUE_SETS:
        there = {(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in render(value_set)}
        for one in of_kind(render(value_set), "ScaledObject", "HorizontalPodAutoscaler"):
            target = one["spec"]["scaleTargetRef"]
            assert (target["apiVersion"], target["kind"], target["name"]) in there


def test_kedas_way_to_kafka_is_the_services() -> None:
    objects = render("external-tls-sasl")
    [way] = of_kind(objects, "TriggerAuthentication")
    told = {about["parameter"]: (about["name"], about["key"]) for about in way["spec"]["secretTargetRef"]}
    assert told.keys() == {"tls", "sasl", "username", "password", "ca", "cert", "key"}
    secrets = {
        one["metadata"]["name"]: {**one.get("data", {}), **one.get("stringData", {})}
        for one in of_kind(objects, "Secret")
    }
    assert told["password"] == ("r-reveille-secrets", "kafka-password")
    assert all(key in secrets[name] for name, key in told.values() if name.startswith("r-"))
    assert secrets["r-reveille-kafka"] == {"tls": "enable", "sasl": "scram_sha512", "username": "reveille"}


def test_a_rollout_changes_over_to_services_that_are_there() -> None:
    for value_set, strategy in (("blue-green", "blueGreen"), ("keda-canary", "canary"), ("nginx-canary", "canary")):
        objects = render(value_set)
        services = {one["metadata"]["name"] for one in of_kind(objects, "Service")}
        [rollout] = of_kind(objects, "Rollout")
        about = rollout["spec"]["strategy"][strategy]
        named = {value for key, value in about.items() if key.endswith("Service")}
        assert len(named) == 2
        assert named <= services
        wanted = (
            {"templateName": one["metadata"]["name"]}
            if (one := next(iter(of_kind(objects, "AnalysisTemplate")), None))
            else {}
        )
        run = about.get("analysis") or about.get("postPromotionAnalysis") or {}
        assert run.get("templates", [{}])[0] == wanted
    [ingress] = of_kind(render("nginx-canary"), "Ingress")
    [rollout] = of_kind(render("nginx-canary"), "Rollout")
    assert (
        rollout["spec"]["strategy"]["canary"]["trafficRouting"]["nginx"]["stableIngress"] == ingress["metadata"]["name"]
    )


def test_an_analysis_asks_for_metrics_that_are_measured() -> None:
    measured = {
        one["name"]: one for one in yaml.safe_load((ROOT / "deploy/telemetry/metrics.yaml").read_text())["metrics"]
    }
    [template] = of_kind(render("keda-canary"), "AnalysisTemplate")
    asked = set()
    for metric in template["spec"]["metrics"]:
        for name, labels in re.findall(
            r"(reveille_[a-z_]+)\{([^}]*(?:\}\}[^}]*)?)\}", metric["provider"]["prometheus"]["query"]
        ):
            known = measured[name.removesuffix("_bucket")]
            asked.add(known["name"])
            own = {label.strip() for label in re.findall(r"([a-z_]+)=", labels)} - {
                "namespace",
                "rollouts_pod_template_hash",
            }
            assert own <= set(known["labels"])
    assert asked == {"reveille_http_requests_total", "reveille_wake_seconds"}
    [monitor] = of_kind(render("keda-canary"), "PodMonitor")
    assert monitor["spec"]["podTargetLabels"] == ["rollouts-pod-template-hash"]


def test_the_jobs_before_an_upgrade_run_commands_that_there_are() -> None:
    from reveille.cli.main import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    jobs = sorted(
        of_kind(render("minimal"), "Job"), key=lambda one: int(one["metadata"]["annotations"]["helm.sh/hook-weight"])
    )
    commands = [one["spec"]["template"]["spec"]["containers"][0]["command"] for one in jobs]
    assert commands == [["reveille", "migrate", "all"], ["reveille", "topics"]]
    assert {command[1] for command in commands} <= known
    [copy_of_secrets] = [
        one for one in of_kind(render("minimal"), "Secret") if "helm.sh/hook" in one["metadata"].get("annotations", {})
    ]
    assert int(copy_of_secrets["metadata"]["annotations"]["helm.sh/hook-weight"]) < 0
    assert sorted(copy_of_secrets["data"]) == ["event-store", "views"]


def test_nobody_is_set_up_where_setup_is_off() -> None:
    assert of_kind(render("nginx-canary"), "Job", "NetworkPolicy") == []


def test_the_chart_is_of_the_version_of_what_it_installs() -> None:
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = re.search(r'^version = "(.+)"$', (ROOT / "packages/cli/pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert about["version"] == about["appVersion"] == version[1]


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
