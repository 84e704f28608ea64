"""The Helm chart, rendered with several sets of values and without a cluster."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.native import helm_program
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
    render_copy,
)
from tests.architecture.chart.rules import SERVICES, WORKLOADS
from tests.architecture.chart.shapes import misshapen

# What is not read by the settings' classes stands in the page all the same.
PAGE = set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", (ROOT / "docs/settings.md").read_text()))
INGRESS_ALONE = {one.metadata["name"] for one in fields(IngressSettings)} - {
    one.metadata["name"] for one in fields(ServeSettings)
}
SECRET = {
    one.metadata["name"] for cls in (ServeSettings, IngressSettings) for one in fields(cls) if one.metadata["secret"]
} | {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_helm_finds_nothing_wrong_with_the_chart(value_set: str) -> None:
    assert lint(value_set) == ""


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_what_it_makes_has_the_shape_that_kubernetes_asks_for(value_set: str) -> None:
    objects = render(value_set)
    assert len(objects) > 20
    assert [found for one in objects for found in misshapen(one)] == []


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


def test_ingress_alone_is_told_what_is_before_it() -> None:
    told = {where: settings_of(pod).get("REVEILLE_TRUSTED_PROXIES") for where, pod in pod_templates(render("full"))}
    assert {where: value for where, value in told.items() if value} == {
        "Deployment/platform-ingress": "10.0.0.7,10.244.0.0/16,fd00::/64"
    }
    policies = {
        one["metadata"]["name"]: one["spec"].get("externalTrafficPolicy") for one in of_kind(render("full"), "Service")
    }
    assert {name: policy for name, policy in policies.items() if policy} == {"platform-ingress": "Local"}


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


def test_alert_rules_that_stand_beside_the_chart_come_with_it(tmp_path: Path) -> None:
    rule = {"alert": "Away", "expr": "up == 0", "annotations": {"summary": "{{ $labels.job }} is away"}}
    files = {f"alerts/{name}.yaml": yaml.safe_dump({"groups": [{"name": name, "rules": [rule]}]}) for name in "ab"}
    objects = render_copy(tmp_path, files, "monitoring.rules.enabled=true")
    assert not isinstance(objects, str), objects
    [made] = of_kind(objects, "PrometheusRule")
    assert [group["name"] for group in made["spec"]["groups"]] == ["a", "b"]
    assert made["spec"]["groups"][0]["rules"] == [rule]
    assert list(misshapen(made)) == []


def test_without_alert_rules_there_are_none_to_enable(tmp_path: Path) -> None:
    said = render_copy(tmp_path, {}, "monitoring.rules.enabled=true")
    assert "monitoring.rules.enabled is set and this chart has no alerts/*.yaml" in str(said)


def test_the_chart_comes_with_the_alert_rules_and_the_dashboards_of_the_platform() -> None:
    telemetry = ROOT / "deploy/telemetry"
    [made] = of_kind(render("full"), "PrometheusRule")
    shipped = (telemetry / "alerts/reveille.yaml").read_text()
    # Who is told by a message can follow only a whole address.
    whole = shipped.replace("docs/runbooks/", "https://git.example.com/reveille/docs/runbooks/")
    assert made["spec"]["groups"] == yaml.safe_load(whole)["groups"]
    assert list(misshapen(made)) == []
    dashboards = [one for one in of_kind(render("full"), "ConfigMap") if "-dashboard-" in one["metadata"]["name"]]
    assert {name: text for one in dashboards for name, text in one["data"].items()} == {
        f"reveille-{path.name}": path.read_text() for path in (telemetry / "dashboards").iterdir()
    }
    assert {one["metadata"]["labels"]["grafana_dashboard"] for one in dashboards} == {"1"}
    assert not [one for one in of_kind(render("minimal"), "PrometheusRule", "ConfigMap") if "grafana" in str(one)]


def test_the_alerts_know_the_pods_by_the_job_that_the_monitor_gives_them() -> None:
    [monitor] = of_kind(render("full"), "PodMonitor")
    [endpoint] = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["relabelings"] == [{"targetLabel": "job", "replacement": "reveille"}]
    rules = yaml.safe_load((ROOT / "deploy/telemetry/alerts/reveille.yaml").read_text())["groups"][0]["rules"]
    [selector] = re.findall(r'job=~"([^"]+)"', rules[0]["expr"])
    assert re.fullmatch(selector, "reveille")


def test_one_pod_can_be_upgraded_before_the_others() -> None:
    updates = {
        component(one): one["spec"]["updateStrategy"]["rollingUpdate"]["partition"]
        for one in of_kind(render("minimal", "services.planner.updateFrom=1"), "StatefulSet")
    }
    assert updates == {"agent-runner": 0, "analyzer": 0, "budget": 0, "planner": 1}


def test_the_readme_names_every_set_of_values_and_nothing_that_is_not_there() -> None:
    text = (CHART / "README.md").read_text()
    assert sorted(re.findall(r"\[ci/([a-z-]+)\.yaml\]", text)) == VALUE_SETS
    for path in re.findall(r"\]\(((?!https?:)[^)#]+)", text):
        assert (CHART / path).exists(), path


def test_the_makefile_builds_the_helm_that_the_tests_use() -> None:
    assert f"HELM := {helm_program.HELM.relative_to(ROOT)}\n" in (ROOT / "Makefile").read_text()


def test_nobody_is_set_up_where_setup_is_off() -> None:
    assert of_kind(render("nginx-canary"), "Job", "NetworkPolicy") == []


def test_the_chart_is_of_the_version_of_what_it_installs() -> None:
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = re.search(r'^version = "(.+)"$', (ROOT / "packages/cli/pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert about["version"] == about["appVersion"] == version[1]
