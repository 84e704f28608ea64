"""What must hold for the compose file besides its schema. Each rule tells what breaks it; nothing: it holds."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Compose = dict[str, Any]

SERVICES: Final = ("ingress", "analyzer", "planner", "budget", "agent-runner")
# Of these any number may run; each replica finds a name of its own.
SCALED: Final = ("planner", "agent-runner")
SECRETS: Final = "/run/secrets/"
# Whose service builds the image of all; nothing of ours is taken from a registry.
BUILDS: Final = "ingress"
PULLED: Final = {True: "build", False: "never"}
# Images without a shell or anything else that could ask the program how it is.
MUTE: Final = ("otel-collector",)
# Of agents that connect from elsewhere.
AGENTS: Final = "agents"
DEFAULT: Final = re.compile(r"\$\{\w+:-([^}]*)\}")


def agents_of(compose: Compose) -> dict[str, Any]:
    return {name: one for name, one in compose["services"].items() if AGENTS in one.get("profiles", [])}


def waits_for_the_healthy_alone(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        for other, how in service.get("depends_on", {}).items():
            if how.get("condition") != "service_healthy":
                yield f"{name} waits for {other} without its health"
            if not compose["services"].get(other, {}).get("healthcheck", {}).get("test"):
                yield f"{name} waits for {other}, which has no health check"


def checks_the_health_of_all(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        test = service.get("healthcheck", {}).get("test", ["NONE"])
        if name in MUTE:
            continue
        if test[0] not in ("CMD", "CMD-SHELL") or len(test) < 2:
            yield f"{name} has no health check"


def pins_its_images(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        if not re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?", service["image"]):
            yield f"{name}'s image is {service['image']}, expected one with its version"


def lets_nobody_be_root(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        user = str(service.get("user", "root")).partition(":")[0]
        if user in ("root", "0", ""):
            yield f"{name} runs as root"
        if service.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name} may gain rights"
        if service.get("privileged") or service.get("cap_add"):
            yield f"{name} has rights of the host"


def bounds_and_restarts_all(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if not {"cpus", "memory", "pids"} <= limits.keys():
            yield f"{name} may take all of the machine"
        if service.get("restart") != "unless-stopped":
            yield f"{name} is not restarted"


def runs_our_services(compose: Compose, root: Path) -> Iterator[str]:
    for name in SERVICES:
        service = compose["services"].get(name)
        if service is None:
            yield f"{name} is missing"
            continue
        if service.get("command") != ["reveille", "serve", name]:
            yield f"{name} serves something else"
        if service["image"] != compose["services"].get(BUILDS, {}).get("image"):
            yield f"{name} has another image than the one that is built"
        if ("build" in service) != (name == BUILDS) or service.get("pull_policy") != PULLED[name == BUILDS]:
            yield f"{name} is built twice, or pulled"
        if not service.get("read_only") or "/tmp" not in service.get("tmpfs", []):
            yield f"{name} may write to its own files"


def names_members_apart(compose: Compose, root: Path) -> Iterator[str]:
    """Compose refuses to scale what has a container name: two members with one name would push each other out."""
    for name in SERVICES:
        service = compose["services"].get(name, {})
        instance = service.get("environment", {}).get("REVEILLE_INSTANCE")
        if (name in SCALED) != (instance is None):
            yield f"{name}'s instance is {instance}"
        if (instance is None) == ("container_name" in service):
            yield f"{name} has one name for many members, or many for one"


def publishes_on_loopback_alone(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            address = port.get("host_ip") if isinstance(port, dict) else str(port).rpartition(":")[0].rpartition(":")[0]
            if address != "127.0.0.1":
                yield f"{name} publishes {port}, expected 127.0.0.1:…"


def finds_its_files(compose: Compose, root: Path) -> Iterator[str]:
    for name, secret in compose.get("secrets", {}).items():
        if not (root / secret["file"]).is_file():
            yield f"the secret {name} is in no file"
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = DEFAULT.sub(r"\1", volume["source"] if isinstance(volume, dict) else volume.partition(":")[0])
            bound = isinstance(volume, dict) and volume["type"] == "bind"
            if bound and not (root / source).exists():
                yield f"{name} mounts {source}, which is not there"
            if bound and not volume.get("read_only"):
                yield f"{name} may write to {source}"
            if not bound and source not in compose.get("volumes", {}):
                yield f"{name} mounts {source}, which is no volume"
        if "build" in service and not (root / service["build"]["context"] / service["build"]["dockerfile"]).is_file():
            yield f"{name} has no Dockerfile"


def gives_secrets_to_those_who_read_them(compose: Compose, root: Path) -> Iterator[str]:
    for name, service in compose["services"].items():
        given = set(service.get("secrets", []))
        told = {str(value) for value in service.get("environment", {}).values()}
        read = {value.removeprefix(SECRETS) for value in told if value.startswith(SECRETS)}
        for secret in sorted(read ^ given):
            yield f"{name} reads the secret {secret} without having it, or has it and does not read it"
        for secret in sorted(given - compose.get("secrets", {}).keys()):
            yield f"{name} has the secret {secret}, which is none"
        for key, value in service.get("environment", {}).items():
            secret_name = re.search(r"(PASSWORD|SECRETS?|TOKEN|_KEYS?)$", key)
            if secret_name or re.search(r"://[^/@]*:[^/@]+@", str(value)):
                yield f"{name} is told a secret by {key}, expected a file"


def tells_what_is_known(compose: Compose, known: set[str]) -> Iterator[str]:
    for name in (*SERVICES, *agents_of(compose)):
        for variable in compose["services"].get(name, {}).get("environment", {}):
            if variable.startswith("REVEILLE_") and variable not in known:
                yield f"{name} is told {variable}, which nothing reads"


def names_peers_that_are_there(compose: Compose, root: Path) -> Iterator[str]:
    services = compose["services"]
    for name in SERVICES:
        environment = services.get(name, {}).get("environment", {})
        for variable, value in environment.items():
            found = re.fullmatch(r"(?:[a-z]+://)?([a-z][a-z-]+):(\d+)(?:[/?].*)?", str(value))
            if not found:
                continue
            host, port = found.groups()
            if host not in services:
                yield f"{name} is told {variable}={value}, and {host} is no service"
            elif host in SERVICES and services[host]["environment"].get("REVEILLE_GRPC_PORT") != port:
                yield f"{name} asks {host} at {port}, where it does not answer"


def connects_its_agents(compose: Compose, root: Path) -> Iterator[str]:
    ingress = compose["services"]["ingress"]
    port = str(int(ingress["environment"]["REVEILLE_PORT"]) + 1)
    keys = dict(one.split("=") for one in _secret(compose, root, "agent_keys").split(","))
    for name, agent in agents_of(compose).items():
        command, environment = agent.get("command", []), agent.get("environment", {})
        if command[:3] != ["reveille", "agent", "run"] or command[4:6] != ["--agent", name]:
            yield f"{name} runs another agent"
        if environment.get("REVEILLE_AGENT_URL") != f"ws://ingress:{port}":
            yield f"{name} connects to {environment.get('REVEILLE_AGENT_URL')}, where nobody takes agents"
        key = environment.get("REVEILLE_AGENT_KEY_FILE", "").removeprefix(SECRETS)
        if keys.get(name) != _secret(compose, root, key):
            yield f"{name} has a key that ingress does not know"
        if agent["image"] != compose["services"].get(BUILDS, {}).get("image") or "build" in agent:
            yield f"{name} has an image that nobody builds"
        if agent.get("healthcheck", {}).get("test", [])[-1:] != [environment.get("REVEILLE_AGENT_READY_FILE")]:
            yield f"{name} is looked after by a file that it does not make"
        if not agent.get("read_only") or "/tmp" not in agent.get("tmpfs", []):
            yield f"{name} may write to its own files"


def _secret(compose: Compose, root: Path, name: str) -> str:
    file = root / compose.get("secrets", {}).get(name, {}).get("file", "nowhere")
    return file.read_text().strip() if file.is_file() else ""


def listens_for_kafkas_clients(compose: Compose, root: Path) -> Iterator[str]:
    kafka = compose["services"]["kafka"]
    advertised = dict(one.split("://") for one in kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(","))
    listening = dict(one.split("://") for one in kafka["environment"]["KAFKA_LISTENERS"].split(","))
    for name, address in advertised.items():
        if listening.get(name, "").rpartition(":")[2] != address.rpartition(":")[2]:
            yield f"kafka tells its clients {name}={address}, where it does not listen"
    bus = compose["services"]["ingress"]["environment"]["REVEILLE_BUS"]
    if bus != f"kafka://{advertised.get('INSIDE')}":
        yield f"the bus is {bus}, where kafka does not listen"
    if f"{advertised.get('OUTSIDE')}:{advertised.get('OUTSIDE', '').rpartition(':')[2]}" not in kafka.get("ports", []):
        yield "kafka's outside listener is not published"


RULES: Final = (
    waits_for_the_healthy_alone,
    checks_the_health_of_all,
    pins_its_images,
    lets_nobody_be_root,
    bounds_and_restarts_all,
    runs_our_services,
    names_members_apart,
    publishes_on_loopback_alone,
    finds_its_files,
    gives_secrets_to_those_who_read_them,
    names_peers_that_are_there,
    connects_its_agents,
    listens_for_kafkas_clients,
)
