"""The compose file and what it mounts; every rule is broken once, to see that it can fail."""

import copy
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.cli.fleet_files import read_fleet
from reveille.cli.settings import ServeSettings
from reveille.ingress.settings import Settings as IngressSettings
from tests.architecture.compose import rules
from tests.architecture.compose.rules import RULES, SERVICES, Compose, agents_of

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy/compose"
LEAD, OPERATE, REVIEW = "claude-code-cli", "claude-desktop-agent", "cursor-ide-agent"
SCHEMA = json.loads((Path(__file__).parent / "compose/compose-spec.json").read_text())


def settings() -> set[str]:
    """Every variable that a service in a process of its own reads."""
    found = set()
    for one in (*fields(ServeSettings), *fields(IngressSettings)):
        names = {one.metadata["name"], *one.metadata["aliases"]}
        found |= names | ({f"{name}_FILE" for name in names} if one.metadata["secret"] else set())
    return found | {"REVEILLE_AGENT_URL", "REVEILLE_AGENT_KEY_FILE", "REVEILLE_AGENT_READY_FILE"}


def complaints(compose: Compose) -> list[str]:
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
    found = [f"schema: {error.message}" for error in validator.iter_errors(compose)]
    if found:  # the rules count on its shape
        return found
    for rule in RULES:
        found += rule(compose, ROOT)
    return [*found, *rules.tells_what_is_known(compose, settings())]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.fixture(scope="module")
def compose() -> Compose:
    read: Compose = load(ROOT / "docker-compose.yml")
    return read


def test_the_compose_file_is_valid_and_keeps_every_rule(compose: Compose) -> None:
    assert complaints(compose) == []


def services(change: Callable[[dict[str, Any]], Any]) -> Callable[[Compose], Any]:
    return lambda compose: change(compose["services"])


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda compose: compose.update(sevices={}), "schema: 'sevices'"),
        (services(lambda all: all["kafka"].update(healthcheck={"test": 3})), "schema: 3 is not"),
        (services(lambda all: all["postgres"].pop("healthcheck")), "which has no health check"),
        (services(lambda all: all["postgres"]["healthcheck"].update(test=["NONE"])), "postgres has no health check"),
        (
            services(lambda all: all["budget"]["depends_on"].update(kafka={"condition": "service_started"})),
            "its health",
        ),
        (services(lambda all: all["budget"]["depends_on"].update(kfka={"condition": "service_healthy"})), "kfka"),
        (services(lambda all: all["redis"].update(image="redis:latest")), "redis's image is redis:latest"),
        (services(lambda all: all["redis"].update(image="redis")), "redis's image is redis,"),
        (services(lambda all: all["postgres"].update(image="postgres:17")), "postgres's image is postgres:17,"),
        (services(lambda all: all["redis"].pop("user")), "redis runs as root"),
        (services(lambda all: all["planner"].update(user="0:0")), "planner runs as root"),
        (services(lambda all: all["planner"].pop("cap_drop")), "planner may gain rights"),
        (services(lambda all: all["planner"].update(security_opt=[])), "planner may gain rights"),
        (services(lambda all: all["kafka"].update(privileged=True)), "kafka has rights of the host"),
        (services(lambda all: all["jaeger"].pop("deploy")), "jaeger may take all"),
        (services(lambda all: all["jaeger"].pop("restart")), "jaeger is not restarted"),
        (services(lambda all: all.pop("budget")), "budget is missing"),
        (services(lambda all: all["budget"].update(command=["reveille", "serve", "planner"])), "budget serves"),
        (
            services(lambda all: all["budget"].update(image="reveille:v0.2.0")),
            "another image than the one that is built",
        ),
        (services(lambda all: all["budget"].update(build=all["ingress"]["build"])), "budget is built twice, or pulled"),
        (services(lambda all: all["budget"].pop("pull_policy")), "budget is built twice, or pulled"),
        (services(lambda all: all["ingress"].pop("build")), "ingress is built twice, or pulled"),
        (services(lambda all: all["budget"].pop("read_only")), "budget may write"),
        (services(lambda all: all["budget"].pop("tmpfs")), "budget may write"),
        (services(lambda all: all["budget"].pop("container_name")), "one name for many members"),
        (services(lambda all: all["planner"].update(container_name="planner-1")), "one name for many members"),
        (services(lambda all: all["planner"]["environment"].update(REVEILLE_INSTANCE="planner-1")), "instance is"),
        (services(lambda all: all["ingress"]["ports"].append("3004:3004")), "ingress publishes 3004:3004"),
        (services(lambda all: all["ingress"]["ports"].append("0.0.0.0:3004:3004")), "ingress publishes 0.0.0.0"),
        (services(lambda all: all["ingress"]["ports"].append("3004")), "ingress publishes 3004,"),
        (services(lambda all: all["ingress"]["ports"].append({"target": 3004, "published": "3004"})), "publishes {"),
        (lambda compose: compose["secrets"]["views_url"].update(file="./nowhere"), "views_url is in no file"),
        (services(lambda all: all["jaeger"]["volumes"][0].update(source="./nowhere")), "./nowhere, which is not there"),
        (services(lambda all: all["jaeger"]["volumes"][0].pop("read_only")), "jaeger may write"),
        (lambda compose: compose["volumes"].pop("kafka-data"), "kafka-data, which is no volume"),
        (services(lambda all: all["ingress"]["build"].update(dockerfile="Dockerfile")), "ingress has no Dockerfile"),
        (services(lambda all: all["budget"].update(secrets=[])), "budget reads the secret views_url"),
        (services(lambda all: all["budget"]["secrets"].append("wake_token")), "budget reads the secret wake_token"),
        (
            services(
                lambda all: all["grafana"]["depends_on"].update(
                    {"otel-collector": all["grafana"]["depends_on"]["prometheus"]}
                )
            ),
            "waits for otel-collector, which has no health check",
        ),
        (lambda compose: compose["secrets"].pop("views_url"), "the secret views_url, which is none"),
        (services(lambda all: all["postgres"]["environment"].update(POSTGRES_PASSWORD="x")), "by POSTGRES_PASSWORD"),
        (
            services(lambda all: all["budget"]["environment"].update(REVEILLE_VIEWS="postgresql://a:b@c/d")),
            "a secret by",
        ),
        (
            services(lambda all: all["budget"]["environment"].update(REVEILLE_VEIWS="x")),
            "REVEILLE_VEIWS, which nothing",
        ),
        (services(lambda all: all["ingress"]["environment"].update(REVEILLE_BUDGET="bugdet:50051")), "bugdet is no"),
        (services(lambda all: all["ingress"]["environment"].update(REVEILLE_BUDGET="budget:50052")), "budget at 50052"),
        (
            services(lambda all: all["kafka"]["environment"].update(KAFKA_LISTENERS="INSIDE://:9095")),
            "INSIDE=kafka:9092",
        ),
        (services(lambda all: all["ingress"]["environment"].update(REVEILLE_BUS="kafka://kafka:29092")), "the bus is"),
        (services(lambda all: all["kafka"].update(ports=[])), "outside listener is not published"),
        (
            services(lambda all: all["ingress"]["environment"].update(REVEILLE_AGENT_KEYS="a=b")),
            "by REVEILLE_AGENT_KEYS",
        ),
        (
            services(lambda all: all["ingress"]["volumes"][0].update(source="./${FLEET:-nowhere}")),
            "./nowhere, which is",
        ),
        (services(lambda all: all[LEAD].update(command=all[REVIEW]["command"])), f"{LEAD} runs another agent"),
        (services(lambda all: all[LEAD]["environment"].update(REVEILLE_AGENT_URL="ws://ingress:3006")), "takes agents"),
        (services(lambda all: all[LEAD].update(environment=all[REVIEW]["environment"])), f"{LEAD} has a key that"),
        (services(lambda all: all[LEAD].update(image="reveille-agents:0.1.0")), f"{LEAD} has an image that nobody"),
        (services(lambda all: all[LEAD]["healthcheck"].update(test=["CMD", "true"])), "a file that it does not make"),
        (services(lambda all: all[LEAD].pop("read_only")), f"{LEAD} may write to its own"),
        (services(lambda all: all[LEAD]["environment"].update(REVEILLE_AGNET_URL="x")), "REVEILLE_AGNET_URL, which"),
    ],
)
def test_a_spoilt_compose_file_is_found_out(compose: Compose, spoil: Callable[[Compose], Any], complaint: str) -> None:
    # Through JSON: what YAML's anchors share would be spoilt for all.
    spoilt = json.loads(json.dumps(compose))
    spoil(spoilt)
    assert [found for found in complaints(spoilt) if complaint in found], complaints(spoilt)


def test_the_secrets_of_development_fit_each_other(compose: Compose) -> None:
    values = {name: (ROOT / secret["file"]).read_text().strip() for name, secret in compose["secrets"].items()}
    assert len(bytes.fromhex(values["reveille_key"])) == 32
    database = compose["services"]["postgres"]["environment"]
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert values["views_url"] == f"postgresql://{user}:{values['postgres_password']}@postgres:5432/{name}"
    assert all(Path(secret["file"]).name.startswith("dev-") for secret in compose["secrets"].values())


def test_the_fleet_of_the_containers_is_the_one_that_ships() -> None:
    assert read_fleet(DEPLOY / "fleet.yaml") == read_fleet(None)


def test_agents_in_containers_of_their_own_are_remote_in_the_fleet_for_them_and_nothing_else_is(
    compose: Compose,
) -> None:
    """Each runs the skill that the agent-runner would run for it."""
    here = {one.name: one for one in read_fleet(DEPLOY / "fleet.yaml").agents}
    fleet = read_fleet(DEPLOY / "fleet-remote.yaml")
    assert {one.name for one in fleet.agents if one.remote} == set(agents_of(compose)) == {LEAD, OPERATE, REVIEW}
    assert {name: one["command"][3] for name, one in agents_of(compose).items()} == {
        name: here[name].skill for name in agents_of(compose)
    }
    for one in fleet.agents:
        one.remote, one.skill, one.heartbeat_ms = False, here[one.name].skill, here[one.name].heartbeat_ms
    assert fleet == read_fleet(DEPLOY / "fleet.yaml")


def scraped(prometheus: dict[str, Any]) -> set[str]:
    """`host:port` of every target."""
    found = set()
    for job in prometheus["scrape_configs"]:
        found |= {target for static in job.get("static_configs", []) for target in static["targets"]}
        found |= {f"{name}:{dns['port']}" for dns in job.get("dns_sd_configs", []) for name in dns["names"]}
    return found


def test_prometheus_asks_every_service_for_text(compose: Compose) -> None:
    prometheus = load(DEPLOY / "prometheus.yml")
    targets = scraped(prometheus)
    admin = compose["services"]["ingress"]["environment"]["REVEILLE_ADMIN_PORT"]
    assert targets >= {f"{service}:{admin}" for service in SERVICES}
    assert "otel-collector:8888" in targets
    assert {target.partition(":")[0] for target in targets} - {"127.0.0.1"} <= compose["services"].keys()


def test_prometheus_takes_its_configuration_and_the_alert_rules(compose: Compose, tmp_path: Path) -> None:
    volumes = [one for one in compose["services"]["prometheus"]["volumes"] if isinstance(one, dict)]
    text = (DEPLOY / "prometheus.yml").read_text()
    for one in volumes:
        text = text.replace(one["target"], str(ROOT / one["source"]))
    (tmp_path / "prometheus.yml").write_text(text)
    done = subprocess.run(
        ["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    count = sum(len(group["rules"]) for group in load(ROOT / "deploy/telemetry/alerts/reveille.yaml")["groups"])
    assert f"{count} rules found" in done.stdout


def test_grafanas_sources_are_services(compose: Compose) -> None:
    sources = load(DEPLOY / "grafana/provisioning/datasources/reveille.yaml")["datasources"]
    assert {source["url"].split("//")[1].partition(":")[0] for source in sources} <= compose["services"].keys()
    assert {source["uid"] for source in sources} == {"prometheus", "jaeger"}


def test_grafana_finds_the_dashboards_and_begins_with_the_fleet(compose: Compose) -> None:
    """What they are made of: tests/architecture/test_dashboards.py."""
    [provider] = load(DEPLOY / "grafana/provisioning/dashboards/reveille.yaml")["providers"]
    grafana = compose["services"]["grafana"]
    mounted = {one["target"]: ROOT / one["source"] for one in grafana["volumes"] if isinstance(one, dict)}
    assert mounted.keys() == {provider["options"]["path"], "/etc/grafana/provisioning"}
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert str(home.parent) == provider["options"]["path"]
    shown = [json.loads(path.read_text()) for path in mounted[str(home.parent)].glob("*.json")]
    assert {one["uid"] for one in shown} == {f"reveille-{path.stem}" for path in mounted[str(home.parent)].iterdir()}
    assert f"reveille-{home.stem}" in {one["uid"] for one in shown}
    # Their variable takes the first Prometheus that there is.
    sources = load(DEPLOY / "grafana/provisioning/datasources/reveille.yaml")["datasources"]
    assert [source["type"] for source in sources if source.get("isDefault")] == ["prometheus"]


def unplugged(config: dict[str, Any]) -> set[str]:
    """Parts that are used and not set up, or set up and not used."""
    used = set(config["service"].get("extensions", []))
    for pipeline in config["service"]["pipelines"].values():
        used |= {part for kind in ("receivers", "processors", "exporters") for part in pipeline[kind]}
    kinds = ("extensions", "receivers", "processors", "exporters")
    return used ^ {part for kind in kinds for part in config.get(kind, {})}


def test_spans_go_by_the_collector_to_jaeger(compose: Compose) -> None:
    collector = load(DEPLOY / "otel-collector.yaml")
    assert unplugged(collector) == set()
    port = collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    endpoints = {compose["services"][name]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] for name in SERVICES}
    assert endpoints == {f"http://otel-collector:{port}"}
    jaeger = load(DEPLOY / "jaeger.yaml")["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    assert collector["exporters"]["otlp"]["endpoint"] == f"jaeger:{jaeger}"


def test_the_collector_keeps_errors_and_what_is_slow_whatever_share_of_the_rest_is_kept(compose: Compose) -> None:
    collector = load(DEPLOY / "otel-collector.yaml")
    policies = {policy["type"]: policy for policy in collector["processors"]["tail_sampling"]["policies"]}
    assert policies["status_code"]["status_code"] == {"status_codes": ["ERROR"]}
    assert policies.keys() == {"status_code", "latency", "probabilistic"}
    told = re.findall(r"\$\{env:(\w+)\}", (DEPLOY / "otel-collector.yaml").read_text())
    assert set(told) == compose["services"]["otel-collector"]["environment"].keys()
    assert load(DEPLOY / "otel-collector.yaml")["service"]["pipelines"]["traces"]["processors"][-1] == "batch"


def test_jaeger_shows_what_it_keeps() -> None:
    jaeger = load(DEPLOY / "jaeger.yaml")
    assert unplugged(jaeger) == set()
    store = jaeger["extensions"]["jaeger_query"]["storage"]["traces"]
    assert store == jaeger["exporters"]["jaeger_storage_exporter"]["trace_storage"]
    assert store in jaeger["extensions"]["jaeger_storage"]["backends"]
    spoilt = copy.deepcopy(jaeger)
    del spoilt["receivers"]["otlp"]
    assert unplugged(spoilt) == {"otlp"}
